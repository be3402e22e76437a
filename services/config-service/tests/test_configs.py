import json
from typing import Any

import httpx
import pytest

from config_service.documents import Change
from config_service.store import Store

pytestmark = pytest.mark.anyio

SEED = {"limits": {"cpu": {"enabled": True, "value": "500m"}}, "monitoring": {"enabled": True}}


def datacenter(name: str, metadata: Any = SEED) -> dict[str, Any]:
    return {"dcname": name, "metadata": metadata}


def add_other_document(store: Store, name: str) -> None:
    store.write(Change("test"), lambda transaction: transaction.create(name, None, {"free": "form"}))


async def test_new_store_holds_two_datacenters(client: httpx.AsyncClient) -> None:
    response = await client.get("/configs")

    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json"
    assert response.json() == [datacenter("datacenter-1"), datacenter("datacenter-2")]


async def test_list_answers_with_a_trailing_slash(client: httpx.AsyncClient) -> None:
    assert (await client.get("/configs/")).json() == (await client.get("/configs")).json()


async def test_post_adds_a_document(client: httpx.AsyncClient) -> None:
    response = await client.post("/configs", json=datacenter("dc"))

    assert (response.status_code, response.content) == (204, b"")
    assert (await client.get("/configs/dc")).json() == [datacenter("dc")]


@pytest.mark.parametrize(
    "metadata",
    [{}, {"limits": {}}, {"limits": {"cpu": {}}}, {"monitoring": {}}, {"limits": {"cpu": {"value": ""}}}],
)
async def test_absent_members_stay_absent(client: httpx.AsyncClient, metadata: dict[str, Any]) -> None:
    await client.post("/configs", json=datacenter("dc", metadata))

    assert (await client.get("/configs/dc")).json() == [datacenter("dc", metadata)]


async def test_post_of_a_name_that_exists_is_403(client: httpx.AsyncClient) -> None:
    response = await client.post("/configs", json=datacenter("datacenter-1", {}))

    assert response.status_code == 403
    assert response.json()["detail"] == "Resource already exists"
    assert (await client.get("/configs/datacenter-1")).json() == [datacenter("datacenter-1")]


async def test_names_are_case_sensitive(client: httpx.AsyncClient) -> None:
    response = await client.post("/configs", json=datacenter("DATACENTER-1", {}))

    assert response.status_code == 204
    assert (await client.get("/configs/Datacenter-1")).json() == []


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        (b"", 400, None),
        (b"{", 400, None),
        (b'{"dcname": "a", "dcname": "b", "metadata": {}}', 400, None),
        (b'{"dcname": "a", "metadata": NaN}', 400, None),
        (b'{"dcname": "\xff", "metadata": {}}', 400, None),
        (b'{"dcname": "\\ud800", "metadata": {}}', 400, None),
        (b"[" * 100_000, 400, None),
        (b"[]", 422, ""),
        (b'"text"', 422, ""),
        (b"null", 422, ""),
        (b"{}", 422, "/dcname"),
        (b'{"metadata": {}}', 422, "/dcname"),
        (b'{"dcname": "a"}', 422, "/metadata"),
        (b'{"dcname": "a", "metadata": null}', 422, "/metadata"),
        (b'{"dcname": 1, "metadata": {}}', 422, "/dcname"),
        (b'{"dcname": "", "metadata": {}}', 422, "/dcname"),
        (b'{"dcname": "-a", "metadata": {}}', 422, "/dcname"),
        (b'{"dcname": "a b", "metadata": {}}', 422, "/dcname"),
        (b'{"dcname": "a\\n", "metadata": {}}', 422, "/dcname"),
        (b'{"dcname": "..", "metadata": {}}', 422, "/dcname"),
        (b'{"dcname": "a\\u0000", "metadata": {}}', 422, "/dcname"),
        ('{"dcname": "é", "metadata": {}}'.encode(), 422, "/dcname"),
        (b'{"dcname": "%s", "metadata": {}}' % (b"a" * 129), 422, "/dcname"),
        (b'{"dcname": "a", "metadata": {}, "more": 1}', 422, "/more"),
        (b'{"dcname": "a", "metadata": {"x/y~z": 1}}', 422, "/metadata/x~1y~0z"),
        (
            b'{"dcname": "a", "metadata": {"limits": {"cpu": {"enabled": 1}}}}',
            422,
            "/metadata/limits/cpu/enabled",
        ),
        (
            b'{"dcname": "a", "metadata": {"limits": {"cpu": {"value": 5}}}}',
            422,
            "/metadata/limits/cpu/value",
        ),
        (
            b'{"dcname": "a", "metadata": {"monitoring": {"enabled": "true"}}}',
            422,
            "/metadata/monitoring/enabled",
        ),
        (
            b'{"dcname": "a", "metadata": {"monitoring": {"enabled": null}}}',
            422,
            "/metadata/monitoring/enabled",
        ),
    ],
)
async def test_bad_document_is_refused(
    client: httpx.AsyncClient, body: bytes, status: int, pointer: str | None
) -> None:
    headers = {"Content-Type": "application/json"}
    for response in [
        await client.post("/configs", content=body, headers=headers),
        await client.put("/configs/a", content=body, headers=headers),
    ]:
        assert response.status_code == status
        assert response.headers["content-type"] == "application/problem+json"
        assert [error["pointer"] for error in response.json().get("errors", [])] == (
            [pointer, "/metadata"] if body == b"{}" else [pointer] if pointer is not None else []
        )
    assert len((await client.get("/configs")).json()) == 2


async def test_longest_name_is_taken(client: httpx.AsyncClient) -> None:
    name = "a" * 128

    assert (await client.post("/configs", json=datacenter(name))).status_code == 204
    assert (await client.get(f"/configs/{name}")).json() == [datacenter(name)]


async def test_wrong_media_type_is_415(client: httpx.AsyncClient) -> None:
    response = await client.post("/configs", content=b"{}", headers={"Content-Type": "text/plain"})

    assert response.status_code == 415
    assert response.headers["accept-post"] == "application/json"


async def test_large_body_is_413(client: httpx.AsyncClient) -> None:
    response = await client.post(
        "/configs", json=datacenter("dc", {"limits": {"cpu": {"value": "x" * 3_000_000}}})
    )

    assert response.status_code == 413


async def test_metadata_over_a_mebibyte_is_413(client: httpx.AsyncClient) -> None:
    fits = {"limits": {"cpu": {"value": "x" * (1024 * 1024 - len('{"limits":{"cpu":{"value":""}}}'))}}}
    larger = {"limits": {"cpu": {"value": fits["limits"]["cpu"]["value"] + "x"}}}

    assert (await client.post("/configs", json=datacenter("fits", fits))).status_code == 204
    assert (await client.post("/configs", json=datacenter("larger", larger))).status_code == 413
    assert (await client.patch("/configs/fits", json={"metadata": larger})).status_code == 413
    assert (await client.get("/configs/fits")).json() == [datacenter("fits", fits)]


@pytest.mark.parametrize(
    "value", ["ü \U0001f642 \u0000 \u2028 \\ \" ' % _ ;--", "", " ", "'; DROP TABLE configs; --"]
)
async def test_any_text_comes_back_as_it_was(client: httpx.AsyncClient, value: str) -> None:
    document = datacenter("dc", {"limits": {"cpu": {"value": value}}})

    await client.post("/configs", json=document)

    assert (await client.get("/configs/dc")).json() == [document]


@pytest.mark.parametrize("name", ["unknown", "a b", "%00", "%25", "é", "..%5c", "x" * 3000])
async def test_get_of_an_unknown_name_is_an_empty_list(client: httpx.AsyncClient, name: str) -> None:
    response = await client.get(f"/configs/{name}")

    assert (response.status_code, response.json()) == (200, [])


async def test_put_replaces(client: httpx.AsyncClient) -> None:
    response = await client.put("/configs/datacenter-1", json=datacenter("datacenter-1", {}))

    assert (response.status_code, response.content) == (204, b"")
    assert (await client.get("/configs/datacenter-1")).json() == [datacenter("datacenter-1", {})]


async def test_put_creates_when_absent(client: httpx.AsyncClient) -> None:
    assert (await client.put("/configs/dc", json=datacenter("dc"))).status_code == 204
    assert (await client.get("/configs/dc")).json() == [datacenter("dc")]


async def test_put_of_another_name_is_404(client: httpx.AsyncClient) -> None:
    response = await client.put("/configs/datacenter-1", json=datacenter("datacenter-2", {}))

    assert response.status_code == 404
    assert (await client.get("/configs")).json() == [datacenter("datacenter-1"), datacenter("datacenter-2")]


@pytest.mark.parametrize("media_type", ["application/merge-patch+json", "application/json; charset=utf-8"])
async def test_patch_merges(client: httpx.AsyncClient, media_type: str) -> None:
    response = await client.patch(
        "/configs/datacenter-1",
        content=b'{"metadata": {"limits": {"cpu": {"value": "1"}}, "monitoring": null}}',
        headers={"Content-Type": media_type},
    )

    assert (response.status_code, response.content) == (204, b"")
    assert (await client.get("/configs/datacenter-1")).json() == [
        datacenter("datacenter-1", {"limits": {"cpu": {"enabled": True, "value": "1"}}})
    ]


@pytest.mark.parametrize(
    ("patch", "pointer"),
    [
        ({"dcname": "other"}, "/dcname"),
        ({"dcname": None}, "/dcname"),
        ({"metadata": None}, "/metadata"),
        ({"metadata": []}, "/metadata"),
        ({"metadata": {"limits": {"cpu": {"value": 1}}}}, "/metadata/limits/cpu/value"),
        ({"metadata": {"unknown": {}}}, "/metadata/unknown"),
        ({"unknown": 1}, "/unknown"),
        ([], ""),
        ("text", ""),
        (None, ""),
    ],
)
async def test_patch_that_breaks_the_document_is_422(
    client: httpx.AsyncClient, patch: Any, pointer: str
) -> None:
    headers = {"Content-Type": "application/json"}
    response = await client.patch("/configs/datacenter-1", content=json.dumps(patch), headers=headers)

    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [pointer]
    assert (await client.get("/configs/datacenter-1")).json() == [datacenter("datacenter-1")]


async def test_patch_may_name_the_document(client: httpx.AsyncClient) -> None:
    assert (await client.patch("/configs/datacenter-1", json={"dcname": "datacenter-1"})).status_code == 204


async def test_patch_of_an_unknown_name_is_404(client: httpx.AsyncClient) -> None:
    assert (await client.patch("/configs/dc", json={})).status_code == 404


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [
        (b"{", "application/json", 400),
        (b"", "application/json", 400),
        (b"{}", "text/plain", 415),
        (b"[]", "application/json-patch+json", 415),
    ],
)
async def test_malformed_patch_is_refused(
    client: httpx.AsyncClient, body: bytes, media_type: str, status: int
) -> None:
    response = await client.patch("/configs/datacenter-1", content=body, headers={"Content-Type": media_type})

    assert response.status_code == status
    if status == 415:
        assert response.headers["accept-patch"] == "application/merge-patch+json, application/json"


async def test_delete_removes(client: httpx.AsyncClient) -> None:
    response = await client.delete("/configs/datacenter-1")

    assert (response.status_code, response.content) == (204, b"")
    assert (await client.get("/configs/datacenter-1")).json() == []
    assert (await client.delete("/configs/datacenter-1")).status_code == 404


async def test_deleted_name_may_be_used_again(client: httpx.AsyncClient) -> None:
    await client.delete("/configs/datacenter-1")

    assert (await client.post("/configs", json=datacenter("datacenter-1", {}))).status_code == 204
    assert (await client.get("/configs/datacenter-1")).json() == [datacenter("datacenter-1", {})]


async def test_other_documents_are_not_shown(client: httpx.AsyncClient, store: Store) -> None:
    add_other_document(store, "other")

    assert (await client.get("/configs/other")).json() == []
    assert "other" not in (await client.get("/configs")).text
    assert "other" not in (await client.get("/search")).text


async def test_name_of_another_document_is_not_touched(client: httpx.AsyncClient, store: Store) -> None:
    add_other_document(store, "other")

    assert (await client.post("/configs", json=datacenter("other"))).status_code == 409
    assert (await client.put("/configs/other", json=datacenter("other"))).status_code == 409
    assert (await client.patch("/configs/other", json={})).status_code == 404
    assert (await client.delete("/configs/other")).status_code == 404
    other = store.get("other")
    assert other is not None
    assert other.metadata == '{"free":"form"}'
