"""Comments: what readers say, and what the author of a post lets stand."""
