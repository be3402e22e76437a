"""Formats that schemathesis does not know, as it is to make them."""

import schemathesis
from hypothesis import strategies as st


def _networks(version: int, bits: int) -> st.SearchStrategy[str]:
    return st.ip_addresses(v=version).map(lambda address: f"{address}/{bits}")


schemathesis.openapi.format("ipv4network", _networks(4, 32))
schemathesis.openapi.format("ipv6network", _networks(6, 128))
