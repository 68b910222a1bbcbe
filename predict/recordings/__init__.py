"""Recordings in, their beats beside them out."""
