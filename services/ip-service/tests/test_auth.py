"""Who may call, when there is an issuer: the real process, asked by way of the network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from chassis.testing import Service, http_client, running_service, valkey_server
from chassis.testing.issuer import AUDIENCE, Issuer, running_issuer

ADMIN_TOKEN = "of-the-operator"
OPEN = ["/livez", "/readyz", "/health-check", "/metrics", "/openapi.json", "/docs"]
CLOSED = ["/get-ip", "/get-ip-list", "/v1/ips", "/v1/ips/me", "/v1/ips/stats", "/v1/ips/events", "/nowhere"]


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with valkey_server(tmp_path_factory.mktemp("valkey")) as server:
        yield server.url


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with running_issuer() as running:
        yield running


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, redis_url: str, issuer: Issuer) -> Iterator[Service]:
    env = {
        "REDIS_URL": redis_url,
        "RATE_LIMIT": "1000/hour",
        "ADMIN_TOKEN": ADMIN_TOKEN,
        "ADMIN_SCOPE": "ip/erase",
        "AUTH_ISSUER": issuer.url,
        "AUTH_AUDIENCE": AUDIENCE,
    }
    with running_service("ip_service", tmp_path_factory.mktemp("service"), env) as running:
        yield running


@pytest.fixture
def ask(service: Service) -> Iterator[Callable[..., httpx.Response]]:
    """Calls with a token, or without one."""
    with http_client(service.url) as http:

        def request(
            path: str, token: str | None = None, method: str = "GET", **headers: str
        ) -> httpx.Response:
            given = {"Authorization": f"Bearer {token}"} if token else {}
            return http.request(method, path, headers={**given, **headers})

        yield request


def test_strangers_see_probes_and_documents_only(ask):
    assert {path: ask(path).status_code for path in OPEN} == dict.fromkeys(OPEN, 200)
    assert {path: ask(path).status_code for path in CLOSED} == dict.fromkeys(CLOSED, 401)


def test_stranger_is_not_recorded(ask, issuer: Issuer):
    ask("/get-ip", **{"X-Forwarded-For": "203.0.113.66"})
    assert ask("/v1/ips/203.0.113.66", issuer.token()).status_code == 404


def test_valid_token_opens_the_service(ask, issuer: Issuer):
    token = issuer.token()
    assert ask("/get-ip", token, **{"X-Forwarded-For": "203.0.113.7"}).text == "203.0.113.7\n"
    assert "203.0.113.7" in ask("/get-ip-list", token).text.split()
    assert ask("/v1/ips/203.0.113.7", token).status_code == 200


def test_forged_token_opens_nothing(ask, issuer: Issuer):
    head, body, _ = issuer.token().split(".")
    answer = ask("/get-ip", f"{head}.{body}.AAAA")
    assert answer.status_code == 401
    assert 'error="invalid_token"' in answer.headers["www-authenticate"]


@pytest.mark.parametrize("way", ["scope", "admin token"])
def test_administrator_erases(ask, issuer: Issuer, way: str):
    token = issuer.token(scope="openid ip/erase") if way == "scope" else ADMIN_TOKEN
    ask("/get-ip", issuer.token(), **{"X-Forwarded-For": "203.0.113.8"})
    assert ask("/v1/ips/203.0.113.8", token, "DELETE").status_code == 204
    assert ask("/v1/ips/203.0.113.8", issuer.token()).status_code == 404


def test_others_do_not_erase(ask, issuer: Issuer):
    path = "/v1/ips/203.0.113.9"
    assert ask(path, None, "DELETE").headers["www-authenticate"] == 'Bearer realm="ip-service"'
    assert ask(path, "not-of-the-operator", "DELETE").status_code == 401
    assert ask(path, issuer.token(scope="ip/erase", exp=1), "DELETE").status_code == 401
    refused = ask(path, issuer.token(scope="openid ip"), "DELETE")
    assert refused.status_code == 403
    assert 'error="insufficient_scope"' in refused.headers["www-authenticate"]
    assert 'scope="ip/erase"' in refused.headers["www-authenticate"]


def test_admin_token_opens_nothing_else(ask):
    assert ask("/get-ip", ADMIN_TOKEN).status_code == 401


def test_guesses_of_the_admin_token_count(ask):
    left = [
        int(ask("/v1/ips/203.0.113.9", "a-guess", "DELETE").headers["ratelimit"].split("r=")[1].split(";")[0])
        for _ in range(2)
    ]
    assert left[0] == left[1] + 1


def test_crypto_is_loaded_for_an_issuer_only(tmp_path: Path, service: Service, redis_url: str):
    assert crypto_modules(service)
    with running_service("ip_service", tmp_path, {"REDIS_URL": redis_url}) as plain:
        assert httpx.get(f"{plain.url}/get-ip", trust_env=False).status_code == 200
        assert not crypto_modules(plain)


def crypto_modules(service: Service) -> list[str]:
    """What the process has mapped of the library that checks signatures."""
    maps = Path(f"/proc/{service.process.pid}/maps").read_text()
    return [line for line in maps.splitlines() if "/Crypto/" in line]


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        (
            {"AUTH_ISSUER": "https://login.example.com"},
            "AUTH_AUDIENCE: must be set, since AUTH_ISSUER is",
        ),
        ({"AUTH_AUDIENCE": "ip"}, "AUTH_AUDIENCE: is of no use without AUTH_ISSUER"),
        (
            {"AUTH_ISSUER": "http://login.example.com", "AUTH_AUDIENCE": "ip"},
            "AUTH_ISSUER: no https URL such as https://login.example.com/realms/main",
        ),
    ],
)
def test_half_a_configuration_ends_the_start(tmp_path: Path, variables: dict[str, str], said: str):
    with (
        pytest.raises(RuntimeError, match=f"ip_service ended: {said}\n$"),
        running_service("ip_service", tmp_path, variables),
    ):
        pass
