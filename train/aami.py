"""The five beat classes of ANSI/AAMI EC57, in the standard's order."""

AAMI = ("N", "S", "V", "F", "Q")
