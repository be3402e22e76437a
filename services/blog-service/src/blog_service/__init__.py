"""A small multi-user blog."""
