"""The requests of every call and what their answers mean, whoever sends them."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Generic, TypeVar
from urllib.parse import quote

import httpx

from config_client.errors import error_of
from config_client.models import Config, Operation, Revision
from config_client.retries import ATTEMPTS, pauses

T = TypeVar("T")

JSON_PATCH, MERGE_PATCH = "application/json-patch+json", "application/merge-patch+json"


@dataclass(frozen=True)
class Call(Generic[T]):
    """A request, and how to read its answer."""

    method: str
    path: str
    read: Callable[[httpx.Response], T]
    params: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    content: Any = None

    def pauses(self) -> Iterator[float]:
        """Give the pauses after which it is sent again; a write is sent once."""
        return islice(pauses(), ATTEMPTS - 1 if self.method == "GET" else 0)

    def request(self, url: str, headers: Mapping[str, str]) -> dict[str, Any]:
        """Return what an HTTP client takes, for the service at a URL."""
        return {
            "method": self.method,
            "url": url + self.path,
            "params": dict(self.params) or None,
            "headers": httpx.Headers({**headers, **self.headers}, encoding="utf-8"),
            "content": self.content,
        }

    def answer(self, response: httpx.Response) -> T:
        """Read the answer.

        Raises:
            ConfigError: it is a refusal.
        """
        if response.status_code >= 400:
            raise error_of(response)
        return self.read(response)


def get(name: str, copy: Config | None) -> Call[Config | None]:
    """Read a document; None when the copy is current."""
    headers = {"If-None-Match": f'"{copy.revision}"'} if copy else {}
    return Call("GET", _path(name), lambda r: None if r.status_code == 304 else _config(r), headers=headers)


def page(
    prefix: str, schema: str | None, where: Mapping[str, str], cursor: str | None
) -> Call[dict[str, Any]]:
    """Read some documents."""
    params: dict[str, Any] = {"limit": 1000, "prefix": prefix}
    params |= {f"metadata.{path}": value for path, value in where.items()}
    params |= {key: value for key, value in (("schema", schema), ("cursor", cursor)) if value is not None}
    return Call("GET", "/v1/configs", _json, params)


def put(
    name: str, metadata: Mapping[str, Any], schema: str | None, if_revision: int | None, reason: str | None
) -> Call[Config]:
    """Replace a document, or add it."""
    body = {"metadata": metadata, "schema": schema}
    return _write("PUT", _path(name), _config, body, _headers(if_revision, reason))


def patch(name: str, change: Any, if_revision: int | None, reason: str | None) -> Call[Config]:
    """Apply a merge patch object, or a JSON Patch array."""
    media_type = JSON_PATCH if isinstance(change, list) else MERGE_PATCH
    return _write("PATCH", _path(name), _config, change, _headers(if_revision, reason), media_type)


def delete(name: str, if_revision: int | None, reason: str | None) -> Call[None]:
    """Remove a document."""
    return Call("DELETE", _path(name), lambda _: None, headers=_headers(if_revision, reason))


def history(name: str, limit: int) -> Call[list[Revision]]:
    """Read the changes of a document, the latest first."""
    return _history(_path(name), limit)


def revision(name: str, number: int) -> Call[dict[str, Any]]:
    """Read what a revision made of a document."""
    return Call("GET", f"{_path(name)}/revisions/{number}", _json)


def schema(name: str) -> Call[Any]:
    """Read a JSON Schema."""
    return Call("GET", _schema_path(name), lambda r: r.json())


def schema_history(name: str, limit: int) -> Call[list[Revision]]:
    """Read the changes of a JSON Schema, the latest first."""
    return _history(_schema_path(name), limit)


def schema_revision(name: str, number: int) -> Call[dict[str, Any]]:
    """Read what a revision made of a JSON Schema."""
    return Call("GET", f"{_schema_path(name)}/revisions/{number}", _json)


def diff(name: str, old: int, new: int | None) -> Call[list[Operation]]:
    """Read the JSON Patch from one revision to another."""
    params = {"from": old} | ({} if new is None else {"to": new})
    return Call("GET", f"{_path(name)}/diff", lambda r: list(r.json()), params)


def rollback(name: str, number: int, if_revision: int | None, reason: str | None) -> Call[Config]:
    """Give a document the content of an earlier revision."""
    headers = _headers(if_revision, reason)
    return _write("POST", f"{_path(name)}/rollback", _config, {"revision": number}, headers)


def transaction(operations: Iterable[Operation], reason: str | None) -> Call[dict[str, Any]]:
    """Do several operations, all or none."""
    return _write("POST", "/v1/transactions", _json, {"operations": list(operations)}, _headers(None, reason))


def export(media_type: str) -> Call[bytes]:
    """Read everything."""
    return Call("GET", "/v1/export", lambda r: r.content, headers={"Accept": media_type})


def import_file(
    content: Any, media_type: str, *, replace: bool, dry_run: bool, reason: str | None
) -> Call[dict[str, Any]]:
    """Write everything that is in a file."""
    params = {"mode": "replace" if replace else "merge", "dry_run": str(dry_run).lower()}
    headers = {**_headers(None, reason), "Content-Type": media_type}
    return Call("POST", "/v1/import", _json, params, headers, content)


def _write(
    method: str,
    path: str,
    read: Callable[[httpx.Response], T],
    body: Any,
    headers: Mapping[str, str],
    media_type: str = "application/json",
) -> Call[T]:
    content = json.dumps(body, ensure_ascii=False, allow_nan=False).encode()
    return Call(method, path, read, headers={**headers, "Content-Type": media_type}, content=content)


def _headers(if_revision: int | None, reason: str | None) -> dict[str, str]:
    headers = {}
    if if_revision is not None:
        headers = {"If-Match": f'"{if_revision}"'} if if_revision else {"If-None-Match": "*"}
    return headers | ({"X-Change-Reason": reason} if reason else {})


def _path(name: str) -> str:
    return f"/v1/configs/{quote(name, safe='')}"


def _schema_path(name: str) -> str:
    return f"/v1/schemas/{quote(name, safe='')}"


def _history(path: str, limit: int) -> Call[list[Revision]]:
    def read(response: httpx.Response) -> list[Revision]:
        return [Revision.parse(item) for item in response.json()["items"]]

    return Call("GET", f"{path}/revisions", read, {"limit": limit})


def _config(response: httpx.Response) -> Config:
    return Config.parse(response.json())


def _json(response: httpx.Response) -> dict[str, Any]:
    value: dict[str, Any] = response.json()
    return value
