"""Archives of rows in, answers beside them out."""
