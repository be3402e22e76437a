"""What can go wrong, as the client sees it."""

from chassis import BadRequest, NotFound, UnprocessableContent


class NoAddress(BadRequest):
    """The caller came through something that has no IP address, such as a Unix socket."""


class UnknownAddress(NotFound):
    """The address never called, or was removed."""


class BadParameter(UnprocessableContent):
    """A query parameter has no valid value."""
