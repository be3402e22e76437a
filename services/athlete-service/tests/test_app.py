import httpx
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from athlete_service.app import create_app
from athlete_service.settings import Settings
from chassis.testing import run_app

pytestmark = pytest.mark.anyio
OTHER_METHODS = ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "BREW"]


async def test_get_names_the_athlete(client: httpx.AsyncClient) -> None:
    response = await client.get("/")

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.headers["cache-control"] == "public, max-age=60"
    assert response.content == b'{"myFavoriteAthlete":"Usain Bolt"}'


async def test_current_copy_is_not_sent_again(client: httpx.AsyncClient) -> None:
    etag = (await client.get("/")).headers["etag"]

    response = await client.get("/", headers={"If-None-Match": f'"other", W/{etag}'})

    assert (response.status_code, response.content) == (304, b"")
    assert response.headers["etag"] == etag
    assert response.headers["cache-control"] == "public, max-age=60"


async def test_old_copy_is_sent_anew(client: httpx.AsyncClient) -> None:
    assert (await client.get("/", headers={"If-None-Match": '"old"'})).status_code == 200


async def test_head_is_get_without_body(client: httpx.AsyncClient) -> None:
    head, get = await client.head("/"), await client.get("/")

    assert (head.status_code, head.content) == (200, b"")
    for name in ("etag", "content-length", "content-type", "cache-control"):
        assert head.headers[name] == get.headers[name]


async def test_options_lists_the_methods(client: httpx.AsyncClient) -> None:
    response = await client.options("/")

    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", OTHER_METHODS)
@pytest.mark.parametrize("accept", ["*/*", "text/html", "text/plain, application/json;q=0.5", None])
async def test_other_method_is_405_in_text(
    client: httpx.AsyncClient, method: str, accept: str | None
) -> None:
    del client.headers["accept"]
    response = await client.request(method, "/", headers={"Accept": accept} if accept else {})

    assert (response.status_code, response.text) == (405, "Only GET method valid")
    assert response.headers["content-type"].startswith("text/plain")
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert response.headers["vary"] == "Accept"


@pytest.mark.parametrize(
    "accept", ["application/json", "application/problem+json", "text/*;q=0.1, application/*"]
)
async def test_other_method_is_a_problem_for_who_names_json(client: httpx.AsyncClient, accept: str) -> None:
    response = await client.post("/", headers={"Accept": accept})

    assert response.status_code == 405
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert response.json()["title"] == "Method Not Allowed"


async def test_unknown_path_is_404(client: httpx.AsyncClient) -> None:
    assert (await client.get("/athletes")).status_code == 404


async def test_document_describes_the_resource(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()

    assert document["paths"]["/"]["get"]["summary"] == "The favourite athlete"


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(name=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=200))
async def test_any_name_survives_json(anyio_backend: str, name: str) -> None:
    async with run_app(create_app(Settings(serve_port=0, athlete_name=name))) as client:
        assert (await client.get("/")).json() == {"myFavoriteAthlete": name}
