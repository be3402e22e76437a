"""What can go wrong, by name."""

import math

from chassis import (
    BadRequest,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Problem,
    Unauthorized,
    UnprocessableContent,
)


class UsernameTaken(Conflict):
    """Another account has this name, in some letter case."""


class BadCursor(BadRequest):
    """The `before` of a list is not one that a page of the blog gave out."""


class PostNotFound(NotFound):
    """There is no such post, or not for this reader."""


class CommentNotFound(NotFound):
    """There is no such comment, or not for this reader."""


class RevisionNotFound(NotFound):
    """The post never had this version, or has it now."""


class UnfitText(UnprocessableContent):
    """A text is too long, or has what a page cannot hold."""


class UnfitArchive(UnprocessableContent):
    """An uploaded archive is not one of posts, or too large unpacked."""


class UnfitImage(UnprocessableContent):
    """An uploaded image is none, broken, or too large."""


class ImageNotFound(NotFound):
    """There is no such image, or not in this account."""


class TooManyImages(Conflict):
    """The account has as many images as one may have."""


class TokenNotFound(NotFound):
    """The account has no such token."""


class TooManyTokens(Conflict):
    """The account has as many tokens as one may have."""


class NotAuthenticated(Unauthorized):
    """The request carries no token, or none that is good."""


class PostChanged(PreconditionFailed):
    """The post is not the one that the client read."""


class AuthorNotFound(NotFound):
    """Nobody has this name."""


class NotTheAuthor(Forbidden):
    """Only its author may change a post."""


class EditConflict(Conflict):
    """The post was changed since it was opened for editing."""


class TooManyLogins(Problem):
    """Too many failed logins of this account or from this address.

    Arguments:
        seconds: time until the next try is allowed.
    """

    status = 429

    def __init__(self, seconds: float) -> None:
        wait = max(1, math.ceil(seconds))
        minutes = math.ceil(wait / 60)
        unit = "minute" if minutes == 1 else "minutes"
        super().__init__(
            f"Too many failed logins. Try again in {minutes} {unit}.", headers={"Retry-After": str(wait)}
        )
