"""Measurements: how good, how fast. Not part of the installed package."""
