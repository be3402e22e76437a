import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from chassis.fastapi import App
from chassis.testing import run_app
from config_service.app import create_app
from config_service.settings import Settings
from config_service.tokens import parse_tokens

pytestmark = pytest.mark.anyio

ALL, TEAM, READER = (secrets.token_urlsafe() for _ in range(3))
LINES = f"# who may do what\nadmin {ALL} write\n\nteam {TEAM} write team-\nreader {READER} read team-\n"
EMPTY = {"metadata": {}}


def by(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def guarded(app: App, settings: Settings) -> Settings:
    return settings.model_copy(update={"config_tokens": SecretStr(LINES)})


@pytest.fixture
async def client(guarded: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with run_app(create_app(guarded)) as client:
        yield client


@pytest.fixture
async def closed(guarded: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """Reads need a token, too."""
    async with run_app(create_app(guarded.model_copy(update={"config_read_auth": True}))) as client:
        yield client


WRITES = [
    ("POST", "/configs"),
    ("PUT", "/configs/a"),
    ("PATCH", "/configs/datacenter-1"),
    ("DELETE", "/configs/datacenter-1"),
    ("POST", "/v1/configs"),
    ("PUT", "/v1/configs/a"),
    ("PATCH", "/v1/configs/datacenter-1"),
    ("DELETE", "/v1/configs/datacenter-1"),
    ("POST", "/v1/configs/datacenter-1/rollback"),
    ("PUT", "/v1/schemas/app"),
    ("DELETE", "/v1/schemas/app"),
    ("POST", "/v1/transactions"),
    ("POST", "/v1/import"),
]
READS = [
    "/configs",
    "/configs/datacenter-1",
    "/search",
    "/v1/configs",
    "/v1/configs/datacenter-1",
    "/v1/configs/datacenter-1/revisions",
    "/v1/configs/datacenter-1/revisions/1",
    "/v1/configs/datacenter-1/diff?from=1",
    "/v1/schemas",
    "/v1/schemas/datacenter",
    "/v1/export",
]


@pytest.mark.parametrize(("method", "path"), WRITES)
async def test_write_needs_a_token(client: httpx.AsyncClient, method: str, path: str) -> None:
    before = (await client.get("/v1/export")).content
    patch = method == "PATCH" and path.startswith("/v1")
    headers = {"Content-Type": "application/merge-patch+json" if patch else "application/json"}

    nobody = await client.request(method, path, content=b"{}", headers=headers)
    stranger = await client.request(method, path, content=b"{}", headers=headers | by("wrong"))
    reader = await client.request(method, path, content=b"{}", headers=headers | by(READER))

    assert (nobody.status_code, nobody.headers["www-authenticate"]) == (
        401,
        'Bearer realm="config-service"',
    )
    assert stranger.status_code == 401
    assert stranger.headers["www-authenticate"].endswith('error="invalid_token"')
    assert reader.status_code == 403
    for response in (nobody, stranger, reader):
        assert response.headers["content-type"] == "application/problem+json"
    assert (await client.get("/v1/export")).content == before


@pytest.mark.parametrize("path", READS)
async def test_reads_stay_open_unless_they_are_closed(
    client: httpx.AsyncClient, closed: httpx.AsyncClient, path: str
) -> None:
    assert (await client.get(path)).status_code == 200
    assert (await closed.get(path)).status_code == 401
    assert (await closed.get(path, headers=by("wrong"))).status_code == 401
    assert (await closed.get(path, headers=by(ALL))).status_code == 200
    assert (await closed.head(path)).status_code == 401


async def test_conditional_read_is_closed_as_well(closed: httpx.AsyncClient) -> None:
    path, known = "/v1/configs/datacenter-1", {"If-None-Match": '"1"'}

    assert (await closed.get(path, headers=known)).status_code == 401
    assert (await closed.get(path, headers=known | by(READER))).status_code == 403
    assert (await closed.get(path, headers=known | by(ALL))).status_code == 304


async def test_watch_is_closed_as_well(closed: httpx.AsyncClient) -> None:
    assert (await closed.head("/v1/watch")).status_code == 401
    assert (await closed.head("/v1/watch", headers=by(READER))).status_code == 403
    assert (await closed.head("/v1/watch?prefix=team-a", headers=by(READER))).status_code == 200


async def test_token_with_a_prefix_reads_below_it(closed: httpx.AsyncClient) -> None:
    await closed.put("/v1/configs/team-a", json=EMPTY, headers=by(ALL))

    for path, status in [
        ("/v1/configs/team-a", 200),
        ("/v1/configs/datacenter-1", 403),
        ("/v1/configs?prefix=team-", 200),
        ("/v1/configs", 403),
        ("/v1/configs?prefix=tea", 403),
        ("/v1/schemas", 200),
        ("/v1/export", 403),
        ("/search", 403),
    ]:
        assert (await closed.get(path, headers=by(READER))).status_code == status, path


async def test_token_with_a_prefix_writes_below_it(client: httpx.AsyncClient) -> None:
    team = by(TEAM)
    operations = [{"op": "put", "name": name, "metadata": {}} for name in ("team-b", "other")]
    file = {"version": 1, "configs": [{"name": "other", "metadata": {}}]}

    assert (await client.put("/v1/configs/team-a", json=EMPTY, headers=team)).status_code == 201
    for response in [
        await client.put("/v1/configs/other", json=EMPTY, headers=team),
        await client.delete("/configs/datacenter-1", headers=team),
        await client.post("/v1/transactions", json={"operations": operations}, headers=team),
        await client.post("/v1/import", json=file, headers=team),
        await client.put("/v1/schemas/team-s", json={}, headers=team),
    ]:
        assert response.status_code == 403
    assert (await client.get("/v1/configs/team-b")).status_code == 404


async def test_author_is_the_name_of_the_token(client: httpx.AsyncClient) -> None:
    await client.put("/v1/configs/team-a", json=EMPTY, headers=by(TEAM) | {"X-Change-Reason": "why not"})

    (entry,) = (await client.get("/v1/configs/team-a/revisions")).json()["items"]

    assert (entry["author"], entry["reason"]) == ("team", "why not")


async def test_author_is_the_address_where_no_tokens_are(app: App) -> None:
    async with run_app(app, client=("192.0.2.7", 1)) as client:
        await client.put("/v1/configs/a", json=EMPTY)
        (entry,) = (await client.get("/v1/configs/a/revisions")).json()["items"]

    assert entry["author"] == "192.0.2.7"


@pytest.mark.parametrize(
    "lines",
    ["a", "a b", "a b admin", "a b write c d", "a b write é", "a b read\nc b write", "a" * 129 + " b read"],
)
def test_bad_line_names_its_number_and_hides_the_token(lines: str) -> None:
    with pytest.raises(ValueError, match=r"line 1: |a token is there twice") as caught:
        parse_tokens(lines)
    assert " b" not in str(caught.value).replace(" be", "")
