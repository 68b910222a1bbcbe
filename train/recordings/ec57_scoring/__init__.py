"""Beats found and classified against beats annotated, counted as ANSI/AAMI EC57 does."""
