# ruff: noqa: RUF001 - letters of other scripts are the data
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shoutcloud_emulator.uppercase import shout

IOTA_SUBSCRIPTS = {0x1FB3: 0x1FBC, 0x1FC3: 0x1FCC, 0x1FF3: 0x1FFC} | {
    start + offset: start + offset + 8 for start in (0x1F80, 0x1F90, 0x1FA0) for offset in range(8)
}


@pytest.mark.parametrize(
    ("text", "shouted"),
    [
        ("hello, world!", "HELLO, WORLD!"),
        ("straße", "STRAßE"),
        ("ﬁn ŉ ǰ ΐ և", "ﬁN ŉ ǰ ΐ և"),
        ("ᾳ ᾼ ᾴ", "ᾼ ᾼ ᾴ"),
        ("ǆ ǅ Ǆ", "Ǆ Ǆ Ǆ"),
        ("ÿ µ ſ ı ς σ", "Ÿ Μ S I Σ Σ"),
        ("e\u0301", "E\u0301"),
        ("👩‍👩‍👧 🇩🇪 漢字 \x00", "👩‍👩‍👧 🇩🇪 漢字 \x00"),
        ("", ""),
    ],
)
def test_uppercases_code_point_by_code_point(text, shouted):
    assert shout(text) == shouted


def test_every_code_point_has_its_simple_mapping():
    """A full mapping of one code point is the simple one; the rest stays or has an iota subscript."""
    for code in range(sys.maxunicode + 1):
        character = chr(code)
        full = character.upper()
        expected = full if len(full) == 1 else chr(IOTA_SUBSCRIPTS.get(code, code))
        assert shout(character) == expected


@given(st.text())
def test_a_text_is_shouted_like_its_characters(text):
    assert shout(text) == "".join(map(shout, text))
