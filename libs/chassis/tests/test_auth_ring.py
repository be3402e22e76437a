"""How often the issuer is asked for its keys, whoever asks for what."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from chassis.auth._issuer import Issuer, IssuerError
from chassis.auth._ring import OLD_SECONDS, REST_SECONDS, KeyRing
from chassis.testing.issuer import make_key, running_issuer


class Clock:
    """A clock that the test moves."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def issuer():
    with running_issuer(make_key("EdDSA")) as running:
        yield running


@pytest.fixture
def ring(issuer, make_chassis, clock):
    return KeyRing(Issuer(make_chassis(log_level="critical"), issuer.url).read_keys, clock=clock)


def look(ring, name):
    """Look for a key as a request does."""
    if reading := ring.reading(name, "EdDSA"):
        reading.result(10)
    return ring.find(name, "EdDSA")


def test_keys_are_read_at_the_first_need(issuer, ring):
    assert ring.is_empty
    assert look(ring, issuer.keys[0].kid)
    assert not ring.is_empty
    assert len(issuer.asked) == 2


def test_many_at_once_make_one_reading(issuer, ring):
    gate = threading.Barrier(30)

    def ask(_):
        gate.wait(10)
        return look(ring, issuer.keys[0].kid)

    with ThreadPoolExecutor(30) as threads:
        assert all(threads.map(ask, range(30)))
    assert len(issuer.asked) == 2


def test_unknown_names_make_one_reading_in_a_while(issuer, ring, clock):
    for second in range(int(REST_SECONDS) * 3):
        clock.now = 1000.0 + second
        for number in range(100):
            assert look(ring, f"invented-{second}-{number}") is None
    assert len(issuer.asked) == 2 * 3


def test_known_keys_are_read_again_when_they_are_old(issuer, ring, clock):
    name = issuer.keys[0].kid
    look(ring, name)
    issuer.keys = [make_key("EdDSA")]
    clock.now += OLD_SECONDS - 1
    assert look(ring, name)
    clock.now += 1
    assert ring.reading(name, "EdDSA") is None  # who has a known key does not wait
    assert look(ring, issuer.keys[0].kid)
    assert ring.find(name, "EdDSA") is None


def test_keys_stay_when_the_issuer_goes_away(issuer, ring, clock):
    look(ring, issuer.keys[0].kid)
    issuer.stop()
    clock.now += 100 * OLD_SECONDS
    assert look(ring, "unknown") is None
    assert look(ring, issuer.keys[0].kid)


def test_failed_reading_is_tried_again_after_a_rest(issuer, ring, clock):
    issuer.stop()
    assert look(ring, issuer.keys[0].kid) is None
    issuer.start()
    assert look(ring, issuer.keys[0].kid) is None
    assert ring.seconds_to_rest() == REST_SECONDS
    clock.now += REST_SECONDS
    assert look(ring, issuer.keys[0].kid)


def test_issuer_without_a_usable_key_is_an_error(issuer, make_chassis):
    issuer.keys = []
    with pytest.raises(IssuerError, match="no key"):
        Issuer(make_chassis(), issuer.url).read_keys()


@pytest.mark.parametrize("answer", [None, "no object", {"issuer": "x" * 300_000}])
def test_nonsense_is_an_error(issuer, make_chassis, monkeypatch, answer):
    monkeypatch.setattr(issuer, "answer", lambda path: answer)
    with pytest.raises(IssuerError):
        Issuer(make_chassis(), issuer.url).read_keys()
