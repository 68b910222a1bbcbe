"""Recordings in, a network that finds their beats and names them out."""
