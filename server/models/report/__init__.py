"""The report of a recording: the numbers and the strips that a reader of a Holter wants, from its annotation, by NumPy alone."""
