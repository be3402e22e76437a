"""Tokens of a real issuer, and those that somebody would like to be."""

import asyncio
import base64
import hashlib
import hmac
import json
import time

import pytest
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from chassis import Problem, ServiceUnavailable, Unauthorized
from chassis.auth import _authenticator, _ring
from chassis.testing.issuer import AUDIENCE, make_key, running_issuer

COGNITO = {  # as its documentation shows an access token
    "aud": None,
    "sub": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "device_key": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "cognito:groups": ["testers", "admins"],
    "version": 2,
    "client_id": AUDIENCE,
    "origin_jti": "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "token_use": "access",
    "scope": "phone openid ip/erase",
    "auth_time": 1676313851,
    "username": "my-test-user",
}
KEYCLOAK = {
    "jti": "b1384883-9723-4b4b-8a5c-1b3e5fb93d4e",
    "aud": ["realm-management", AUDIENCE, "account"],
    "sub": "f7b1d2d3-0e0c-4c7a-9d84-3d2a0f2a7c11",
    "typ": "Bearer",
    "azp": "web",
    "acr": "1",
    "realm_access": {"roles": ["offline_access", "manager"]},
    "resource_access": {"account": {"roles": ["manage-account"]}},
    "scope": "openid profile ip:admin",
    "preferred_username": "alice",
}


@pytest.fixture(scope="module")
def rsa_key():
    return make_key()


@pytest.fixture
def issuer(rsa_key):
    with running_issuer(rsa_key) as running:
        yield running


@pytest.fixture(params=["asyncio", "thread"])
def recognise(request, issuer, make_chassis):
    """Says whom a header speaks for, in either way."""
    auth = make_chassis(auth_issuer=issuer.url, auth_audience=(AUDIENCE, "another")).auth
    if request.param == "thread":
        return auth.identify_blocking
    return lambda header: asyncio.run(auth.identify(header))


@pytest.fixture
def refusal(recognise):
    """The error description of a token that is refused."""

    def refuse(token):
        with pytest.raises(Unauthorized) as refused:
            recognise(f"Bearer {token}")
        assert refused.value.headers["WWW-Authenticate"] == (
            f'Bearer realm="chassis", error="invalid_token", error_description="{refused.value.detail}"'
        )
        return refused.value.detail

    return refuse


def dated(claims):
    """Claims with their times, which are given as seconds from now."""
    now = int(time.time())
    return {
        name: now + value if name in ("exp", "nbf", "iat") and type(value) in (int, float) else value
        for name, value in claims.items()
    }


def encode(value):
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(part):
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def resigned(token, header, sign):
    """A token of the same content under another header and signature."""
    signed = f"{encode(header)}.{token.split('.')[1]}"
    return f"{signed}.{encode(sign(signed.encode()))}"


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_valid_token_tells_who_calls(issuer, recognise, algorithm):
    issuer.rotate(algorithm)
    identity = recognise(f"Bearer {issuer.token(scope='read write')}")
    assert (identity.subject, identity.client) == ("alice", None)
    assert identity.scopes == {"read", "write"}
    assert identity.claims["iss"] == issuer.url


def test_access_token_of_cognito(issuer, recognise):
    identity = recognise(f"Bearer {issuer.token(**COGNITO)}")
    assert (identity.subject, identity.client) == (COGNITO["sub"], AUDIENCE)
    assert identity.scopes == {"phone", "openid", "ip/erase"}
    assert identity.groups == {"testers", "admins"}


def test_access_token_of_keycloak(issuer, recognise):
    identity = recognise(f"Bearer {issuer.token(**KEYCLOAK)}")
    assert (identity.subject, identity.client) == (KEYCLOAK["sub"], "web")
    assert identity.scopes == {"openid", "profile", "ip:admin"}
    assert identity.groups == {"offline_access", "manager"}


@pytest.mark.parametrize(
    "claims",
    [
        {"aud": AUDIENCE},
        {"aud": ["x", "another"]},
        {"aud": None, "azp": AUDIENCE},
        {"aud": None, "client_id": AUDIENCE, "sub": None},
        {"exp": -30},
        {"nbf": 30, "iat": 30},
        {"iat": None, "scope": ["no", "string"], "realm_access": "none", "cognito:groups": "admins"},
        {"exp": 60.5},
    ],
)
def test_claims_that_are_well(issuer, recognise, claims):
    identity = recognise(f"Bearer {issuer.token(**dated(claims))}")
    assert identity.subject in ("alice", AUDIENCE)
    assert not identity.groups


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"exp": -61}, "The token has expired."),
        ({"exp": None}, "The token never expires."),
        ({"exp": "tomorrow"}, "The token's exp is no number."),
        ({"exp": True}, "The token's exp is no number."),
        ({"nbf": 120}, "The token is not valid yet."),
        ({"iat": 120}, "The token is not valid yet."),
        ({"iss": "https://evil.example"}, "The token is of another issuer."),
        ({"iss": None}, "The token is of another issuer."),
        ({"aud": "somebody-else"}, "The token is meant for another service."),
        ({"aud": ["x", "y"]}, "The token is meant for another service."),
        ({"aud": []}, "The token is meant for another service."),
        ({"aud": {AUDIENCE: 1}}, "The token is meant for another service."),
        ({"aud": "x", "client_id": AUDIENCE, "azp": AUDIENCE}, "The token is meant for another service."),
        ({"aud": None}, "The token is meant for another service."),
        ({"aud": None, "client_id": "x"}, "The token is meant for another service."),
        ({**COGNITO, "client_id": "x"}, "The token is meant for another service."),
        ({**COGNITO, "aud": AUDIENCE, "token_use": "id"}, "This is no access token."),
        ({**KEYCLOAK, "typ": "ID"}, "This is no access token."),
        ({**KEYCLOAK, "typ": "Refresh"}, "This is no access token."),
        ({"sub": None}, "The token says nothing of its subject."),
        ({"sub": 7}, "The token says nothing of its subject."),
    ],
)
def test_claims_that_are_not(issuer, refusal, claims, said):
    assert refusal(issuer.token(**dated(claims))) == said


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_forged_content_is_refused(issuer, refusal, algorithm):
    issuer.rotate(algorithm)
    head, body, signature = issuer.token().split(".")
    forged = encode({**decode(body), "sub": "root"})
    assert refusal(f"{head}.{forged}.{signature}") == "The token's signature is wrong."


@pytest.mark.parametrize("algorithm", ["RS256", "ES256", "EdDSA"])
def test_key_of_somebody_else_under_a_known_name_is_refused(issuer, refusal, algorithm):
    issuer.rotate(algorithm)
    forger = make_key(algorithm, kid=issuer.keys[0].kid)
    assert refusal(issuer.token(key=forger)) == "The token's signature is wrong."


@pytest.mark.parametrize("algorithm", ["ES256", "EdDSA"])
@pytest.mark.parametrize("signature", [b"", b"\0" * 64, b"\0" * 63, b"\xff" * 64, b"\0" * 512])
def test_signature_of_nothing_is_refused(issuer, refusal, algorithm, signature):
    issuer.rotate(algorithm)
    signed = issuer.token().rpartition(".")[0]
    assert refusal(f"{signed}.{encode(signature)}") == "The token's signature is wrong."


@pytest.mark.parametrize("name", ["none", "None", "NONE", ""])
def test_unsigned_token_is_refused(issuer, refusal, name):
    header = {"alg": name, "kid": issuer.keys[0].kid, "typ": "JWT"}
    unsigned = resigned(issuer.token(), header, lambda _: b"")
    assert refusal(unsigned) == "The token is not signed with one of RS256, ES256, EdDSA."


@pytest.mark.parametrize("form", ["pem", "der"])
def test_public_key_is_no_shared_secret(issuer, refusal, form):
    secret = issuer.keys[0].as_pem(private=False) if form == "pem" else issuer.keys[0].as_der(private=False)
    header = {"alg": "HS256", "kid": issuer.keys[0].kid, "typ": "JWT"}
    forged = resigned(issuer.token(), header, lambda text: hmac.digest(secret, text, hashlib.sha256))
    assert refusal(forged) == "The token is not signed with one of RS256, ES256, EdDSA."


def test_key_is_used_with_its_own_algorithm_only(issuer, refusal):
    header = {"alg": "ES256", "kid": issuer.keys[0].kid, "typ": "JWT"}
    assert refusal(resigned(issuer.token(), header, lambda _: b"\0" * 64)) == (
        "The token is signed with an unknown key."
    )


@pytest.mark.parametrize("name", ["jwk", "jku", "x5u"])
def test_key_that_comes_with_the_token_is_not_looked_at(issuer, refusal, name):
    forger = make_key(kid=issuer.keys[0].kid)
    given = forger.as_dict(private=False) if name == "jwk" else f"{issuer.url}/keys"
    header = {"alg": "RS256", "kid": issuer.keys[0].kid, name: given}
    signed = resigned(issuer.token(key=forger), header, lambda _: b"\0" * 256)
    assert refusal(signed) == "The token's signature is wrong."


@pytest.mark.parametrize(
    ("header", "said"),
    [
        ({"crit": ["exp"], "exp": 1}, "The token is malformed."),
        ({"b64": False, "crit": ["b64"]}, "The token is malformed."),
        ({"kid": 7}, "The token is malformed."),
        ({"alg": ["RS256"]}, "The token is not signed with one of RS256, ES256, EdDSA."),
        ({"typ": "logout+jwt"}, "This kind of token is not taken."),
        ({"typ": "dpop+jwt"}, "This kind of token is not taken."),
        ({"typ": 7}, "This kind of token is not taken."),
    ],
)
def test_header_that_is_not_understood(issuer, refusal, header, said):
    usual = {"alg": "RS256", "kid": issuer.keys[0].kid, "typ": "JWT"}
    assert refusal(resigned(issuer.token(), {**usual, **header}, lambda _: b"\0" * 256)) == said


@pytest.mark.parametrize("kind", ["at+jwt", "application/at+jwt", "jwt", None])
def test_kinds_of_tokens_that_are_taken(issuer, recognise, kind):
    token = issuer.token(header={"typ": kind} if kind else {})
    assert recognise(f"Bearer {token}").subject == "alice"


@pytest.mark.parametrize(
    "token",
    [
        "x",
        ".",
        "..",
        "a.b.c",
        "a.b.c.d.e",
        "é.é.é",
        "e30.e30.e30",
        f"{encode([])}.e30.AA",
        "Bearer x",
        "=" * 9999,
        encode(b"[" * 10_000) + ".e30.AA",
        encode(b"[" * 100_000) + ".e30.AA",
        encode(b'{"alg":"RS256"') + ".e30.AA",
        "\0",
        "a, Bearer b",
    ],
)
def test_what_is_no_token_is_refused(refusal, token):
    assert refusal(token).startswith("The token is ")


@pytest.mark.parametrize("payload", [b"[]", b"7", b'{"iss":1,"iss":2}', b"{", b"\xff", b'{"exp":NaN}'])
def test_payload_that_is_no_object_is_refused(issuer, refusal, payload):
    key = issuer.keys[0]
    signed = f"{encode({'alg': 'RS256', 'kid': key.kid})}.{encode(payload)}"
    signature = key.private_key.sign(signed.encode(), PKCS1v15(), SHA256())
    assert refusal(f"{signed}.{encode(signature)}") == "The token is malformed."


@pytest.mark.parametrize("header", [None, "", "Basic YTpi", "Bearer", "Bearer ", "token x"])
def test_missing_token_is_asked_for(recognise, header):
    with pytest.raises(Unauthorized) as refused:
        recognise(header)
    assert refused.value.headers["WWW-Authenticate"] == 'Bearer realm="chassis"'


def test_scheme_may_be_written_in_any_case(issuer, recognise):
    assert recognise(f"bearer  {issuer.token()}").subject == "alice"


def test_rotated_key_is_found_and_the_old_one_ends(issuer, recognise, refusal, monkeypatch):
    monkeypatch.setattr(_ring, "REST_SECONDS", 0.0)
    old = issuer.token()
    assert recognise(f"Bearer {old}").subject == "alice"
    issuer.rotate("ES256")
    assert recognise(f"Bearer {issuer.token(sub='bob')}").subject == "bob"
    assert refusal(old) == "The token is signed with an unknown key."


def test_token_that_names_no_key_takes_the_only_one(issuer, recognise):
    nameless = issuer.token(header={"kid": None})
    assert recognise(f"Bearer {nameless}").subject == "alice"


def test_token_that_names_no_key_of_several_is_refused(issuer, refusal):
    issuer.keys.append(make_key())
    assert refusal(issuer.token(header={"kid": None})) == "The token is signed with an unknown key."


def test_token_that_came_before_expires_too(issuer, recognise, refusal, monkeypatch):
    token = issuer.token()
    recognise(f"Bearer {token}")
    later = time.time() + 361
    monkeypatch.setattr(_authenticator.time, "time", lambda: later)
    assert refusal(token) == "The token has expired."


def test_token_that_came_before_ends_with_its_key(issuer, recognise, refusal, monkeypatch):
    monkeypatch.setattr(_ring, "REST_SECONDS", 0.0)
    token = issuer.token()
    recognise(f"Bearer {token}")
    issuer.keys = [make_key(kid=issuer.keys[0].kid)]
    refusal(issuer.token(header={"kid": "invented"}))
    assert refusal(token) == "The token's signature is wrong."


def test_issuer_that_was_never_reached_is_503(issuer, recognise, monkeypatch):
    token = issuer.token()
    issuer.stop()
    for _ in range(2):
        with pytest.raises(ServiceUnavailable) as refused:
            recognise(f"Bearer {token}")
        assert 1 <= int(refused.value.headers["Retry-After"]) <= _ring.REST_SECONDS
        assert "WWW-Authenticate" not in refused.value.headers
    monkeypatch.setattr(_ring, "REST_SECONDS", 0.0)
    issuer.start()
    assert recognise(f"Bearer {token}").subject == "alice"


def test_issuer_that_went_away_is_not_missed(issuer, recognise, refusal, monkeypatch):
    monkeypatch.setattr(_ring, "REST_SECONDS", 0.0)
    monkeypatch.setattr(_ring, "OLD_SECONDS", 0.0)
    recognise(f"Bearer {issuer.token()}")
    issuer.stop()
    assert refusal(issuer.token(key=make_key())) == "The token is signed with an unknown key."
    assert recognise(f"Bearer {issuer.token()}").subject == "alice"


def test_invented_key_names_ask_the_issuer_once(issuer, recognise, refusal, monkeypatch):
    monkeypatch.setattr(_ring, "REST_SECONDS", 3600.0)
    recognise(f"Bearer {issuer.token()}")
    for _ in range(200):
        assert refusal(issuer.token(key=make_key("EdDSA"))) == "The token is signed with an unknown key."
    assert len(issuer.asked) == 2  # the configuration and the keys


def test_hanging_issuer_is_503_in_time(issuer, recognise, silent_port):
    issuer.configuration["jwks_uri"] = f"http://127.0.0.1:{silent_port}/keys"
    started = time.monotonic()
    with pytest.raises(ServiceUnavailable):
        recognise(f"Bearer {issuer.token()}")
    assert time.monotonic() - started < 5


@pytest.mark.parametrize(
    "configuration",
    [
        {"issuer": "https://evil.example"},
        {"issuer": None},
        {"jwks_uri": "http://keys.example/keys"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://a..b/keys"},
        {"jwks_uri": 7},
        {"jwks_uri": None},
    ],
)
def test_configuration_of_somebody_else_is_not_believed(issuer, recognise, configuration):
    issuer.configuration |= configuration
    with pytest.raises(ServiceUnavailable):
        recognise(f"Bearer {issuer.token()}")


def test_redirect_is_not_followed(issuer, recognise, redirecting_url):
    issuer.configuration["jwks_uri"] = redirecting_url
    with pytest.raises(ServiceUnavailable):
        recognise(f"Bearer {issuer.token()}")


@pytest.mark.parametrize(
    "members", [{"use": "enc"}, {"alg": "RSA-OAEP"}, {"n": "AQAB"}, {"e": "AA"}, {"n": "é"}]
)
def test_key_for_something_else_is_left_out(issuer, recognise, monkeypatch, members):
    published = {**issuer.keys[0].as_dict(private=False), **members}
    monkeypatch.setattr(issuer, "answer", lambda path: {**issuer.configuration, "keys": [published, 7]})
    with pytest.raises(Problem) as refused:
        recognise(f"Bearer {issuer.token()}")
    assert refused.value.status == 503
