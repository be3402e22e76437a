import json
import random
from contextlib import suppress
from typing import Any

import httpx
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from chassis import BadRequest, parse_json
from config_service import yaml_text
from config_service.yaml_text import dump_yaml, parse_yaml

pytestmark = pytest.mark.anyio

YAML = {"Accept": "application/yaml"}
ANY_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"]))
    | st.sampled_from(
        ["no", "on", "1_000", "0o7", "12:30", "2030-01-01", "1e3", "~", "null", ".inf", "<<", "="]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


def config(name: str, metadata: Any, schema: str | None = None) -> dict[str, Any]:
    return {"name": name, "schema": schema, "metadata": metadata}


async def fill(client: httpx.AsyncClient) -> None:
    await client.put("/v1/schemas/app", json={"required": ["x"]})
    await client.put("/v1/configs/a", json={"schema": "app", "metadata": {"x": [1, 2**70, "no", "ü", 1.5]}})
    await client.put("/v1/configs/gone", json={"metadata": {}})
    await client.delete("/v1/configs/gone")


async def import_file(
    client: httpx.AsyncClient, *configs: dict[str, Any], schemas: Any = (), **query: Any
) -> httpx.Response:
    file = {"version": 1, "schemas": list(schemas), "configs": list(configs)}
    return await client.post("/v1/import", json=file, params=query)


def pointers(response: httpx.Response) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


async def test_export_has_everything(client: httpx.AsyncClient) -> None:
    await fill(client)

    response = await client.get("/v1/export")

    file = parse_json(response.content)
    assert file["version"] == 1
    assert file["schemas"] == [{"name": "app", "schema": {"required": ["x"]}}]
    assert [item["name"] for item in file["configs"]] == ["a", "datacenter-1", "datacenter-2"]
    assert file["configs"][0] == config("a", {"x": [1, 2**70, "no", "ü", 1.5]}, "app")
    assert (response.headers["vary"], response.headers["etag"]) == ("Accept", '"6-json"')


async def test_export_as_yaml_is_the_same(client: httpx.AsyncClient) -> None:
    await fill(client)

    plain, response = await client.get("/v1/export"), await client.get("/v1/export", headers=YAML)

    assert response.headers["content-type"].startswith("application/yaml")
    assert parse_yaml(response.content) == parse_json(plain.content) == yaml.safe_load(response.content)
    unchanged = await client.get("/v1/export", headers={**YAML, "If-None-Match": response.headers["etag"]})
    assert unchanged.status_code == 304


async def test_large_export_is_complete(client: httpx.AsyncClient) -> None:
    configs = [config(f"many-{number:04}", {"x": number}) for number in range(450)]
    await import_file(client, *configs)

    for name in ("many-0000", "many-0199", "many-0449"):
        await client.delete(f"/v1/configs/{name}")

    exported = (await client.get("/v1/export")).json()["configs"]
    assert [item["name"] for item in exported if item["name"] >= "many"] == [
        item["name"] for item in configs if item["name"] not in ("many-0000", "many-0199", "many-0449")
    ]


@pytest.mark.parametrize("accept", ["application/json", "application/yaml"])
async def test_export_can_be_imported_as_it_is(client: httpx.AsyncClient, accept: str) -> None:
    await fill(client)
    file = await client.get("/v1/export", headers={"Accept": accept})

    same = await client.post(
        "/v1/import?mode=replace", content=file.content, headers={"Content-Type": accept}
    )
    assert same.status_code == 200
    assert same.json()["revision"] == 6
    assert (same.json()["configs"]["unchanged"], same.json()["schemas"]["unchanged"]) == (3, 1)

    for name in ("a", "datacenter-1"):
        await client.delete(f"/v1/configs/{name}")
    await client.delete("/v1/schemas/app")
    back = await client.post("/v1/import", content=file.content, headers={"Content-Type": accept})
    assert back.json()["configs"] == {
        "created": ["a", "datacenter-1"],
        "updated": [],
        "deleted": [],
        "unchanged": 1,
    }
    assert (await client.get("/v1/export", headers={"Accept": accept})).content == file.content


async def test_import_is_one_revision_and_says_what_it_did(client: httpx.AsyncClient) -> None:
    await fill(client)

    response = await import_file(
        client,
        config("a", {"x": 2}, "app"),
        config("b", {}),
        config("datacenter-1", {}, "datacenter"),
        schemas=[{"name": "more", "schema": True}],
    )

    assert response.json() == {
        "revision": 7,
        "dry_run": False,
        "schemas": {"created": ["more"], "updated": [], "deleted": [], "unchanged": 0},
        "configs": {"created": ["b"], "updated": ["a", "datacenter-1"], "deleted": [], "unchanged": 0},
    }
    revisions = (await client.get("/v1/configs/b/revisions")).json()["items"]
    assert [item["revision"] for item in revisions] == [7]


async def test_replace_leaves_exactly_the_file(client: httpx.AsyncClient) -> None:
    await fill(client)

    response = await import_file(client, config("b", {}), mode="replace")

    assert response.json()["configs"]["deleted"] == ["a", "datacenter-1", "datacenter-2"]
    assert response.json()["schemas"]["deleted"] == ["app"]
    assert (await client.get("/v1/export")).json() == {
        "version": 1,
        "schemas": [],
        "configs": [config("b", {})],
    }


async def test_dry_run_changes_nothing(client: httpx.AsyncClient) -> None:
    await fill(client)
    before = (await client.get("/v1/export")).content

    response = await import_file(
        client, config("b", {}), schemas=[{"name": "new", "schema": {}}], mode="replace", dry_run="true"
    )

    assert response.json()["dry_run"] is True
    assert response.json()["configs"]["created"] == ["b"]
    assert (await client.get("/v1/export")).content == before
    assert (await client.put("/v1/configs/z", json={"metadata": {}})).json()["revision"] == 7


@pytest.mark.parametrize(
    ("file", "status", "pointer"),
    [
        ({"version": 2, "configs": []}, 422, "/version"),
        ({"version": 1}, 422, "/configs"),
        ({"version": 1, "configs": [{"name": "-", "metadata": {}}]}, 422, "/configs/0/name"),
        ({"version": 1, "configs": [config("z", {}), config("z", {})]}, 422, "/configs"),
        ({"version": 1, "configs": [config("z", {}), config("y", {}, "none")]}, 422, "/configs/1/schema"),
        ({"version": 1, "configs": [config("z", {}), config("y", {}, "app")]}, 422, "/configs/1/metadata"),
        (
            {"version": 1, "configs": [config("z", {"limits": 1}, "datacenter")]},
            422,
            "/configs/0/metadata/limits",
        ),
        (
            {"version": 1, "configs": [], "schemas": [{"name": "s", "schema": {"type": 1}}]},
            422,
            "/schemas/0/schema/type",
        ),
        (
            {"version": 1, "configs": [], "schemas": [{"name": "app", "schema": False}]},
            409,
            "/configs/a/metadata",
        ),
        ([], 422, ""),
    ],
)
async def test_failed_import_changes_nothing(
    client: httpx.AsyncClient, file: Any, status: int, pointer: str
) -> None:
    await fill(client)
    before = (await client.get("/v1/export")).content

    response = await client.post("/v1/import", json=file)

    assert response.status_code == status
    assert pointers(response) == [pointer]
    assert (await client.get("/v1/export")).content == before


async def test_schemas_and_documents_change_together(client: httpx.AsyncClient) -> None:
    await fill(client)

    response = await import_file(
        client, config("a", {"y": 1}, "app"), schemas=[{"name": "app", "schema": {"required": ["y"]}}]
    )

    assert response.status_code == 200


async def test_built_in_schema_is_not_imported(client: httpx.AsyncClient) -> None:
    response = await import_file(client, schemas=[{"name": "datacenter", "schema": True}])

    assert response.status_code == 409


async def test_too_large_or_of_another_type_is_refused(client: httpx.AsyncClient) -> None:
    large = await client.post(
        "/v1/import", content=b" " * (10 * 1024 * 1024 + 1), headers={"Content-Type": "application/json"}
    )
    other = await client.post("/v1/import", content=b"x", headers={"Content-Type": "text/csv"})

    assert (large.status_code, other.status_code) == (413, 415)


@given(ANY_JSON)
def test_yaml_brings_json_values_back(value: Any) -> None:
    back = parse_yaml(dump_yaml({"value": value}).encode())

    assert json.dumps(back, sort_keys=True) == json.dumps({"value": value}, sort_keys=True)


@pytest.mark.parametrize(
    ("text", "value"),
    [("no", "no"), ("0777", 777), ("12:30", "12:30"), ("2030-01-01", "2030-01-01"), ("1.", 1.0), ("~", None)],
)
def test_yaml_has_the_scalars_of_its_core_schema(text: str, value: Any) -> None:
    assert parse_yaml(text.encode()) == value


@pytest.mark.parametrize(
    "text",
    [
        b"a: &x 1\nb: *x",
        b"a: &x [*x]",
        b"a: 1\na: 2",
        b"1: a",
        b"a: !!python/object/apply:os.system [true]",
        b"a: !!binary aGk=",
        b"a: !!int x",
        b"a: 1e999",
        b"a: [",
        b"\xff",
        b"",
        b"--- 1\n--- 2",
        b"[" * 5000,
        b"[" * 200 + b"]" * 200,
        b"a: " + b"9" * 5000,
        b'"\\ud800"',
    ],
)
def test_yaml_that_is_more_than_json_is_malformed(text: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_yaml(text)


def test_yaml_with_too_many_values_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(yaml_text, "MAX_VALUES", 5)

    assert parse_yaml(b"a: [1, 2]") == {"a": [1, 2]}
    with pytest.raises(BadRequest):
        parse_yaml(b"a: [1, 2, 3]")


@given(st.binary(max_size=200))
def test_any_bytes_are_yaml_or_malformed(body: bytes) -> None:
    with suppress(BadRequest):
        json.dumps(parse_yaml(body))


async def test_import_of_ten_thousand_documents(client: httpx.AsyncClient) -> None:
    dice = random.Random(1)  # noqa: S311 no secret
    configs = [config(f"many-{n}", {"x": {"y": n}, "z": dice.random() < 0.5}) for n in range(10_000)]

    response = await import_file(client, *configs)

    assert len(response.json()["configs"]["created"]) == 10_000
    assert len((await client.get("/v1/configs?prefix=many-&limit=1000")).json()["items"]) == 1000
