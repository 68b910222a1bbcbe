"""The report of a recording as a page to read and to print, as numbers, and a line for each recording of a folder."""
