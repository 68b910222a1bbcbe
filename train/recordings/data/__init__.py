"""Recordings as data: built-in ones, prepared leads and beats, augmented batches."""
