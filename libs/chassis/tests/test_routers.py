"""Routers: one for many applications, with and without a prefix."""

import pytest

from chassis import ServiceSettings
from chassis.fastapi import Router, create_app
from chassis.testing import run_app

pytestmark = pytest.mark.anyio


@pytest.fixture
def router():
    router = Router(prefix="/things")

    @router.get("/{number}")
    def show(number: int) -> dict[str, int]:
        return {"number": number}

    return router


@pytest.fixture
def new_app():
    return lambda: create_app(ServiceSettings(serve_port=0, log_level="warning"), name="chassis")


async def test_routes_serve_every_application_that_has_them(router, new_app):
    for app in (new_app(), new_app()):
        app.include_router(router)
        async with run_app(app) as client:
            assert (await client.get("/things/3")).json() == {"number": 3}
            assert (await client.post("/things/3")).headers["allow"] == "GET, HEAD, OPTIONS"
            assert (await client.get("/things/x")).status_code == 422
            document = (await client.get("/openapi.json")).json()
        assert list(document["paths"]) == ["/things/{number}"]


async def test_options_are_kept(router, new_app):
    app = new_app()
    app.include_router(router, prefix="/more", tags=["more"])
    async with run_app(app) as client:
        assert (await client.get("/more/things/3")).json() == {"number": 3}
        assert (await client.get("/things/3")).status_code == 404
        document = (await client.get("/openapi.json")).json()
    assert document["paths"]["/more/things/{number}"]["get"]["tags"] == ["more"]
