"""Which representation a client prefers: proactive negotiation by Accept (RFC 9110 §12.5.1)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from chassis._media_type import PARAMETER, WORD, parse_media_type, unquote

_MAX_CACHED_HEADER = 512
_RANGE = re.compile(rf"[ \t]*({WORD})/({WORD})")
_WEIGHT = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?")
_SEPARATOR = re.compile(r"[ \t]*(?:,|$)")

_Parameters = frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class _Range:
    essence: str
    parameters: _Parameters
    weight: float

    def specificity(self, essence: str, parameters: _Parameters) -> int:
        """Return how closely this range names the media type; 0 when it does not."""
        if self.essence == essence and self.parameters <= parameters:
            return 3 + len(self.parameters)
        if self.parameters:
            return 0
        if self.essence == "*/*":
            return 1
        return 2 if self.essence == essence.partition("/")[0] + "/*" else 0


def best_match(accept: str | None, offers: Sequence[str]) -> str | None:
    """Return the offer the client likes best, or None when it accepts none of them (RFC 9110 §12.5.1).

    Arguments:
        accept: the Accept header, its lines joined by commas; absent, blank or malformed: anything goes.
        offers: media types, the server's favourite first; the order decides between equal weights.

    A `charset` parameter in the header is ignored; any other parameter must be among the offer's.
    """
    if accept is not None and len(accept) >= _MAX_CACHED_HEADER:
        return _choose(accept, tuple(offers))
    return _choose_cached(accept, tuple(offers))


def _choose(accept: str | None, offers: tuple[str, ...]) -> str | None:
    ranges = _parse_accept(accept or "")
    if not ranges:
        return offers[0] if offers else None
    weights = [(_weight(offer, ranges), offer) for offer in offers]
    weight, offer = max(weights, key=lambda pair: pair[0], default=(0.0, None))
    return offer if weight else None


_choose_cached = lru_cache(maxsize=1024)(_choose)


def _weight(offer: str, ranges: Sequence[_Range]) -> float:
    media_type = parse_media_type(offer)
    if media_type is None:
        raise ValueError(f"not a media type: {offer!r}")
    parameters = frozenset(media_type.parameters.items())
    matches = [(entry.specificity(media_type.essence, parameters), entry.weight) for entry in ranges]
    specificity, weight = max(matches)
    return weight if specificity else 0.0


def _parse_accept(header: str) -> list[_Range]:
    """Return the media ranges of the header, or none at all when a part of it is malformed."""
    ranges: list[_Range] = []
    position = 0
    while position < len(header):
        found = _RANGE.match(header, position)
        if found:
            position, parameters = _parse_parameters(header, found.end())
            entry = _range(found[1].lower(), found[2].lower(), parameters)
            if entry is None:
                return []
            ranges.append(entry)
        separator = _SEPARATOR.match(header, position)
        if separator is None:
            return []
        position = separator.end()
    return ranges


def _parse_parameters(header: str, position: int) -> tuple[int, list[tuple[str, str]]]:
    parameters = []
    while found := PARAMETER.match(header, position):
        position = found.end()
        if found[1] is not None:
            parameters.append((found[1].lower(), unquote(found[2])))
    return position, parameters


def _range(main: str, subtype: str, parameters: Sequence[tuple[str, str]]) -> _Range | None:
    """Build one range; what follows `q` is the accept-ext of RFC 7231 and plays no part."""
    if main == "*" and subtype != "*":
        return None
    weight = "1"
    wanted = set()
    for name, value in parameters:
        if name == "q":
            weight = value
            break
        if name != "charset":
            wanted.add((name, value))
    if not _WEIGHT.fullmatch(weight):
        return None
    return _Range(f"{main}/{subtype}", frozenset(wanted), float(weight))
