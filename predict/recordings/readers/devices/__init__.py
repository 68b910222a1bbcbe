"""Formats of devices of their own: carts, Holter recorders, wearables."""
