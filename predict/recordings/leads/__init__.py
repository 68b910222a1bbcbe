"""What leads are called, which are derived from others, and what all of a recording say together."""
