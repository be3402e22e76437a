"""The page that a browser gets: the caller's address, and the last callers as they come."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Iterator
from importlib.resources import files
from ipaddress import ip_address

from markupsafe import Markup

from ip_service.geo import Origin
from ip_service.store import Overview, Row, instant

NEWEST = 20

_UNITS = (("day", 86400), ("hour", 3600), ("minute", 60))
_FOLDER = files("ip_service") / "web"


def _read(name: str) -> Markup:
    return Markup((_FOLDER / name).read_text("utf-8"))  # noqa: S704 our own file


def _source_of(content: str) -> str:
    """The Content-Security-Policy's source that admits an inline element."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}'"


_PAGE, _FACT, _ROW = map(_read, ("page.html", "fact.html", "row.html"))
_STYLE, _SCRIPT = map(_read, ("page.css", "page.js"))
HEADERS = (
    (b"content-type", b"text/html; charset=utf-8"),
    (b"vary", b"Accept"),
    (
        b"content-security-policy",
        f"default-src 'none'; style-src {_source_of(_STYLE)}; script-src {_source_of(_SCRIPT)}; "
        "connect-src 'self'; img-src data:; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'".encode(),
    ),
)


def render(overview: Overview, origin: Origin | None, *, root: str, now: dt.datetime) -> bytes:
    """The page, whole without its script.

    Args:
        overview: what is known.
        origin: of the caller's address; None when it is not looked up.
        root: public path prefix of the service.
        now: the time that others are told relative to.
    """
    own = overview.own
    facts = (_FACT.format(name=name, value=value) for name, value in _facts(own, origin, now))
    rows = (_row(row, own.address, now) for row in overview.newest)
    page = _PAGE.format(
        address=own.address,
        version=ip_address(own.address).version,
        facts=Markup("").join(facts),
        rows=Markup("").join(rows),
        total=f"{overview.total:,}",
        root=root,
        style=_STYLE,
        script=_SCRIPT,
    )
    return page.encode()


def _facts(own: Row, origin: Origin | None, now: dt.datetime) -> Iterator[tuple[str, str]]:
    yield "First call", _time(own.first_seen, now)
    yield "Calls", f"{own.requests:,}"
    if origin and origin.country:
        yield "Country", origin.country
    if origin and origin.asn:
        yield "Network", f"AS{origin.asn} {origin.organization or ''}"


def _row(row: Row, own: str, now: dt.datetime) -> Markup:
    return _ROW.format(
        own=Markup(' class="own"') if row.address == own else "",
        address=row.address,
        last=_time(row.last_seen, now),
        first=_time(row.first_seen, now),
        requests=f"{row.requests:,}",
    )


def _time(microseconds: int, now: dt.datetime) -> Markup:
    then = instant(microseconds)
    precise = then.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return Markup('<time datetime="{}" title="{}">{}</time>').format(precise, precise, ago(now - then))


def ago(distance: dt.timedelta) -> str:
    """How long ago something was, in words."""
    seconds = distance.total_seconds()
    for unit, length in _UNITS:
        if (count := int(seconds // length)) > 0:
            return f"{count} {unit}{'s' if count > 1 else ''} ago"
    return "just now"
