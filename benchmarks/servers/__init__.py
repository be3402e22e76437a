"""What the services are measured against."""
