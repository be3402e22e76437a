import secrets
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.testing import free_port
from config_client import (
    AsyncConfigClient,
    ConfigClient,
    ConflictError,
    InvalidError,
    NotFoundError,
    UnavailableError,
)

pytestmark = pytest.mark.anyio


@pytest.fixture
def name() -> str:
    return f"doc-{secrets.token_hex(8)}"


def test_document_is_written_read_changed_and_removed(client: ConfigClient, name: str) -> None:
    made = client.put(name, {"x": 1, "text": "ü"}, if_revision=0, reason="because é")
    changed = client.patch(name, {"metadata": {"x": 2}}, if_revision=made.revision)
    patched = client.patch(name, [{"op": "add", "path": "/metadata/y", "value": []}])

    assert client.get(name) == patched
    assert patched.metadata == {"x": 2, "text": "ü", "y": []}
    assert [(entry.action, entry.reason) for entry in client.history(name)] == [
        ("update", None),
        ("update", None),
        ("create", "because é"),
    ]
    assert client.diff(name, made.revision, changed.revision) == [
        {"op": "replace", "path": "/metadata/x", "value": 2}
    ]
    assert client.rollback(name, made.revision).metadata == made.metadata
    client.delete(name)
    with pytest.raises(NotFoundError):
        client.get(name)


def test_refusals_are_told_apart(client: ConfigClient, name: str) -> None:
    made = client.put(name, {})
    with pytest.raises(ConflictError):
        client.put(name, {}, if_revision=0)
    with pytest.raises(ConflictError):
        client.delete(name, if_revision=made.revision + 1)
    with pytest.raises(InvalidError) as caught:
        client.put(name, {"limits": 1}, schema="datacenter")
    assert caught.value.errors[0]["pointer"] == "/metadata/limits"
    with pytest.raises(ConflictError):
        client.transaction([{"op": "check", "name": name, "if_revision": 0}])


def test_documents_are_listed_over_pages(client: ConfigClient) -> None:
    prefix = f"many-{secrets.token_hex(4)}-"
    operations: list[dict[str, Any]] = [
        {"op": "put", "name": f"{prefix}{n:03}", "metadata": {"even": n % 2 == 0}} for n in range(120)
    ]
    client.transaction(operations)

    assert len(list(client.find(prefix))) == 120
    assert len(list(client.find(prefix, where={"even": "true"}))) == 60


def test_copy_saves_sending_the_document_again(url: str, name: str) -> None:
    statuses: list[int] = []
    hooks = {"response": [lambda response: statuses.append(response.status_code)]}
    with httpx.Client(event_hooks=hooks) as http:
        client = ConfigClient(url, http=http)
        client.put(name, {"x": 1})
        assert client.get(name) == client.get(name)

    assert statuses == [201, 200, 304]


def test_last_known_copy_survives_service_and_process(store: Any, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    with store.running(), ConfigClient(store.url, copies=copies) as client:
        client.put("a", {"x": 1})
        fresh = client.get("a")

    with ConfigClient(store.url, copies=copies) as client:
        kept = client.get("a")
        assert (kept.stale, kept.metadata, kept.revision) == (True, {"x": 1}, fresh.revision)
        with pytest.raises(UnavailableError):
            client.get("b")
        with pytest.raises(UnavailableError):
            client.put("a", {})


def test_spoilt_copy_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text("{")
    with (
        ConfigClient(f"http://127.0.0.1:{free_port()}", copies=tmp_path) as client,
        pytest.raises(UnavailableError),
    ):
        client.get("a")


def test_watch_resumes_over_a_restart(store: Any) -> None:
    with ConfigClient(store.url) as client:
        events = client.watch("a", since="2")
        with store.running():
            client.put("a1", {"x": 1})
            assert (next(events).name, client.put("b", {}).revision) == ("a1", 4)
        with store.running():
            client.put("a2", {})
            client.delete("a1")
            found = [next(events), next(events)]
        events.close()

    assert [(event.kind, event.name, event.id) for event in found] == [
        ("put", "a2", "5"),
        ("delete", "a1", "6"),
    ]


async def test_follow_tells_each_state_once_and_outlives_an_outage(store: Any, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    async with AsyncConfigClient(store.url, copies=copies) as client:
        with store.running():
            states = client.follow("a")
            assert await anext(states) is None
            await client.put("a", {"x": 1})
            first = await anext(states)
            await client.put("a-longer-name", {})
        with store.running():
            await client.put("a", {"x": 2})
            second = await anext(states)
            await client.delete("a")
            assert await anext(states) is None
            await client.put("a", {"x": 3})
            third = await anext(states)
        await states.aclose()

    assert [state and state.metadata["x"] for state in (first, second, third)] == [1, 2, 3]
    async with AsyncConfigClient(store.url, copies=copies) as client:
        states = client.follow("a")
        kept = await anext(states)
        assert kept is not None
        assert (kept.stale, kept.metadata) == (True, {"x": 3})
        await states.aclose()


def test_plain_code_can_follow_too(store: Any, tmp_path: Path) -> None:
    copies = tmp_path / "copies"
    with ConfigClient(store.url, copies=copies) as client:
        with store.running():
            states = client.follow("a")
            assert next(states) is None
            client.put("a", {"x": 1})
            found = [next(states)]
            client.put("a-longer-name", {})
        with store.running():
            client.put("a", {"x": 2})
            found.append(next(states))
            client.delete("a")
            assert next(states) is None
            client.put("a", {"x": 3})
            found.append(next(states))
        states.close()

    assert [state and state.metadata["x"] for state in found] == [1, 2, 3]
    with ConfigClient(store.url, copies=copies) as client:
        states = client.follow("a")
        kept = next(states)
        states.close()
    assert kept is not None
    assert (kept.stale, kept.metadata) == (True, {"x": 3})


async def test_export_comes_in_parts(url: str, client: ConfigClient, name: str) -> None:
    client.transaction(
        [{"op": "put", "name": f"{name}-{n}", "metadata": {"x": "x" * 9000}} for n in range(50)]
    )

    parts = list(client.export_parts())
    async with AsyncConfigClient(url) as other:
        same = [part async for part in other.export_parts()]

    assert len(parts) > 1
    assert b"".join(parts) == b"".join(same) == client.export()


async def test_async_client_does_the_same(url: str, name: str) -> None:
    async with AsyncConfigClient(url) as client:
        made = await client.put(name, {"x": 1})
        assert await client.get(name) == made
        assert [config.name async for config in client.find(name)] == [name]
        assert (await client.patch(name, {"metadata": {"x": None}})).metadata == {}
        assert [entry.action for entry in await client.history(name)] == ["update", "create"]
        file = await client.export()
        assert (await client.import_file(file, dry_run=True))["dry_run"] is True
        events = client.watch(name, since=str(made.revision - 1))
        assert (await anext(events)).config == made
        await events.aclose()


@pytest.fixture
def schema(url: str, name: str) -> str:
    """A schema that was made, changed and deleted."""
    for schema in ({"minProperties": 1}, True):
        httpx.put(f"{url}/v1/schemas/{name}", json=schema).raise_for_status()
    httpx.delete(f"{url}/v1/schemas/{name}").raise_for_status()
    return name


async def test_schema_is_read_with_its_history(url: str, client: ConfigClient, schema: str) -> None:
    history = client.schema_history(schema)
    assert [entry.action for entry in history] == ["delete", "update", "create"]
    assert client.schema_revision(schema, history[2].revision)["schema"] == {"minProperties": 1}
    with pytest.raises(NotFoundError):
        client.schema(schema)
    async with AsyncConfigClient(url) as other:
        assert await other.schema_history(schema) == history
        assert (await other.schema_revision(schema, history[1].revision))["schema"] is True
        assert (await other.schema("datacenter"))["type"] == "object"


def test_token_is_sent(tmp_path: Path) -> None:
    token = secrets.token_urlsafe()

    def answer(request: httpx.Request) -> httpx.Response:
        assert request.headers["authorization"] == f"Bearer {token}"
        return httpx.Response(204)

    with httpx.Client(transport=httpx.MockTransport(answer)) as http:
        ConfigClient("http://config.test/", token=token, http=http).delete("a")
