import json
from typing import Any

import httpx
import pytest

from chassis.fastapi import App
from chassis.testing import run_app
from config_service.app import create_app
from config_service.settings import Settings

pytestmark = pytest.mark.anyio

REPLICAS = {"properties": {"replicas": {"type": "integer", "minimum": 1}}, "required": ["replicas"]}


async def put_schema(client: httpx.AsyncClient, name: str, schema: Any) -> httpx.Response:
    headers = {"Content-Type": "application/schema+json"}
    return await client.put(f"/v1/schemas/{name}", content=json.dumps(schema), headers=headers)


async def put(client: httpx.AsyncClient, name: str, metadata: Any, schema: str | None) -> httpx.Response:
    return await client.put(f"/v1/configs/{name}", json={"metadata": metadata, "schema": schema})


def pointers(response: httpx.Response) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


async def test_schema_is_kept_and_given_back(client: httpx.AsyncClient) -> None:
    added = await put_schema(client, "app", REPLICAS)
    found = await client.get("/v1/schemas/app")

    assert (added.status_code, added.headers["location"]) == (201, "/v1/schemas/app")
    assert (found.status_code, found.json()) == (200, REPLICAS)
    assert found.headers["content-type"] == "application/schema+json"
    again = await client.get("/v1/schemas/app", headers={"If-None-Match": found.headers["etag"]})
    assert again.status_code == 304
    assert (await client.get("/v1/schemas")).json() == {"items": ["app", "datacenter"]}


async def test_schema_may_come_as_plain_json(client: httpx.AsyncClient) -> None:
    assert (await client.put("/v1/schemas/app", json=True)).status_code == 201
    assert (await client.put("/v1/schemas/app", content=b"{}")).status_code == 415


async def test_schema_takes_a_number_only_when_it_changes(client: httpx.AsyncClient) -> None:
    await put_schema(client, "app", REPLICAS)
    again = await put_schema(client, "app", dict(reversed(REPLICAS.items())))

    assert again.status_code == 200
    assert (await put(client, "a", {}, None)).json()["revision"] == 4


@pytest.mark.parametrize(
    ("schema", "pointer"),
    [
        ({"type": "nothing"}, "/type"),
        ({"properties": {"a/b": {"minimum": "1"}}}, "/properties/a~1b/minimum"),
        ({"pattern": "("}, "/pattern"),
        ([], ""),
        ("text", ""),
        ({"$schema": "http://json-schema.org/draft-07/schema#"}, "/$schema"),
        ({"$ref": "#/$defs/absent"}, "/$ref"),
        ({"$ref": "http://127.0.0.1:1/schema.json"}, "/$ref"),
        ({"$ref": "other.json"}, "/$ref"),
        ({"$ref": "file:///etc/passwd"}, "/$ref"),
    ],
)
async def test_what_is_no_schema_is_422(client: httpx.AsyncClient, schema: Any, pointer: str) -> None:
    response = await put_schema(client, "app", schema)

    assert response.status_code == 422
    assert pointers(response) == [pointer]
    assert (await client.get("/v1/schemas/app")).status_code == 404


async def test_every_write_of_a_document_is_checked(client: httpx.AsyncClient) -> None:
    await put_schema(client, "app", REPLICAS)
    assert (await put(client, "a", {"replicas": 2}, "app")).status_code == 201
    bad = {"replicas": 0}
    merge = {"Content-Type": "application/merge-patch+json"}

    answers = [
        await put(client, "a", bad, "app"),
        await put(client, "b", bad, "app"),
        await client.post("/v1/configs", json={"name": "b", "metadata": bad, "schema": "app"}),
        await client.patch("/v1/configs/a", content=json.dumps({"metadata": bad}), headers=merge),
    ]

    assert [(answer.status_code, pointers(answer)) for answer in answers] == [
        (422, ["/metadata/replicas"])
    ] * 4
    assert (await client.get("/v1/configs/a")).json()["metadata"] == {"replicas": 2}


async def test_rollback_is_checked_with_the_schema_of_today(client: httpx.AsyncClient) -> None:
    await put_schema(client, "app", True)
    await put(client, "a", {"replicas": 0}, "app")
    await put(client, "a", {"replicas": 1}, "app")
    await put_schema(client, "app", REPLICAS)

    response = await client.post("/v1/configs/a/rollback", json={"revision": 4})

    assert (response.status_code, pointers(response)) == (422, ["/metadata/replicas"])


async def test_schema_cannot_change_so_that_documents_break(client: httpx.AsyncClient) -> None:
    await put_schema(client, "app", True)
    for name, replicas in [("a", 0), ("b", 1), ("c", -1)]:
        await put(client, name, {"replicas": replicas}, "app")

    response = await put_schema(client, "app", REPLICAS)

    assert response.status_code == 409
    assert pointers(response) == ["/configs/a/metadata/replicas", "/configs/c/metadata/replicas"]
    assert (await client.get("/v1/schemas/app")).json() is True


async def test_schema_in_use_cannot_be_deleted(client: httpx.AsyncClient) -> None:
    await put_schema(client, "app", True)
    await put(client, "a", {}, "app")

    in_use = await client.delete("/v1/schemas/app")
    await client.delete("/v1/configs/a")

    assert (in_use.status_code, pointers(in_use)) == (409, ["/configs/a/schema"])
    assert (await client.delete("/v1/schemas/app")).status_code == 204
    assert (await client.delete("/v1/schemas/app")).status_code == 404
    assert (await put(client, "a", {}, "app")).status_code == 422


async def test_every_change_of_a_schema_is_kept(client: httpx.AsyncClient) -> None:
    await put_schema(client, "app", REPLICAS)
    await put_schema(client, "app", REPLICAS)
    await client.put("/v1/schemas/app", json=True, headers={"X-Change-Reason": "too strict é".encode()})
    await client.delete("/v1/schemas/app")
    await client.post(
        "/v1/import", json={"version": 1, "configs": [], "schemas": [{"name": "app", "schema": {}}]}
    )

    items = (await client.get("/v1/schemas/app/revisions")).json()["items"]
    assert [(item["revision"], item["action"], item["reason"]) for item in items] == [
        (6, "create", None),
        (5, "delete", None),
        (4, "update", "too strict é"),
        (3, "create", None),
    ]
    assert {item["author"] for item in items} == {"127.0.0.1"}

    first, last = [(await client.get(f"/v1/schemas/app/revisions/{number}")).json() for number in (3, 5)]
    assert (first["schema"], first["name"], last["schema"]) == (REPLICAS, "app", None)
    assert {**first, "at": ""} == {**items[-1], "name": "app", "schema": REPLICAS, "at": ""}


async def test_history_of_a_schema_pages(client: httpx.AsyncClient) -> None:
    for number in range(3):
        await put_schema(client, "app", {"minProperties": number})

    first = (await client.get("/v1/schemas/app/revisions?limit=2")).json()
    rest = (await client.get(f"/v1/schemas/app/revisions?limit=2&cursor={first['next']}")).json()

    assert [item["revision"] for item in first["items"] + rest["items"]] == [5, 4, 3]
    assert rest["next"] is None


@pytest.mark.parametrize(
    ("path", "status"),
    [("app", 404), ("app/1", 404), ("app/x", 422), ("datacenter", 200), ("datacenter/1", 404)],
)
async def test_schema_without_history(client: httpx.AsyncClient, path: str, status: int) -> None:
    name, *number = path.split("/")
    response = await client.get("/".join(["/v1/schemas", name, "revisions", *number]))

    assert response.status_code == status


async def test_refused_schema_leaves_no_history(client: httpx.AsyncClient) -> None:
    await put_schema(client, "app", True)
    await put(client, "a", {}, "app")
    assert (await put_schema(client, "app", REPLICAS)).status_code == 409
    assert (await client.delete("/v1/schemas/app")).status_code == 409

    assert len((await client.get("/v1/schemas/app/revisions")).json()["items"]) == 1


async def test_datacenter_is_built_in(client: httpx.AsyncClient) -> None:
    schema = (await client.get("/v1/schemas/datacenter")).json()

    assert set(schema["properties"]) == {"limits", "monitoring"}
    assert (await put_schema(client, "datacenter", True)).status_code == 409
    assert (await client.delete("/v1/schemas/datacenter")).status_code == 409


async def test_references_inside_the_schema_are_followed(client: httpx.AsyncClient) -> None:
    tree = {"type": "object", "properties": {"leaf": {"type": "integer"}, "below": {"$ref": "#/$defs/tree"}}}
    await put_schema(client, "tree", {"$defs": {"tree": tree}, "$ref": "#/$defs/tree"})

    response = await put(client, "a", {"below": {"below": {"leaf": "x"}}}, "tree")

    assert pointers(response) == ["/metadata/below/below/leaf"]


async def test_hostile_pattern_ends(client: httpx.AsyncClient) -> None:
    assert (await put_schema(client, "app", {"properties": {"x": {"pattern": "^(a+)+$"}}})).status_code == 201

    response = await put(client, "a", {"x": "a" * 500_000 + "b"}, "app")

    assert (response.status_code, pointers(response)) == (422, ["/metadata/x"])


async def test_pattern_without_a_bound_is_refused(client: httpx.AsyncClient) -> None:
    response = await put_schema(client, "app", {"properties": {"x": {"pattern": "^(?=a)"}}})

    assert (response.status_code, pointers(response)) == (422, ["/properties/x/pattern"])


@pytest.mark.parametrize("alternatives", ["allOf", "anyOf", "oneOf"])
async def test_schema_that_doubles_with_each_reference_ends(
    client: httpx.AsyncClient, alternatives: str
) -> None:
    twice = {f"d{n}": {alternatives: [{"$ref": f"#/$defs/d{n + 1}"}] * 2} for n in range(40)}
    await put_schema(client, "app", {"$defs": {**twice, "d40": {"minProperties": 1}}, "$ref": "#/$defs/d0"})

    response = await put(client, "a", {}, "app")

    assert (response.status_code, set(pointers(response))) == (422, {"/metadata"})


@pytest.mark.parametrize("schema", [{"$ref": "#"}, {"not": {"$ref": "#"}}, {"anyOf": [{"$ref": "#"}] * 2}])
async def test_schema_that_refers_to_itself_without_end_takes_no_document(
    client: httpx.AsyncClient, schema: Any
) -> None:
    await put_schema(client, "app", schema)

    response = await put(client, "a", {}, "app")

    assert (response.status_code, pointers(response)) == (422, ["/metadata"])


@pytest.mark.parametrize("name", ["-a", "a b", "a" * 129])
async def test_bad_name_is_422(client: httpx.AsyncClient, name: str) -> None:
    assert (await put_schema(client, name, {})).status_code == 422


async def test_location_carries_the_public_prefix(app: App, settings: Settings) -> None:
    behind_gateway = create_app(settings.model_copy(update={"root_path": "/config"}))
    async with run_app(behind_gateway) as client:
        response = await client.put("/config/v1/schemas/app", json={})

    assert response.headers["location"] == "/config/v1/schemas/app"
