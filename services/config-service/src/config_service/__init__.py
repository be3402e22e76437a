"""Configuration documents with history."""
