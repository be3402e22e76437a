"""Reverses a string, then uppercases it through SHOUTCLOUD."""
