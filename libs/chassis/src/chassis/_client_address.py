"""Who is really calling, seen through trusted proxies (X-Forwarded-For, RFC 7239 Forwarded)."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal, NamedTuple

from chassis._address import Address, IPNetwork, Networks, read_address
from chassis._media_type import QUOTED_STRING, WORD, unquote

_SPACE = " \t"
_MAX_NODE = 128
_MAX_ELEMENT = 2048
# RFC 7239 §6: an IPv6 address with a port stands in brackets; the port may be an obfuscated name.
_NODE = re.compile(r"(?:\[(?P<v6>[^\]]*:[^\]]*)\]|(?P<v4>[0-9.]+))(?::(?:[0-9]{1,5}|_[A-Za-z0-9._-]+))?")
_PAIR = re.compile(rf"({WORD})=({WORD}|{QUOTED_STRING})")
_PAIR_TEXT = rf"(?:{WORD}=(?:{WORD}|{QUOTED_STRING})[ \t]*+)?+"
_ELEMENT = re.compile(rf"[ \t]*+{_PAIR_TEXT}(?:;[ \t]*+{_PAIR_TEXT})*+")


class _Node(NamedTuple):
    address: str
    trusted: bool


class ClientAddress:
    """Finds the address of the client behind the proxies in front of this service.

    Arguments:
        trusted: networks of the proxies whose header is believed.
        header: the one header that is believed.
    """

    def __init__(
        self,
        trusted: Sequence[IPNetwork],
        header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for",
    ) -> None:
        self.header = header
        self._trusted = Networks(trusted)
        self._entries = _forwarded_entries if header == "forwarded" else _x_forwarded_for_entries
        self._peer = lru_cache(maxsize=1024)(self._inspect_peer)

    def is_trusted(self, peer: str | None) -> bool:
        """Tell whether the connection comes from a trusted proxy."""
        return peer is not None and self._peer(peer).trusted

    def resolve(self, peer: str | None, values: Sequence[str]) -> str:
        """Return the client's address in canonical form, without port and zone.

        Arguments:
            peer: the address at the other end of the connection; what is no IP address is returned as it is,
                and nothing (a Unix socket) as an empty text.
            values: the lines of the believed header, in order.

        The lines are one list, read from the right: trusted addresses are skipped, the first other one is the
        client. An entry that is no address ends the walk at the last address known to be good.
        """
        if peer is None:
            return ""
        node = self._peer(peer)
        if not node.trusted or not values:
            return node.address
        for entry in self._entries(values):
            found = self._inspect_entry(entry) if len(entry) <= _MAX_NODE else None
            if found is None:
                break
            node = found
            if not node.trusted:
                break
        return node.address

    def _inspect_peer(self, peer: str) -> _Node:
        address = read_address(peer)
        return self._judge(address) if address else _Node(peer, trusted=False)

    def _inspect_entry(self, entry: str) -> _Node | None:
        address = _parse_node(entry)
        return self._judge(address) if address else None

    def _judge(self, address: Address) -> _Node:
        return _Node(address.text, address.packed in self._trusted)


def _x_forwarded_for_entries(values: Sequence[str]) -> Iterator[str]:
    """Yield the entries from the right; RFC 9110 §5.6.1 has empty ones ignored."""
    for value in reversed(values):
        end = len(value)
        while end >= 0:
            start = value.rfind(",", 0, end) + 1
            entry = value[start:end].strip(_SPACE)
            end = start - 1
            if entry:
                quoted = len(entry) > 1 and entry[0] == entry[-1] == '"'
                yield entry[1:-1] if quoted else entry


def _forwarded_entries(values: Sequence[str]) -> Iterator[str]:
    """Yield the `for` of each element from the right, an empty text for one that has none or is malformed."""
    for value in reversed(values):
        end = len(value)
        while end >= 0:
            start = _element_start(value, end)
            element = value[start:end].strip(_SPACE)
            end = start - 1
            if element:
                yield _for_parameter(element)


def _element_start(value: str, end: int) -> int:
    """Return where the last element before `end` begins.

    Reading from the right keeps a quote that a client left open from swallowing what a proxy appended.
    A comma may stand in a quoted string: the nearest one that leaves a well-formed element separates.
    """
    nearest = start = value.rfind(",", 0, end) + 1
    while not _ELEMENT.fullmatch(value, start, end):
        if start == 0 or end - start > _MAX_ELEMENT:
            return nearest
        start = value.rfind(",", 0, start - 1) + 1
    return start


def _for_parameter(element: str) -> str:
    if not _ELEMENT.fullmatch(element):
        return ""
    nodes = [value for name, value in _PAIR.findall(element) if name.lower() == "for"]
    return unquote(nodes[0]) if len(nodes) == 1 else ""


def _parse_node(entry: str) -> Address | None:
    """Return the address of an entry, without port and zone; None when it names nobody."""
    found = _NODE.fullmatch(entry)
    address = read_address(found["v6"] or found["v4"] if found else entry)
    return address if address and any(address.packed) else None
