"""Forms in UTF-8, or none: werkzeug would put other characters in the place of what is not."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from io import BytesIO
from typing import IO

import flask
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.formparser import FormDataParser

from chassis._problem import BadRequest

_ESCAPED = re.compile(rb"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_REPLACED = "\ufffd"
Parsed = tuple[IO[bytes], MultiDict[str, str], MultiDict[str, FileStorage]]


class StrictForms(FormDataParser):
    """Parses forms (WHATWG URL §5.1, RFC 7578) and refuses what is not UTF-8.

    Raises:
        BadRequest: when it is not.
    """

    def parse(
        self,
        stream: IO[bytes],
        mimetype: str,
        content_length: int | None,
        options: MutableMapping[str, str] | None = None,
    ) -> Parsed:
        """Parse a form."""
        if mimetype == "application/x-www-form-urlencoded":
            content = stream.read()
            _check(content)
            stream = BytesIO(content)
        parsed = super().parse(stream, mimetype, content_length, options)  # type: ignore[arg-type]
        if mimetype == "multipart/form-data" and any(
            _REPLACED in text for item in parsed[1].items(multi=True) for text in item
        ):
            raise BadRequest("The form is not UTF-8.")
        return parsed


class Request(flask.Request):
    """Flask's request, with strict forms."""

    form_data_parser_class = StrictForms


def _check(content: bytes) -> None:
    try:
        content.decode()
        bytes.fromhex(b"20".join(_ESCAPED.findall(content)).replace(b"%", b"").decode()).decode()
    except UnicodeDecodeError:
        raise BadRequest("The form is not UTF-8.") from None
