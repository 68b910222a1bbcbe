"""Rows before anything is learned: files read, columns told apart, beats drawn."""
