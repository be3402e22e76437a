import json
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.fastapi import App
from chassis.testing import run_app
from config_service.app import create_app
from config_service.settings import Settings

pytestmark = pytest.mark.anyio

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"


async def put(client: httpx.AsyncClient, name: str, metadata: Any, **more: Any) -> httpx.Response:
    response = await client.put(f"/v1/configs/{name}", json={"metadata": metadata, **more})
    assert response.status_code in (200, 201)
    return response


async def patch(
    client: httpx.AsyncClient, name: str, value: Any, media_type: str = MERGE_PATCH
) -> httpx.Response:
    headers = {"Content-Type": media_type}
    return await client.patch(f"/v1/configs/{name}", content=json.dumps(value), headers=headers)


def pointers(response: httpx.Response) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


async def test_post_adds_a_document(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/configs", json={"name": "a", "metadata": {"x": [1, None, "ü"]}})

    assert response.status_code == 201
    assert response.headers["location"] == "/v1/configs/a"
    assert response.headers["etag"] == '"3"'
    resource = response.json()
    created, modified = (datetime.fromisoformat(resource.pop(key)) for key in ("created_at", "modified_at"))
    assert resource == {"name": "a", "metadata": {"x": [1, None, "ü"]}, "schema": None, "revision": 3}
    assert created == modified
    assert created.utcoffset() == timedelta(0)
    assert (await client.get("/v1/configs/a")).json() == response.json()


async def test_location_carries_the_public_prefix(client: httpx.AsyncClient, settings: Settings) -> None:
    behind_gateway = create_app(settings.model_copy(update={"root_path": "/config"}))
    async with run_app(behind_gateway) as prefixed:
        response = await prefixed.post("/config/v1/configs", json={"name": "a", "metadata": {}})

    assert response.headers["location"] == "/config/v1/configs/a"


async def test_post_of_a_name_that_exists_is_409(client: httpx.AsyncClient) -> None:
    response = await client.post("/v1/configs", json={"name": "datacenter-1", "metadata": {}})

    assert response.status_code == 409


async def test_datacenters_are_documents_of_that_schema(client: httpx.AsyncClient) -> None:
    document = (await client.get("/v1/configs/datacenter-1")).json()
    assert (document["schema"], document["revision"]) == ("datacenter", 1)

    await put(client, "dc", {"monitoring": {"enabled": True}}, schema="datacenter")

    found = (await client.get("/configs/dc")).json()
    assert found == [{"dcname": "dc", "metadata": {"monitoring": {"enabled": True}}}]


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({}, "/metadata"),
        ({"metadata": []}, "/metadata"),
        ({"metadata": None}, "/metadata"),
        ({"metadata": {}, "schema": 1}, "/schema"),
        ({"metadata": {}, "schema": "unknown"}, "/schema"),
        ({"metadata": {}, "name": "b"}, "/name"),
        ({"metadata": {}, "name": "-"}, "/name"),
        ({"metadata": {}, "more": 1}, "/more"),
        (
            {"metadata": {"limits": {"cpu": {"value": 1}}}, "schema": "datacenter"},
            "/metadata/limits/cpu/value",
        ),
        ([], ""),
    ],
)
async def test_bad_document_is_422(client: httpx.AsyncClient, body: Any, pointer: str) -> None:
    response = await client.put("/v1/configs/a", json=body)

    assert response.status_code == 422
    assert pointers(response) == [pointer]
    assert (await client.get("/v1/configs/a")).status_code == 404


@pytest.mark.parametrize("name", ["-a", "a b", "é", "a" * 129, "%00", ".a"])
async def test_put_under_a_bad_name_is_422(client: httpx.AsyncClient, name: str) -> None:
    assert (await client.put(f"/v1/configs/{name}", json={"metadata": {}})).status_code == 422
    assert (await client.get(f"/v1/configs/{name}")).status_code == 404


async def test_resource_may_be_sent_back_as_it_came(client: httpx.AsyncClient) -> None:
    first = await put(client, "a", {"x": 1})

    for response in [
        await client.put("/v1/configs/a", json=first.json()),
        await patch(client, "a", first.json()),
    ]:
        assert response.status_code == 200
        assert response.json() == first.json()
        assert response.headers["etag"] == first.headers["etag"]


async def test_put_answers_201_then_200(client: httpx.AsyncClient) -> None:
    first = await client.put("/v1/configs/a", json={"metadata": {"x": 1}})
    second = await client.put("/v1/configs/a", json={"metadata": {"x": 2}, "name": "a"})

    assert (first.status_code, first.headers["location"]) == (201, "/v1/configs/a")
    assert (second.status_code, second.json()["revision"]) == (200, 4)
    assert second.json()["created_at"] == first.json()["created_at"] < second.json()["modified_at"]


async def test_put_may_change_the_schema(client: httpx.AsyncClient) -> None:
    response = await put(client, "datacenter-1", {"any": "thing"}, schema=None)

    assert response.json()["schema"] is None
    assert (await client.get("/configs/datacenter-1")).json() == []


async def test_get_answers_304_to_who_has_it(client: httpx.AsyncClient) -> None:
    etag = (await put(client, "a", {})).headers["etag"]

    for header, status in [(etag, 304), (f'"0", W/{etag}', 304), ("*", 304), ('"0"', 200)]:
        response = await client.get("/v1/configs/a", headers={"If-None-Match": header})
        assert (response.status_code, response.headers["etag"]) == (status, etag)
        assert response.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST"])
async def test_write_of_what_has_changed_is_412(client: httpx.AsyncClient, method: str) -> None:
    old = (await put(client, "a", {"x": 1})).headers["etag"]
    new = await put(client, "a", {"x": 2})
    media_type = MERGE_PATCH if method == "PATCH" else "application/json"
    path = "/v1/configs/a" + ("/rollback" if method == "POST" else "")
    body = b"" if method == "DELETE" else b'{"revision": 3}' if method == "POST" else b'{"metadata": {}}'

    async def write(etag: str) -> int:
        headers = {"If-Match": etag, "Content-Type": media_type}
        return (await client.request(method, path, content=body, headers=headers)).status_code

    for stale in (old, f"W/{new.headers['etag']}", "garbage", ""):
        assert await write(stale) == 412
    assert (await client.get("/v1/configs/a")).json() == new.json()
    assert await write(f"{old}, {new.headers['etag']}") in (200, 204)


async def test_if_none_match_star_only_creates(client: httpx.AsyncClient) -> None:
    headers = {"If-None-Match": "*"}
    first = await client.put("/v1/configs/a", json={"metadata": {}}, headers=headers)
    second = await client.put("/v1/configs/a", json={"metadata": {"x": 1}}, headers=headers)

    assert (first.status_code, second.status_code) == (201, 412)


async def test_if_match_does_not_create(client: httpx.AsyncClient) -> None:
    response = await client.put("/v1/configs/a", json={"metadata": {}}, headers={"If-Match": "*"})

    assert response.status_code == 412


async def test_merge_patch(client: httpx.AsyncClient) -> None:
    await put(client, "a", {"x": 1, "y": {"z": [1]}})

    response = await patch(client, "a", {"metadata": {"x": None, "y": {"q": True}}})

    assert response.status_code == 200
    assert response.json()["metadata"] == {"y": {"z": [1], "q": True}}


async def test_json_patch(client: httpx.AsyncClient) -> None:
    await put(client, "a", {"x": 1, "y": [1]})

    response = await patch(
        client,
        "a",
        [
            {"op": "test", "path": "/schema", "value": None},
            {"op": "add", "path": "/metadata/y/-", "value": 2},
            {"op": "move", "from": "/metadata/x", "path": "/metadata/z"},
        ],
        JSON_PATCH,
    )

    assert response.status_code == 200
    assert response.json()["metadata"] == {"y": [1, 2], "z": 1}


@pytest.mark.parametrize(
    ("media_type", "value", "status"),
    [
        (MERGE_PATCH, {"name": "b"}, 422),
        (MERGE_PATCH, {"name": None}, 422),
        (MERGE_PATCH, {"metadata": None}, 422),
        (MERGE_PATCH, {"metadata": 1}, 422),
        (MERGE_PATCH, {"more": 1}, 422),
        (MERGE_PATCH, {"schema": "unknown"}, 422),
        (MERGE_PATCH, {"schema": "datacenter"}, 422),
        (MERGE_PATCH, [], 422),
        (MERGE_PATCH, None, 422),
        (JSON_PATCH, {}, 400),
        (JSON_PATCH, None, 400),
        (JSON_PATCH, [1], 422),
        (JSON_PATCH, [{"op": "replace", "path": "/name", "value": "b"}], 422),
        (JSON_PATCH, [{"op": "add", "path": "/name", "value": "b"}], 422),
        (JSON_PATCH, [{"op": "add", "path": "/more", "value": 1}], 422),
        (JSON_PATCH, [{"op": "remove", "path": "/metadata"}], 422),
        (JSON_PATCH, [{"op": "replace", "path": "", "value": []}], 422),
        (JSON_PATCH, [{"op": "remove", "path": "/metadata/unknown"}], 409),
        (JSON_PATCH, [{"op": "test", "path": "/metadata/x", "value": 2}], 409),
        ("application/json", {}, 415),
    ],
)
async def test_patch_that_cannot_be_done_changes_nothing(
    client: httpx.AsyncClient, media_type: str, value: Any, status: int
) -> None:
    before = await put(client, "a", {"x": 1})
    if isinstance(value, list) and value and isinstance(value[0], dict):
        value = [{"op": "add", "path": "/metadata/first", "value": 1}, *value]

    assert (await patch(client, "a", value, media_type)).status_code == status
    assert (await client.get("/v1/configs/a")).json() == before.json()


async def test_missing_document_is_404(client: httpx.AsyncClient) -> None:
    for method, path in [
        ("GET", ""),
        ("DELETE", ""),
        ("GET", "/revisions"),
        ("GET", "/revisions/1"),
        ("GET", "/diff?from=1"),
    ]:
        assert (await client.request(method, f"/v1/configs/unknown{path}")).status_code == 404
    assert (await patch(client, "unknown", {})).status_code == 404
    rollback = await client.post("/v1/configs/unknown/rollback", json={"revision": 1})
    assert rollback.status_code == 404


async def test_delete_removes(client: httpx.AsyncClient) -> None:
    await put(client, "a", {})

    assert (await client.delete("/v1/configs/a")).status_code == 204
    assert (await client.get("/v1/configs/a")).status_code == 404


async def test_list_pages_by_name(client: httpx.AsyncClient) -> None:
    names = sorted([f"n{index}" for index in range(7)] + ["datacenter-1", "datacenter-2"])
    for name in names[2:]:
        await put(client, name, {"name": name})

    seen, cursor = [], None
    while True:
        page = (
            await client.get("/v1/configs", params={"limit": 2, **({"cursor": cursor} if cursor else {})})
        ).json()
        seen += [item["name"] for item in page["items"]]
        assert len(page["items"]) <= 2
        if (cursor := page["next"]) is None:
            break

    assert seen == names


async def test_list_filters(client: httpx.AsyncClient) -> None:
    await put(client, "app.one", {"env": "prod", "tier": 1})
    await put(client, "app.two", {"env": "dev"})
    await put(client, "apple", {"env": "prod"})

    async def names(query: str) -> list[str]:
        return [item["name"] for item in (await client.get(f"/v1/configs?{query}")).json()["items"]]

    assert await names("prefix=app.") == ["app.one", "app.two"]
    assert await names("prefix=app") == ["app.one", "app.two", "apple"]
    assert await names("prefix=APP") == []
    assert await names("prefix=%25") == []
    assert await names("schema=datacenter") == ["datacenter-1", "datacenter-2"]
    assert await names("metadata.env=prod") == ["app.one", "apple"]
    assert await names("metadata.env=prod&prefix=app.&metadata.tier=1") == ["app.one"]


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=1001", "limit=x", "cursor=%00", "unknown=1", "metadata=1", "prefix=" + "a" * 129],
)
async def test_bad_list_parameter_is_422(client: httpx.AsyncClient, query: str) -> None:
    assert (await client.get(f"/v1/configs?{query}")).status_code == 422


async def test_history_tells_every_change(client: httpx.AsyncClient) -> None:
    await client.put(
        "/v1/configs/a", json={"metadata": {"x": 1}}, headers={"X-Change-Reason": "für später".encode()}
    )
    await put(client, "b", {})
    await put(client, "a", {"x": 2})
    await put(client, "a", {"x": 2})
    await client.delete("/v1/configs/a")

    history = (await client.get("/v1/configs/a/revisions")).json()

    assert [(item["revision"], item["action"], item["reason"]) for item in history["items"]] == [
        (6, "delete", None),
        (5, "update", None),
        (3, "create", "für später"),
    ]
    assert {item["author"] for item in history["items"]} == {"127.0.0.1"}
    assert history["next"] is None
    first = (await client.get("/v1/configs/a/revisions/3")).json()
    assert (first["metadata"], first["schema"], first["name"]) == ({"x": 1}, None, "a")
    last = (await client.get("/v1/configs/a/revisions/6")).json()
    assert (last["metadata"], last["action"]) == (None, "delete")
    assert (await client.get("/v1/configs/a/revisions/4")).status_code == 404


async def test_history_pages(client: httpx.AsyncClient) -> None:
    for value in range(5):
        await put(client, "a", {"x": value})

    first = (await client.get("/v1/configs/a/revisions?limit=2")).json()
    second = (await client.get(f"/v1/configs/a/revisions?limit=3&cursor={first['next']}")).json()

    assert [item["revision"] for item in first["items"] + second["items"]] == [7, 6, 5, 4, 3]
    assert second["next"] is None


async def test_writes_to_the_datacenters_have_a_history(client: httpx.AsyncClient) -> None:
    headers = {"X-Change-Reason": "more load"}
    await client.patch("/configs/datacenter-1", json={"metadata": {"monitoring": None}}, headers=headers)

    history = (await client.get("/v1/configs/datacenter-1/revisions")).json()["items"]

    assert [(item["revision"], item["action"]) for item in history] == [(3, "update"), (1, "create")]
    assert history[0]["reason"] == "more load"


async def test_difference_of_two_revisions(client: httpx.AsyncClient) -> None:
    await put(client, "a", {"x": 1, "y": 2})
    await put(client, "a", {"x": True, "z": [3]})

    response = await client.get("/v1/configs/a/diff?from=3&to=4")

    assert response.headers["content-type"] == JSON_PATCH
    assert response.json() == [
        {"op": "replace", "path": "/metadata/x", "value": True},
        {"op": "remove", "path": "/metadata/y"},
        {"op": "add", "path": "/metadata/z", "value": [3]},
    ]
    assert (await client.get("/v1/configs/a/diff?from=3")).json() == response.json()
    assert (await client.get("/v1/configs/a/diff?from=4")).json() == []
    assert (await client.get("/v1/configs/a/diff")).status_code == 422


async def test_rollback_is_a_new_revision(client: httpx.AsyncClient) -> None:
    await put(client, "a", {"x": 1})
    await put(client, "a", {"x": 2})

    response = await client.post("/v1/configs/a/rollback", json={"revision": 3})

    assert response.status_code == 200
    assert (response.json()["metadata"], response.headers["etag"]) == ({"x": 1}, '"5"')
    newest = (await client.get("/v1/configs/a/revisions?limit=1")).json()["items"][0]
    assert (newest["revision"], newest["action"]) == (5, "restore")


async def test_rollback_to_the_current_content_takes_no_number(client: httpx.AsyncClient) -> None:
    current = await put(client, "a", {"x": 1})

    response = await client.post("/v1/configs/a/rollback", json={"revision": 3})

    assert response.json() == current.json()


async def test_deleted_document_can_be_brought_back(client: httpx.AsyncClient) -> None:
    await put(client, "a", {"x": 1})
    await client.delete("/v1/configs/a")

    to_deletion = await client.post("/v1/configs/a/rollback", json={"revision": 4})
    to_content = await client.post("/v1/configs/a/rollback", json={"revision": 3})

    assert (to_deletion.status_code, to_content.status_code) == (422, 200)
    assert (await client.get("/v1/configs/a")).json()["metadata"] == {"x": 1}
    assert (await client.get("/v1/configs/a/diff?from=3&to=4")).status_code == 422


@pytest.mark.parametrize(
    "body", [{}, {"revision": 0}, {"revision": "3"}, {"revision": 2**63}, {"revision": 3, "x": 1}]
)
async def test_bad_rollback_is_422(client: httpx.AsyncClient, body: Any) -> None:
    await put(client, "a", {})

    assert (await client.post("/v1/configs/a/rollback", json=body)).status_code == 422


async def test_long_reason_is_422(client: httpx.AsyncClient) -> None:
    response = await client.delete("/v1/configs/datacenter-1", headers={"X-Change-Reason": "x" * 501})

    assert response.status_code == 422
    assert (await client.get("/v1/configs/datacenter-1")).status_code == 200


async def test_limits_of_metadata(client: httpx.AsyncClient) -> None:
    def nested(levels: int) -> Any:
        return json.loads('{"a":' * levels + "1" + "}" * levels)

    assert (await client.put("/v1/configs/a", json={"metadata": nested(64)})).status_code == 201
    assert pointers(await client.put("/v1/configs/a", json={"metadata": nested(65)})) == ["/metadata"]
    deep = b'{"metadata": ' + b'{"a":' * 600 + b"1" + b"}" * 601
    headers = {"Content-Type": "application/json"}
    assert (await client.put("/v1/configs/a", content=deep, headers=headers)).status_code == 400
    large = {"metadata": {"x": "y" * (1024 * 1024 - len('{"x":""}'))}}
    assert (await client.put("/v1/configs/large", json=large)).status_code == 201
    large["metadata"]["x"] += "y"
    assert (await client.put("/v1/configs/large", json=large)).status_code == 413


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30)
@given(value=ANY_JSON)
async def test_any_json_comes_back_exactly(client: httpx.AsyncClient, value: Any) -> None:
    await put(client, "any", {"value": value})

    response = await client.get("/v1/configs/any")

    assert repr(json.loads(response.text)["metadata"]) == repr({"value": value})


def test_both_surfaces_are_described(app: App) -> None:
    paths = app.openapi()["paths"]

    assert set(paths) >= {"/configs", "/search", "/v1/configs", "/v1/configs/{name}/rollback"}
    assert set(paths["/v1/configs/{name}"]["patch"]["requestBody"]["content"]) == {MERGE_PATCH, JSON_PATCH}
