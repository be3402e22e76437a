import pytest
from hypothesis import given
from hypothesis import strategies as st

from shout_service.cache import Cache

ENTRY = 600  # bytes, more than a short entry takes and less than two


def test_known_answer_comes_back(clock):
    cache = Cache(10 * ENTRY, 60, clock)
    cache.put("a", "A")
    assert (cache.get("a"), cache.get("b")) == ("A", None)


def test_empty_answer_is_an_answer(clock):
    cache = Cache(10 * ENTRY, 60, clock)
    cache.put("", "")
    assert cache.get("") == ""


def test_answer_ends_with_its_time(clock):
    cache = Cache(10 * ENTRY, 60, clock)
    cache.put("a", "A")
    clock.now += 59.9
    assert cache.get("a") == "A"
    clock.now += 0.1
    assert cache.get("a") is None
    assert cache.size == 0


def test_least_recently_used_goes_first(clock):
    cache = Cache(2 * ENTRY, 60, clock)
    cache.put("a", "A")
    cache.put("b", "B")
    cache.get("a")
    cache.put("c", "C")
    assert [cache.get(text) for text in "abc"] == ["A", None, "C"]


def test_answer_larger_than_the_cache_is_not_kept(clock):
    cache = Cache(2 * ENTRY, 60, clock)
    cache.put("a", "A")
    cache.put("b" * 10_000, "B" * 10_000)
    assert cache.get("b" * 10_000) is None
    assert cache.get("a") == "A"


def test_cache_of_no_bytes_keeps_nothing(clock):
    cache = Cache(0, 60, clock)
    cache.put("a", "A")
    assert cache.get("a") is None


@pytest.mark.parametrize("limit", [5 * ENTRY])
@given(texts=st.lists(st.text(max_size=2000)))
def test_size_stays_within_its_bound(limit, texts):
    cache = Cache(limit, 60)
    for text in texts:
        cache.put(text, text)
        assert cache.size <= limit
