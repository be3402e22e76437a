"""The JSON API: the rules of the pages, for programs."""
