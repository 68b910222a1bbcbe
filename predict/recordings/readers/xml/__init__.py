"""Formats of recordings in XML."""
