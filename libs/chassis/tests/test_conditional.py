import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis._conditional import etag_of, match, none_match

HEADERS = st.none() | st.text() | st.text(alphabet='W/"a,* \t', max_size=30)


def test_tag_is_strong_quoted_and_of_the_bytes():
    assert etag_of(b"a") == etag_of(b"a") != etag_of(b"b")
    assert etag_of(b"").startswith('"')
    assert len(etag_of(b"")) == 34


@pytest.mark.parametrize(
    ("header", "etag", "same"),
    [
        (None, '"a"', False),
        ("", '"a"', False),
        ('"a"', '"a"', True),
        ('"a"', '"b"', False),
        ('"A"', '"a"', False),
        ('W/"a"', '"a"', True),
        ('"a"', 'W/"a"', True),
        ('W/"a"', 'W/"a"', True),
        ('w/"a"', '"a"', False),
        ('"x", "a"', '"a"', True),
        ('"x" ,\t"y",W/"a"', '"a"', True),
        (',, "a",,', '"a"', True),
        ('"x,"a', '"a"', False),
        ('"x,a"', '"x,a"', True),
        ('""', '""', True),
        ("*", '"a"', True),
        (" * ", '"a"', True),
        ("*", None, False),
        ('"a"', None, False),
        ('*, "a"', '"a"', False),
        ("a", '"a"', False),
        ('"a" "b"', '"a"', False),
        ('"a', '"a"', False),
        ('"a b"', '"a b"', False),
        ('"\xe9"', '"\xe9"', True),
    ],
)
def test_none_match(header, etag, same):
    assert none_match(header, etag) is same


@pytest.mark.parametrize(
    ("header", "etag", "holds"),
    [
        (None, '"a"', True),
        (None, None, True),
        ("", '"a"', False),
        ('"a"', '"a"', True),
        ('"b"', '"a"', False),
        ('"b", "a"', '"a"', True),
        ('W/"a"', '"a"', False),
        ('"a"', 'W/"a"', False),
        ('W/"a"', 'W/"a"', False),
        ("*", '"a"', True),
        ("*", None, False),
        ('"a"', None, False),
        ("a", '"a"', False),
        ('"a"; x', '"a"', False),
    ],
)
def test_match(header, etag, holds):
    assert match(header, etag) is holds


@given(HEADERS, st.none() | st.binary().map(etag_of))
def test_any_header_gives_an_answer(header, etag):
    assert none_match(header, etag) in {True, False}
    assert match(header, etag) in {True, False}


@given(st.lists(st.binary(max_size=3).map(etag_of)), st.binary(max_size=3).map(etag_of))
def test_list_matches_its_members_alone(tags, etag):
    assert none_match(", ".join(tags), etag) is (etag in tags)
    assert match(", ".join(tags), etag) is (etag in tags)
