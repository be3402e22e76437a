"""Forms: filled from the request that the guard has let through."""

from typing import Any

from flask import request
from wtforms import Form

# What neither a page nor a feed can hold.
CONTROLS = frozenset(map(chr, [*range(0x20), 0x7F])) - {"\t", "\n"}


def one_line_end(text: str | None) -> str:
    """Browsers send CRLF; a text has one kind of line end."""
    return (text or "").replace("\r\n", "\n").replace("\r", "\n")


class PageForm(Form):
    """A form of a page; empty until it is sent.

    Arguments:
        blank: stay empty also then, for a page with several forms.
    """

    def __init__(self, *, blank: bool = False) -> None:
        self.submitted = request.method == "POST" and not blank
        super().__init__(request.form if self.submitted else None)

    def submitted_well(self) -> bool:
        """Tell whether the form was sent and is valid."""
        return self.submitted and self.validate()


def add_error(field: Any, message: str) -> None:
    """Show a message with a field, as a validator would."""
    field.errors = [*field.errors, message]
