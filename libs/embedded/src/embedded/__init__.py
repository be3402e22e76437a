"""The embedded way to run: every service a process on one machine."""
