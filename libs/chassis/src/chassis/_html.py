"""A small page that needs nothing but itself: for errors and plain HTML answers."""

import base64
import hashlib
from dataclasses import dataclass

from markupsafe import Markup, escape

_STYLE = """
:root { color-scheme: light dark; }
body { max-width: 42rem; margin: 3rem auto; padding: 0 1rem; line-height: 1.5;
  font-family: system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.6rem; line-height: 1.2; }
code { font-family: ui-monospace, monospace; }
.aside { font-size: 0.875rem; }
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
_PAGE = Markup(
    '<!DOCTYPE html>\n<html lang="{lang}">\n<head>\n<meta charset="utf-8">\n'
    '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    "<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
)
_HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; "
        "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    ),
}


@dataclass(frozen=True, slots=True)
class HTMLPage:
    """A page and the headers it needs: its type and the policy that admits its style sheet."""

    content: bytes
    headers: dict[str, str]


def html_page(title: str, body: str, *, lang: str = "en") -> HTMLPage:
    """Build a self-contained HTML5 page.

    Arguments:
        title: plain text.
        body: `markupsafe.Markup`, or plain text, which is escaped.
        lang: the BCP 47 tag of its language.
    """
    page = _PAGE.format(lang=lang, title=title, style=Markup(_STYLE), body=escape(body))  # noqa: S704 constant
    return HTMLPage(page.encode("utf-8", "replace"), dict(_HEADERS))
