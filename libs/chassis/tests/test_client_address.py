import time
from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis._client_address import ClientAddress

TRUSTED = [ip_network(text) for text in ("127.0.0.0/8", "::1/128", "10.0.0.0/8", "2001:db8:aaaa::/48")]
PROXY = "10.0.0.1"
CLIENT = "203.0.113.7"

X_FORWARDED_FOR = ClientAddress(TRUSTED, "x-forwarded-for")
FORWARDED = ClientAddress(TRUSTED, "forwarded")


@pytest.mark.parametrize(
    ("peer", "values", "client"),
    [
        # the peer
        (CLIENT, [], CLIENT),
        (CLIENT, ["1.1.1.1"], CLIENT),
        (PROXY, [], PROXY),
        (PROXY, [""], PROXY),
        (PROXY, [" , ,\t"], PROXY),
        ("::1", [CLIENT], CLIENT),
        ("::ffff:10.0.0.1", [CLIENT], CLIENT),
        ("::ffff:203.0.113.7", ["1.1.1.1"], CLIENT),
        ("2001:DB8:AAAA:0::1", [CLIENT], CLIENT),
        ("2001:DB8:BBBB:0:0::1", [CLIENT], "2001:db8:bbbb::1"),
        ("fe80::1%eth0", [CLIENT], "fe80::1"),
        ("::1%lo", [CLIENT], CLIENT),
        ("testclient", [CLIENT], "testclient"),
        ("unix:", [CLIENT], "unix:"),
        ("", [CLIENT], ""),
        (None, [CLIENT], ""),
        ("0.0.0.0", [CLIENT], "0.0.0.0"),
        # from the right
        (PROXY, [CLIENT], CLIENT),
        (PROXY, [f"1.1.1.1, {CLIENT}"], CLIENT),
        (PROXY, [f"1.1.1.1,{CLIENT},10.0.0.2"], CLIENT),
        (PROXY, [f"1.1.1.1 ,\t{CLIENT} , 10.0.0.2, 127.0.0.1,10.9.9.9"], CLIENT),
        (PROXY, [f"10.0.0.9, {CLIENT}, 10.0.0.2"], CLIENT),
        (PROXY, ["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (PROXY, ["10.0.0.2"], "10.0.0.2"),
        (PROXY, ["127.0.0.1, 10.0.0.2, ::1"], "127.0.0.1"),
        # several lines are one list
        (PROXY, ["1.1.1.1", CLIENT], CLIENT),
        (PROXY, [CLIENT, "10.0.0.2"], CLIENT),
        (PROXY, [f"1.1.1.1, {CLIENT}", "10.0.0.3, 10.0.0.2"], CLIENT),
        (PROXY, ["10.0.0.3", "10.0.0.2"], "10.0.0.3"),
        (PROXY, [CLIENT, "", " , "], CLIENT),
        # empty elements are no entries
        (PROXY, [f"{CLIENT},"], CLIENT),
        (PROXY, [f",{CLIENT}"], CLIENT),
        (PROXY, [f"1.1.1.1, {CLIENT},, 10.0.0.2 ,"], CLIENT),
        # ports
        (PROXY, [f"{CLIENT}:80"], CLIENT),
        (PROXY, [f"{CLIENT}:65535, 10.0.0.2:1"], CLIENT),
        (PROXY, [f"{CLIENT}:"], PROXY),
        (PROXY, [f"{CLIENT}:http"], PROXY),
        (PROXY, [f"{CLIENT}:123456"], PROXY),
        (PROXY, [f"{CLIENT}:80:80"], PROXY),
        # brackets
        (PROXY, ["[2001:db8::7]"], "2001:db8::7"),
        (PROXY, ["[2001:db8::7]:443"], "2001:db8::7"),
        (PROXY, ["[2001:DB8:0:0::7]:443, [2001:db8:aaaa::1]:80"], "2001:db8::7"),
        (PROXY, ["[203.0.113.7]"], PROXY),
        (PROXY, ["[2001:db8::7"], PROXY),
        (PROXY, ["2001:db8::7]"], PROXY),
        (PROXY, ["[]"], PROXY),
        (PROXY, ["[2001:db8::7]443"], PROXY),
        (PROXY, ["[[2001:db8::7]]"], PROXY),
        (PROXY, ["[:]"], PROXY),
        # bare IPv6
        (PROXY, ["2001:db8::7"], "2001:db8::7"),
        (PROXY, ["2001:0DB8:0000:0000:0000:0000:0000:0007"], "2001:db8::7"),
        (PROXY, ["2001:db8:::7"], PROXY),
        (PROXY, ["2001:db8::g"], PROXY),
        (PROXY, ["1:2:3:4:5:6:7:8:9"], PROXY),
        (PROXY, ["64:ff9b::203.0.113.7"], "64:ff9b::cb00:7107"),
        # quotes
        (PROXY, [f'"{CLIENT}"'], CLIENT),
        (PROXY, ['"[2001:db8::7]:443"'], "2001:db8::7"),
        (PROXY, [f'"{CLIENT}'], PROXY),
        (PROXY, [f'{CLIENT}"'], PROXY),
        (PROXY, ['""'], PROXY),
        (PROXY, ['"'], PROXY),
        (PROXY, [f"'{CLIENT}'"], PROXY),
        # zone ids
        (PROXY, ["fe80::7%eth0"], "fe80::7"),
        (PROXY, ["[fe80::7%25eth0]:80"], "fe80::7"),
        (PROXY, ["fe80::7%<script>"], "fe80::7"),
        (PROXY, ["fe80::7%"], PROXY),
        (PROXY, ["fe80::7%a%b"], PROXY),
        (PROXY, [f"{CLIENT}%eth0"], PROXY),
        # IPv4-mapped IPv6
        (PROXY, ["::ffff:203.0.113.7"], CLIENT),
        (PROXY, ["[::FFFF:cb00:7107]:80"], CLIENT),
        (PROXY, [f"{CLIENT}, ::ffff:10.0.0.2"], CLIENT),
        (PROXY, ["::ffff:203.0.113.7%eth0"], CLIENT),
        # no address: the walk ends at the last address known to be good
        (PROXY, ["unknown"], PROXY),
        (PROXY, [f"{CLIENT}, unknown"], PROXY),
        (PROXY, [f"{CLIENT}, unknown, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"{CLIENT}, _hidden, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"{CLIENT}, localhost, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"{CLIENT}, 0.0.0.0, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"{CLIENT}, ::, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"{CLIENT}, [::]:80, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"{CLIENT}, ::ffff:0.0.0.0, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"{CLIENT}, ::%eth0, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"{CLIENT}, 10.0.0.0/8, 10.0.0.2"], "10.0.0.2"),
        (PROXY, [f"unknown, {CLIENT}"], CLIENT),
        (PROXY, ["203.0.113.07"], PROXY),
        (PROXY, ["203.0.113"], PROXY),
        (PROXY, ["203.0.113.256"], PROXY),
        (PROXY, ["3405803783"], PROXY),
        (PROXY, ["0xcb007107"], PROXY),
        (PROXY, ["203.0.113.7 203.0.113.8"], PROXY),
        (PROXY, ["203.0.113.7;203.0.113.8"], PROXY),
        (PROXY, ["２０３.0.113.7"], PROXY),  # noqa: RUF001 full-width digits
        (PROXY, ["<script>alert(1)</script>"], PROXY),
        (PROXY, ["\x00"], PROXY),
        (PROXY, ["203.0.113.7\n"], PROXY),
        (PROXY, [f"for={CLIENT}"], PROXY),
        (PROXY, ["fe80::7%" + "x" * 200], PROXY),
    ],
)
def test_x_forwarded_for(peer, values, client):
    assert X_FORWARDED_FOR.resolve(peer, values) == client


@pytest.mark.parametrize(
    ("values", "client"),
    [
        ([f"for={CLIENT}"], CLIENT),
        ([f"For={CLIENT};Proto=https;By=10.0.0.1"], CLIENT),
        ([f"proto=https;for={CLIENT}"], CLIENT),
        ([f"proto=https ; for={CLIENT} ; by=10.0.0.1"], CLIENT),
        ([f";for={CLIENT};;"], CLIENT),
        ([f'for="{CLIENT}"'], CLIENT),
        ([f'for="{CLIENT}:47011"'], CLIENT),
        ([f'for="{CLIENT}:_port"'], CLIENT),
        (['for="[2001:db8:cafe::17]"'], "2001:db8:cafe::17"),
        (['for="[2001:db8:cafe::17]:4711"'], "2001:db8:cafe::17"),
        (['for="[2001:db8:cafe::17]:_obf.us-cated"'], "2001:db8:cafe::17"),
        (['for="[fe80::1%25eth0]"'], "fe80::1"),
        (['for="[::ffff:203.0.113.7]"'], CLIENT),
        (['for="\\2\\0\\3.0.113.7"'], CLIENT),
        # from the right, over several lines
        ([f"for=1.1.1.1, for={CLIENT}, for=10.0.0.2"], CLIENT),
        ([f"for=1.1.1.1,for={CLIENT}", 'for="[2001:db8:aaaa::1]:80";by=10.0.0.1'], CLIENT),
        (["for=10.0.0.3, for=10.0.0.2"], "10.0.0.3"),
        (["for=10.0.0.3", "for=10.0.0.2"], "10.0.0.3"),
        ([f"for={CLIENT},, for=10.0.0.2 ,"], CLIENT),
        (["", " ,"], PROXY),
        ([], PROXY),
        # separators inside quoted strings
        ([f'for={CLIENT}, for=10.0.0.2;by="a,b;c"'], CLIENT),
        ([f'for={CLIENT}, for=10.0.0.2;by="a, for=6.6.6.6"'], CLIENT),
        ([f'for={CLIENT};by="\\", for=6.6.6.6"'], CLIENT),
        ([f'for={CLIENT};x=";for=6.6.6.6;y="'], CLIENT),
        # quotes that a client left open
        ([f'for="6.6.6.6, for={CLIENT}'], CLIENT),
        ([f'for=6.6.6.6;x=", for="{CLIENT}"'], CLIENT),
        ([f'for=6.6.6.6;x="\\, for={CLIENT};by="a,b"'], CLIENT),
        (['for=6.6.6.6;x="', f'for={CLIENT};by=""'], CLIENT),
        # no address
        (["for=unknown"], PROXY),
        ([f"for={CLIENT}, for=unknown, for=10.0.0.2"], "10.0.0.2"),
        ([f"for={CLIENT}, for=_hidden, for=10.0.0.2"], "10.0.0.2"),
        ([f"for={CLIENT}, for=_SEVKISEK, for=10.0.0.2"], "10.0.0.2"),
        ([f'for={CLIENT}, for="_gazonk", for=10.0.0.2'], "10.0.0.2"),
        ([f'for={CLIENT}, for="unknown:80", for=10.0.0.2'], "10.0.0.2"),
        ([f"for={CLIENT}, for=0.0.0.0, for=10.0.0.2"], "10.0.0.2"),
        ([f'for={CLIENT}, for="[::]", for=10.0.0.2'], "10.0.0.2"),
        ([f'for={CLIENT}, for="", for=10.0.0.2'], "10.0.0.2"),
        # malformed elements
        ([f"for={CLIENT}, for=2001:db8::7, for=10.0.0.2"], "10.0.0.2"),
        ([f"for={CLIENT}, for=[2001:db8::7], for=10.0.0.2"], "10.0.0.2"),
        ([f"for={CLIENT}:80"], PROXY),
        ([f"for={CLIENT}, proto=https"], PROXY),
        ([f"for={CLIENT};for={CLIENT}"], PROXY),
        ([f"for={CLIENT};FOR=1.1.1.1"], PROXY),
        ([f"for= {CLIENT}"], PROXY),
        ([f"for ={CLIENT}"], PROXY),
        ([f"for={CLIENT} proto=https"], PROXY),
        ([f"for={CLIENT}, for"], PROXY),
        ([f"for={CLIENT}, for="], PROXY),
        ([f'for="{CLIENT}'], PROXY),
        ([f'for={CLIENT}"'], PROXY),
        ([f"for={CLIENT}\\"], PROXY),
        ([CLIENT], PROXY),
        (["for=203.0.113.7\x00"], PROXY),
        (["for=203.0.113.7\n"], PROXY),
        (['for="2001:db8::7"'], "2001:db8::7"),
    ],
)
def test_forwarded(values, client):
    assert FORWARDED.resolve(PROXY, values) == client


def test_forwarded_of_an_untrusted_peer_is_ignored():
    assert FORWARDED.resolve(CLIENT, ["for=1.1.1.1"]) == CLIENT


@pytest.mark.parametrize(
    ("peer", "trusted"),
    [
        ("127.0.0.1", True),
        ("10.255.0.1", True),
        ("::ffff:10.0.0.1", True),
        ("::1", True),
        ("11.0.0.1", False),
        ("2001:db8:bbbb::1", False),
        ("localhost", False),
        ("", False),
        (None, False),
    ],
)
def test_is_trusted(peer, trusted):
    assert X_FORWARDED_FOR.is_trusted(peer) is trusted


@pytest.mark.parametrize(
    ("network", "peer"),
    [
        ("0.0.0.0/0", "8.8.8.8"),
        ("::/0", "2001:db8::1"),
        ("::ffff:10.0.0.0/104", "10.1.1.1"),
        ("::ffff:0:0/96", "8.8.8.8"),
    ],
)
def test_networks_may_be_wide_or_mapped(network, peer):
    assert ClientAddress([ip_network(network)]).is_trusted(peer)


def test_without_networks_nobody_is_trusted():
    assert ClientAddress([]).resolve("127.0.0.1", [CLIENT]) == "127.0.0.1"


def is_trusted(address):
    return any(address in network for network in TRUSTED)


ADDRESSES = st.ip_addresses().filter(lambda address: not address.is_unspecified)
PLAIN = ADDRESSES.filter(lambda address: address.version == 4 or not address.ipv4_mapped)
STRANGERS = PLAIN.filter(lambda address: not is_trusted(address))
PROXIES = st.sampled_from([ip_address(text) for text in ("127.0.0.1", "10.1.2.3", "::1", "2001:db8:aaaa::5")])
GARBAGE = st.text(st.characters(max_codepoint=255), max_size=40) | st.text(
    alphabet='for=",;\\ 10.:[]%_x', max_size=60
)
LINES = st.lists(GARBAGE, max_size=4)


def entry(address):
    return str(address)


def element(address):
    return f'for="[{address}]:443";proto=https' if address.version == 6 else f"for={address};by=_x"


RESOLVERS = st.sampled_from([(X_FORWARDED_FOR, entry), (FORWARDED, element)])


@given(RESOLVERS, st.none() | ADDRESSES.map(str) | GARBAGE, LINES)
def test_any_header_gives_an_answer(resolver, peer, lines):
    resolver[0].resolve(peer, lines)


@given(RESOLVERS, PROXIES, LINES)
def test_answer_is_the_peer_or_a_canonical_address(resolver, peer, lines):
    answer = resolver[0].resolve(str(peer), lines)
    assert answer == str(ip_address(answer))
    assert "%" not in answer


@given(RESOLVERS, STRANGERS, LINES)
def test_stranger_cannot_be_anybody_else(resolver, peer, lines):
    assert resolver[0].resolve(str(peer), lines) == str(peer)


@given(RESOLVERS, LINES, GARBAGE, STRANGERS, st.lists(PROXIES, max_size=4), st.booleans())
def test_nothing_a_client_sends_changes_who_it_is(resolver, forged_lines, forged, client, proxies, own_line):
    address, form = resolver
    appended = ", ".join(form(hop) for hop in [client, *proxies])
    lines = [*forged_lines, forged, appended] if own_line else [*forged_lines, f"{forged}, {appended}"]
    assert address.resolve("127.0.0.1", lines) == str(client)


@given(RESOLVERS, st.lists(PLAIN, min_size=1, max_size=6), PROXIES)
def test_answer_was_given(resolver, hops, peer):
    address, form = resolver
    answer = ip_address(address.resolve(str(peer), [", ".join(form(hop) for hop in hops)]))
    strangers = [hop for hop in hops if not is_trusted(hop)]
    assert answer == (strangers[-1] if strangers else hops[0])


@given(RESOLVERS, st.lists(PLAIN, min_size=1, max_size=6), st.data())
def test_lines_count_as_one_list(resolver, hops, data):
    address, form = resolver
    entries = [form(hop) for hop in hops]
    cut = data.draw(st.integers(0, len(entries)))
    lines = [", ".join(entries[:cut]), ", ".join(entries[cut:])]
    assert address.resolve(PROXY, lines) == address.resolve(PROXY, [", ".join(entries)])


@pytest.mark.parametrize(
    "line",
    [
        "; " * 30_000 + "!",
        ',a="' * 16_000,
        'a="' + ',\\"' * 20_000,
        "," * 60_000,
        'x=";,' * 12_000,
        "for=10.0.0.1," * 5_000,
        ',k="' + ";a=b" * 15_000,
        ',a=";b="' * 8_000,
        "a" * 60_000,
        "\t" * 60_000,
        "for=" * 15_000,
        ',a="",b="' * 6_000,
    ],
)
@pytest.mark.parametrize("address", [X_FORWARDED_FOR, FORWARDED])
def test_hostile_header_is_read_in_linear_time(address, line):
    started = time.process_time()
    address.resolve(PROXY, [line])
    assert time.process_time() - started < 0.5
