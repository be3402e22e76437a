"""One door for all services: nginx from one routing table."""
