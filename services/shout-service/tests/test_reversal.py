# ruff: noqa: RUF001 - letters of other scripts are the data
import unicodedata

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from shout_service.reversal import reverse

FLAG, FAMILY, WAVE = "\U0001f1e9\U0001f1ea", "\U0001f469‍\U0001f469‍\U0001f467", "\U0001f44b\U0001f3fd"
PIECES = st.sampled_from(
    ["a", "\r", "\n", "́", "‍", "\U0001f1e9", "\U0001f1ea", "؀", "ः", "क", "्", "\U0001f469", "각", "ᄀ"]
)


@pytest.mark.parametrize(
    ("text", "reversed_text"),
    [
        ("hello, world!", "!dlrow ,olleh"),
        ("", ""),
        ("ab\r\ncd", "dc\r\nba"),
        ("é!", "!é"),
        (f"{FLAG}{FLAG[::-1]}x", f"x{FLAG[::-1]}{FLAG}"),
        (f"a{FAMILY}{WAVE}", f"{WAVE}{FAMILY}a"),
        ("नमस्ते", "स्तेमन"),
        ("각각x", "x각각"),
        ("a\x00b", "b\x00a"),
    ],
)
def test_grapheme_clusters_stay_whole(text, reversed_text):
    assert reverse(text) == reversed_text


def test_code_points_are_reversed_one_by_one():
    assert reverse(f"e\u0301{FLAG}", "codepoint") == f"{FLAG[::-1]}\u0301e"


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_nothing_is_lost_or_made(text):
    assert sorted(reverse(text)) == sorted(text)


@given(st.one_of(st.text(), st.lists(PIECES).map("".join)))
def test_clusters_are_those_of_the_standard(text):
    assert reverse(text) == "".join(reversed(regex.findall(r"\X", text)))


@given(
    st.text(st.characters(categories=["Lu", "Ll", "Nd", "Zs", "Po"])).map(
        lambda t: unicodedata.normalize("NFC", t)
    )
)
def test_without_clusters_both_units_agree(text):
    if len(regex.findall(r"\X", text)) == len(text):
        assert reverse(text) == reverse(text, "codepoint")


@given(st.text())
def test_code_points_twice_reversed_are_the_text(text):
    assert reverse(reverse(text, "codepoint"), "codepoint") == text


@given(st.text(st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)))
def test_a_text_of_whole_characters_twice_reversed_is_the_text(text):
    assert reverse(reverse(text)) == text


@pytest.mark.parametrize("size", [16_000])
def test_a_long_run_of_flags_takes_linear_time(size):
    text = "\U0001f1e9" * size + "x"
    assert reverse(text) == "x" + "\U0001f1e9" * size
