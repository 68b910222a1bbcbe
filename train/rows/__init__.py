"""Rows of features: read, split, learned, evaluated, saved."""
