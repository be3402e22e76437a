"""Addresses in the media types that a client may ask for."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from markupsafe import Markup

from chassis import best_match, html_page
from ip_service.quota import RawHeaders


def _keep(text: str) -> str:
    return text


def _escape_quoted(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"')


@dataclass(frozen=True)
class Representation:
    """One way to write addresses.

    Attributes:
        media_type: without its charset.
        escape: makes a text, of one or several lines, fit for this type.
        one: before and after a single address; HTML has a page of its own for it.
        each: before and after an address in a list.
        glue: between two addresses.
        many: before the first and after the last address of a list.
        empty: a list without addresses.
        headers: those that the type needs besides Content-Type.
    """

    media_type: str
    escape: Callable[[str], str]
    one: tuple[str, str]
    each: tuple[str, str]
    glue: str
    many: tuple[str, str]
    empty: str
    headers: dict[str, str] = field(default_factory=dict)

    @cached_property
    def raw_headers(self) -> RawHeaders:
        """The response's headers as ASGI takes them."""
        every = {**self.headers, "Content-Type": f"{self.media_type}; charset=utf-8", "Vary": "Accept"}
        return tuple((name.lower().encode(), value.encode()) for name, value in every.items())

    def render(self, address: str) -> bytes:
        """A single address."""
        before, after = self.one
        return f"{before}{self.escape(address)}{after}".encode()

    def render_list(self, addresses: Sequence[str]) -> bytes:
        """A whole list."""
        if not addresses:
            return self.empty.encode()
        return b"".join((self.open(), self.join(addresses), self.close()))

    def open(self) -> bytes:
        """What comes before the first address of a list."""
        return self.many[0].encode()

    def join(self, addresses: Sequence[str], *, more: bool = False) -> bytes:
        """Some addresses of a list, all escaped in one go; `more`: there were some before."""
        before, after = self.each
        text = self.escape("\n".join(addresses)).replace("\n", after + self.glue + before)
        return f"{self.glue if more else ''}{before}{text}{after}".encode()

    def close(self) -> bytes:
        """What comes after the last address of a list."""
        return self.many[1].encode()


def _page(title: str, body: Markup) -> tuple[str, str]:
    """A page, cut where the addresses go."""
    head, _, tail = html_page(title, body).content.decode().partition("{}")
    return head, tail


def _html() -> Representation:
    many = _page("Addresses", Markup("<h1>Addresses that called</h1>\n<ul>\n{}</ul>"))
    empty = _page("Addresses", Markup("<h1>Addresses that called</h1>\n<p>None here.</p>{}"))
    return Representation(
        media_type="text/html",
        escape=html.escape,
        one=("", ""),
        each=("<li><code>", "</code></li>\n"),
        glue="",
        many=many,
        empty="".join(empty),
        headers={"Content-Security-Policy": html_page("", "").headers["Content-Security-Policy"]},
    )


def _xml(media_type: str) -> Representation:
    return Representation(
        media_type=media_type,
        escape=html.escape,
        one=("<client_ip>", "</client_ip>"),
        each=("<String>", "</String>"),
        glue="",
        many=("<list>", "</list>"),
        empty="<list></list>",
    )


def _yaml(media_type: str) -> Representation:
    """Quoted throughout: `::` would end a plain scalar, and `1:2` is a number in base 60."""
    return Representation(
        media_type=media_type,
        escape=_escape_quoted,
        one=('client_ip: "', '"\n'),
        each=('- "', '"\n'),
        glue="",
        many=("ip_addresses:\n", ""),
        empty="ip_addresses: []\n",
    )


HTML = _html()
_TEXT = Representation("text/plain", _keep, ("", "\n"), ("", "\n"), "", ("", ""), "")
_JSON = Representation(
    media_type="application/json",
    escape=_escape_quoted,
    one=('{"client_ip": "', '"}'),
    each=('"', '"'),
    glue=", ",
    many=('{"ip_addresses": [', "]}"),
    empty='{"ip_addresses": []}',
)
REPRESENTATIONS = {
    representation.media_type: representation
    for representation in (
        _TEXT,
        _JSON,
        HTML,
        *map(_xml, ("application/xml", "text/xml")),
        *map(_yaml, ("application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml")),
    )
}
_OFFERS = tuple(REPRESENTATIONS)


def choose(accept: str | None) -> Representation:
    """The representation that the client likes best; plain text when it accepts none."""
    return REPRESENTATIONS[best_match(accept, _OFFERS) or "text/plain"]
