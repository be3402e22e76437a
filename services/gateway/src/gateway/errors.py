"""What can go wrong before nginx runs."""


class GatewayError(Exception):
    """A fault to show to the user as one line."""
