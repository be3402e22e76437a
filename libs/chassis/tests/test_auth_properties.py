"""Whatever a stranger sends, an issuer publishes or signs ends in a value or a refusal, nothing else."""

import base64
from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from chassis import Identity, Unauthorized, dump_json
from chassis._identity import InvalidToken
from chassis.auth._authenticator import bearer_token
from chassis.auth._claims import identify
from chassis.auth._keys import usable_keys
from chassis.auth._signature import key_of
from chassis.testing.issuer import make_key

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = ["iss", "exp", "nbf", "iat", "aud", "sub", "azp", "client_id", "scope", "typ", "token_use"]
CLAIMS = st.dictionaries(st.sampled_from([*NAMES, "realm_access", "cognito:groups"]), VALUES)
JWK = st.dictionaries(
    st.sampled_from(["kid", "use", "alg", "n", "e", "x", "y"]), VALUES | st.text("ABCD_-é=", max_size=50)
)
PUBLISHED = [make_key(algorithm).as_dict(private=False) for algorithm in ("RS256", "ES256", "EdDSA")]


@given(st.text() | st.text("Bearer .=-_AZaz09"))
def test_header_of_a_stranger(header):
    with suppress(Unauthorized):
        key_of(bearer_token(header))


@given(st.dictionaries(st.sampled_from(["alg", "kid", "typ", "crit", "b64", "jwk"]), VALUES))
def test_head_of_a_token(head):
    encoded = base64.urlsafe_b64encode(dump_json(head)).rstrip(b"=").decode()
    with suppress(InvalidToken):
        name, algorithm = key_of(f"{encoded}.e30.AA")
        assert isinstance(name, str | None)
        assert algorithm in ("RS256", "ES256", "EdDSA")


@given(CLAIMS, st.sampled_from([{}, {"iss": "issuer", "exp": 2000, "aud": "me"}]))
def test_claims_that_were_signed(claims, right):
    with suppress(InvalidToken):
        found = identify({**claims, **right}, issuer="issuer", audiences=("me",), now=1000.0)
        assert isinstance(found, Identity)
        assert found.subject


@given(JWK, st.sampled_from(PUBLISHED))
def test_key_that_was_published(members, published):
    for key in usable_keys({"keys": [{**published, **members}]}):
        assert key.algorithm in ("RS256", "ES256", "EdDSA")


@given(VALUES)
def test_set_of_keys_that_was_published(keys):
    assert usable_keys({"keys": keys}) == []
