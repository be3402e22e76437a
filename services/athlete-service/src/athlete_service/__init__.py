"""The favourite athlete; the smallest example of a service on the chassis."""
