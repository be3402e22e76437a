"""Posts: what is written, and who may see it."""
