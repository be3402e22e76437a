"""The page on which a person tries it: whole without its script."""

import base64
import hashlib
from importlib.resources import files
from typing import Final, NamedTuple
from urllib.parse import parse_qs

from markupsafe import Markup

from chassis import BadRequest, FieldError, UnprocessableContent
from shout_service.body import MAX_TEXT, check_text
from shout_service.reversal import UNITS, Unit
from shout_service.service import Shout, Source

FORM: Final = "application/x-www-form-urlencoded"
MAX_FORM: Final = 3 * MAX_TEXT + 1024  # a form may write %00 for one byte
MAX_FIELDS: Final = 10
EXAMPLES: Final = ("hello, world!", "straße, ﬁn, ᾳ", "👩‍👩‍👧 waves 🇳🇿 cafe\u0301")
ORIGINS: Final[dict[Source, str]] = {
    "upstream": "SHOUTCLOUD made these capitals just now.",
    "cache": "SHOUTCLOUD made these capitals before, and they were kept.",
    "fallback": "SHOUTCLOUD does not answer, so these capitals were made here.",
}


class Wish(NamedTuple):
    """What a person asks for."""

    text: str = ""
    unit: Unit = "grapheme"


def _read(name: str) -> Markup:
    return Markup((files("shout_service") / "web" / name).read_text("utf-8"))  # noqa: S704 our own file


def _source_of(content: str) -> str:
    """The Content-Security-Policy's source that admits an inline element."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


_PAGE, _STYLE, _SCRIPT = map(_read, ("page.html", "page.css", "page.js"))
_EXAMPLE: Final = Markup('<button class="example" name="text" value="{text}" dir="auto">{text}</button>\n')
HEADERS: Final = {
    "Cache-Control": "no-store",
    "Vary": "Accept",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src {_source_of(_STYLE)}; script-src {_source_of(_SCRIPT)}; "
        "connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
}


def read_wish(body: bytes) -> Wish:
    """Read what the form sends; the last text counts, which is the example that was pressed.

    Raises:
        BadRequest: it is no form in UTF-8.
        UnprocessableContent: a field is missing or unknown.
        ContentTooLarge: the text has more than 64 KiB.
    """
    try:
        fields = parse_qs(
            body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError as exc:
        raise BadRequest("The form cannot be read.") from exc
    if "text" not in fields:
        raise _fault("text", "is missing")
    units = [unit for unit in UNITS if unit == fields.get("unit", ["grapheme"])[-1]]
    if not units:
        raise _fault("unit", f"{' or '.join(UNITS)} is expected")
    return Wish(check_text(fields["text"][-1].replace("\r\n", "\n")), units[0])


def render_page(wish: Wish, answer: Shout | None, *, root: str) -> bytes:
    """The page.

    Arguments:
        wish: what is in the form.
        answer: of the form; None before the first.
        root: public path prefix of the service.
    """
    page = _PAGE.format(
        root=root,
        style=_STYLE,
        script=_SCRIPT,
        text=wish.text,
        examples=Markup("").join(_EXAMPLE.format(text=text) for text in EXAMPLES),
        graphemes=Markup(" checked") if wish.unit == "grapheme" else "",
        codepoints=Markup(" checked") if wish.unit == "codepoint" else "",
        hidden=Markup(" hidden") if answer is None else "",
        answer=answer.text if answer else "",
        source=answer.source if answer else "",
        origin=ORIGINS[answer.source] if answer else "",
        **ORIGINS,
    )
    return page.encode()


def _fault(name: str, detail: str) -> UnprocessableContent:
    return UnprocessableContent("There is no text to shout.", errors=[FieldError(f"/{name}", detail)])
