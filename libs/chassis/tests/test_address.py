import ipaddress

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chassis._address import Address, Networks, read_address, spell_network

MAPPED = ipaddress.ip_network("::ffff:0:0/96")
ADDRESSES = st.ip_addresses()
WRITTEN = st.one_of(
    ADDRESSES.map(str),
    ADDRESSES.map(lambda address: address.exploded.upper()),
    st.ip_addresses(v=4).map(lambda address: f"::ffff:{address}"),
    st.ip_addresses(v=4).map(lambda address: f"::{address}"),
    st.ip_addresses(v=6).map(lambda address: f"{address}%eth0"),
    st.text("0123456789abcdefABCDEF:.%x \0é", max_size=45),
    st.text(max_size=20),
)


def read_by_the_book(text):
    """The same by Python's own rules."""
    try:
        address = ipaddress.ip_address(text)
    except ValueError:
        return None
    mapped = address.ipv4_mapped if address.version == 6 else None
    return ipaddress.ip_address((mapped or address).packed)


@given(WRITTEN)
def test_texts_are_read_and_spelt_as_by_python(text):
    expected = read_by_the_book(text)

    assert read_address(text) == (Address(expected.packed, str(expected)) if expected else None)


@given(st.ip_addresses(v=6))
def test_network_is_the_64_of_an_address(address):
    network = ipaddress.IPv6Network((int(address), 64), strict=False)
    assert spell_network(address.packed) == str(network)


@pytest.mark.parametrize(
    "text", ["::", "::1", "::1.2.3.4", "0.0.0.0", "::ffff:1.2.3.4", "1:0:0:2::", "fe80::%1"]
)
def test_special_addresses_keep_their_spelling(text):
    assert read_address(text).text == str(read_by_the_book(text))


@given(ADDRESSES, ADDRESSES, st.integers(0, 128))
def test_networks_hold_what_python_says(address, other, prefix):
    bits = min(prefix, other.max_prefixlen)
    network = ipaddress.ip_network(f"{other}/{bits}", strict=False)
    assume(network.version == 4 or not network.subnet_of(MAPPED))  # these hold addresses of IPv4
    assert (address.packed in Networks([network])) == (address in network)
    assert (other.packed in Networks([network])) is True
