import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis._rate_limit import RateLimit, client_key


@pytest.mark.parametrize(
    ("text", "amount", "window"),
    [
        ("20/minute", 20, 60),
        ("20 / minute", 20, 60),
        ("20/MINUTES", 20, 60),
        (" 1/second ", 1, 1),
        ("100 per 5 minutes", 100, 300),
        ("100/5minutes", 100, 300),
        ("10 per hour", 10, 3600),
        ("10 per day", 10, 86400),
        ("3/month", 3, 2592000),
        ("3/2 years", 3, 62208000),
    ],
)
def test_limit_is_read(text, amount, window):
    assert RateLimit.parse(text) == RateLimit(amount, window)


@pytest.mark.parametrize("text", ["off", " OFF "])
def test_off_is_no_limit(text):
    assert RateLimit.parse(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "20",
        "minute",
        "/minute",
        "-1/minute",
        "0/minute",
        "1/0 minutes",
        "1.5/minute",
        "20/fortnight",
        "20/minute;5/hour",
        "20perminute",
        "\u0662/minute",
        "1" * 30 + "/minute",
        "20/minute\n5/hour",
    ],
)
def test_anything_else_is_refused_by_name(text):
    with pytest.raises(ValueError, match="no rate limit") as caught:
        RateLimit.parse(text)
    assert repr(text) in str(caught.value)


@given(st.text())
def test_any_text_is_a_limit_or_refused(text):
    try:
        limit = RateLimit.parse(text)
    except ValueError:
        return
    assert limit is None or (limit.amount > 0 and limit.window > 0)


@pytest.mark.parametrize(
    ("remaining", "reset", "expected"),
    [(3, 30, '"default";r=3;t=30'), (0, 0.1, '"default";r=0;t=1'), (-4, -1, '"default";r=0;t=0')],
)
def test_headers_follow_the_draft(remaining, reset, expected):
    assert RateLimit(20, 60).headers(remaining, reset) == {
        "RateLimit-Policy": '"default";q=20;w=60',
        "RateLimit": expected,
    }


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:DB8:1:2::", "2001:db8:1:2::/64"),
        ("::1", "::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", None),
        ("testclient", None),
    ],
)
def test_client_key(address, key):
    assert client_key(address) == key


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_one_ipv6_network_is_one_client(address, host):
    if address.ipv4_mapped is None and int(address) >> 64:
        neighbour = type(address)(int(address) >> 64 << 64 | host)
        assert client_key(str(address)) == client_key(str(neighbour))
