"""Reversal of a text, by what a reader takes for one character or by code point."""

from typing import Final, Literal, get_args

import regex

Unit = Literal["grapheme", "codepoint"]
UNITS: Final = get_args(Unit)

# \X alone takes time quadratic in the length of a run of flags: it looks back to count them.
_CLUSTER: Final = regex.compile(
    r"\p{Regional_Indicator}{2}[\p{GCB=Extend}\p{GCB=ZWJ}\p{GCB=SpacingMark}]*|\X"
)


def reverse(text: str, unit: Unit = "grapheme") -> str:
    """Reverse a text; by default each extended grapheme cluster stays whole (UAX #29)."""
    if unit == "codepoint" or (text.isascii() and "\r" not in text):
        return text[::-1]
    clusters: list[str] = _CLUSTER.findall(text)
    clusters.reverse()
    return "".join(clusters)
