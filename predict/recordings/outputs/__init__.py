"""The answers to a recording: their names, their files, and where they come from."""
