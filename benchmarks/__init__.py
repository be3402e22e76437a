"""Ratios against bare handlers in the same run."""
