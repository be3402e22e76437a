import json
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from ip_service.representation import REPRESENTATIONS

# Neither line breaks, which separate addresses, nor what XML and YAML cannot carry.
LINE = st.text(
    st.characters(exclude_categories=("Cc", "Cs", "Zl", "Zp"), exclude_characters="￾￿\x85"),
    min_size=1,
)
ADDRESSES = st.ip_addresses().map(str) | LINE
XML = ("application/xml", "text/xml")


def parse_xml(body: bytes) -> list[str | None]:
    root = ElementTree.fromstring(body)  # noqa: S314 our own answer
    return [item.text for item in root] if root.tag == "list" else [root.text]


def listed(document: dict[str, Any]) -> list[str]:
    return document["ip_addresses"] if "ip_addresses" in document else [document["client_ip"]]


@pytest.fixture(scope="session")
def read(texts_of) -> Callable[[str, bytes], list[str]]:
    """Reads the addresses of a body with a parser of its media type."""
    readers = {
        "text/plain": lambda body: body.decode().split("\n")[:-1],
        "application/json": lambda body: listed(json.loads(body)),
        "text/html": lambda body: texts_of("code", body.decode()),
        **dict.fromkeys(XML, parse_xml),
        **{name: lambda body: listed(yaml.safe_load(body)) for name in REPRESENTATIONS if "yaml" in name},
    }
    return lambda media_type, body: readers[media_type](body)


@pytest.mark.parametrize("media_type", sorted(REPRESENTATIONS.keys() - {"text/html"}))  # a page of its own
@given(address=ADDRESSES)
def test_one_address_comes_back(read, media_type: str, address: str):
    assert read(media_type, REPRESENTATIONS[media_type].render(address)) == [address]


@pytest.mark.parametrize("media_type", REPRESENTATIONS)
@given(addresses=st.lists(ADDRESSES, max_size=5))
def test_list_comes_back(read, media_type: str, addresses: list[str]):
    assert read(media_type, REPRESENTATIONS[media_type].render_list(addresses)) == addresses


@pytest.mark.parametrize("media_type", REPRESENTATIONS)
@given(first=st.lists(ADDRESSES, min_size=1, max_size=3), second=st.lists(ADDRESSES, min_size=1, max_size=3))
def test_parts_make_the_same_list_as_the_whole(media_type: str, first: list[str], second: list[str]):
    kind = REPRESENTATIONS[media_type]
    parts = kind.open() + kind.join(first) + kind.join(second, more=True) + kind.close()
    assert parts == kind.render_list([*first, *second])
