"""Rows as data: files, columns and their roles, built-in beats, augmented batches."""
