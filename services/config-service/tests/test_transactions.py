from typing import Any

import httpx
import pytest

pytestmark = pytest.mark.anyio


async def run(client: httpx.AsyncClient, *operations: dict[str, Any]) -> httpx.Response:
    return await client.post("/v1/transactions", json={"operations": list(operations)})


async def names(client: httpx.AsyncClient) -> list[str]:
    return [item["name"] for item in (await client.get("/v1/configs")).json()["items"]]


def pointers(response: httpx.Response) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


async def test_operations_share_one_revision(client: httpx.AsyncClient) -> None:
    response = await run(
        client,
        {"op": "check", "name": "datacenter-1", "if_revision": 1},
        {"op": "put", "name": "a", "if_revision": 0, "metadata": {"x": 1}},
        {"op": "patch", "name": "datacenter-1", "patch": {"metadata": {"monitoring": {"enabled": False}}}},
        {"op": "patch", "name": "a", "patch": [{"op": "add", "path": "/metadata/y", "value": 2}]},
        {"op": "delete", "name": "datacenter-2"},
    )

    assert response.status_code == 200
    assert response.json() == {
        "revision": 3,
        "results": [
            {"op": "check", "name": "datacenter-1", "revision": 3},
            {"op": "put", "name": "a", "revision": 3},
            {"op": "patch", "name": "datacenter-1", "revision": 3},
            {"op": "patch", "name": "a", "revision": 3},
            {"op": "delete", "name": "datacenter-2", "revision": 0},
        ],
    }
    assert (await client.get("/v1/configs/a")).json()["metadata"] == {"x": 1, "y": 2}
    assert await names(client) == ["a", "datacenter-1"]


async def test_nothing_changed_takes_no_number(client: httpx.AsyncClient) -> None:
    response = await run(client, {"op": "check", "name": "a", "if_revision": 0})

    assert response.json() == {"revision": 2, "results": [{"op": "check", "name": "a", "revision": 0}]}


@pytest.mark.parametrize(
    ("failing", "status", "pointer"),
    [
        ({"op": "check", "name": "datacenter-1", "if_revision": 2}, 409, "/operations/1"),
        ({"op": "check", "name": "absent", "if_revision": 1}, 409, "/operations/1"),
        ({"op": "put", "name": "datacenter-1", "if_revision": 0, "metadata": {}}, 409, "/operations/1"),
        ({"op": "delete", "name": "absent"}, 409, "/operations/1"),
        ({"op": "patch", "name": "absent", "patch": {}}, 409, "/operations/1"),
        (
            {"op": "patch", "name": "datacenter-1", "patch": [{"op": "remove", "path": "/metadata/no"}]},
            409,
            "/operations/1/0",
        ),
        ({"op": "put", "name": "b", "schema": "none", "metadata": {}}, 422, "/operations/1/schema"),
        (
            {"op": "put", "name": "b", "schema": "datacenter", "metadata": {"limits": 1}},
            422,
            "/operations/1/metadata/limits",
        ),
        ({"op": "patch", "name": "datacenter-1", "patch": {"name": "b"}}, 422, "/operations/1/name"),
        ({"op": "patch", "name": "datacenter-1", "patch": [1]}, 422, "/operations/1/0"),
    ],
)
async def test_one_failure_undoes_all(
    client: httpx.AsyncClient, failing: dict[str, Any], status: int, pointer: str
) -> None:
    response = await run(client, {"op": "put", "name": "a", "metadata": {}}, failing)

    assert response.status_code == status
    assert pointers(response) == [pointer]
    assert await names(client) == ["datacenter-1", "datacenter-2"]
    after = await run(client, {"op": "put", "name": "a", "metadata": {}})
    assert after.json()["revision"] == 3


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "put", "name": "a"},
        {"op": "put", "name": "a", "metadata": {}, "patch": {}},
        {"op": "patch", "name": "a"},
        {"op": "patch", "name": "a", "patch": "x"},
        {"op": "check", "name": "a"},
        {"op": "delete", "name": "a", "metadata": {}},
        {"op": "delete", "name": "-"},
        {"op": "delete", "name": "a", "if_revision": -1},
        {"op": "move", "name": "a"},
        {"name": "a"},
    ],
)
async def test_malformed_operation_is_422(client: httpx.AsyncClient, operation: dict[str, Any]) -> None:
    response = await run(client, {"op": "put", "name": "a", "metadata": {}}, operation)

    assert response.status_code == 422
    assert all(pointer.startswith("/operations/1") for pointer in pointers(response))


@pytest.mark.parametrize("count", [0, 129])
async def test_number_of_operations_is_bounded(client: httpx.AsyncClient, count: int) -> None:
    operations = [{"op": "put", "name": f"a{number}", "metadata": {}} for number in range(count)]

    assert (await run(client, *operations)).status_code == 422


async def test_large_transaction_is_taken(client: httpx.AsyncClient) -> None:
    text = "x" * 900_000
    operations = [{"op": "put", "name": f"a{n}", "metadata": {"text": text}} for n in range(10)]

    assert (await run(client, *operations)).status_code == 200
