"""Recordings with annotated beats: read, split, learned, evaluated, saved."""
