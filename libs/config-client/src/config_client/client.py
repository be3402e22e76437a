"""The client for plain code."""

import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from config_client import calls
from config_client.calls import Call
from config_client.copies import Copies
from config_client.errors import NotFoundError, UnavailableError, error_of, no_answer
from config_client.feed import Feed
from config_client.models import UNKNOWN, Config, Event, Operation, Revision, revision_of
from config_client.retries import pauses

T = TypeVar("T")

TIMEOUT = httpx.Timeout(10, connect=2)


class ConfigClient:
    """Reads, writes and watches documents; used as a context manager, or closed.

    Reads are tried again, and come from the last known copy while the service is away (`Config.stale`).
    Writes are sent once.

    Args:
        url: of the service, such as `http://localhost:8080/config`.
        token: for writes, where the service asks for one.
        copies: folder for last known copies; None keeps them in memory only.
        http: another HTTP client, which the caller closes.
    """

    def __init__(
        self,
        url: str,
        *,
        token: str | None = None,
        copies: Path | None = None,
        http: httpx.Client | None = None,
    ) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._copies = Copies(copies)
        self._http = http or httpx.Client(timeout=TIMEOUT)
        self._owns_http = http is None
        self._feed = Feed(self._http, f"{self._url}/v1/watch", self._headers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        if self._owns_http:
            self._http.close()

    def get(self, name: str) -> Config:
        """Return a document; the last known copy of it while the service is away.

        Raises:
            NotFoundError: there is none of that name.
            UnavailableError: the service is away, and no copy is known.
        """
        copy = self._copies.get(name)
        try:
            return self._copies.settle(self._send(calls.get(name, copy)) or copy)
        except (NotFoundError, UnavailableError) as exc:
            return self._copies.stand_in(name, exc)

    def find(
        self, prefix: str = "", *, schema: str | None = None, where: Mapping[str, str] | None = None
    ) -> Iterator[Config]:
        """Go through documents by name.

        Args:
            prefix: of their names.
            schema: that they name.
            where: values that they have, by dotted path.
        """
        cursor: str | None = None
        while True:
            page = self._send(calls.page(prefix, schema, where or {}, cursor))
            yield from map(Config.parse, page["items"])
            cursor = page["next"]
            if cursor is None:
                return

    def put(
        self,
        name: str,
        metadata: Mapping[str, Any],
        *,
        schema: str | None = None,
        if_revision: int | None = None,
        reason: str | None = None,
    ) -> Config:
        """Replace a document, or add it; `if_revision` is what it must be at, 0: absent.

        Raises:
            ConflictError: it is at another revision.
            InvalidError: it breaks a rule, or its schema.
        """
        return self._send(calls.put(name, metadata, schema, if_revision, reason))

    def patch(
        self, name: str, change: Any, *, if_revision: int | None = None, reason: str | None = None
    ) -> Config:
        """Apply a merge patch (an object) or a JSON Patch (a list) to `{"schema", "metadata"}`.

        Raises:
            NotFoundError: there is none of that name.
            ConflictError: it is at another revision, or the patch does not fit.
            InvalidError: the result breaks a rule.
        """
        return self._send(calls.patch(name, change, if_revision, reason))

    def delete(self, name: str, *, if_revision: int | None = None, reason: str | None = None) -> None:
        """Remove a document; its history stays."""
        self._send(calls.delete(name, if_revision, reason))

    def history(self, name: str, *, limit: int = 100) -> list[Revision]:
        """Return the changes of a document, the latest first."""
        return self._send(calls.history(name, limit))

    def revision(self, name: str, number: int) -> dict[str, Any]:
        """Return what a revision made of a document."""
        return self._send(calls.revision(name, number))

    def schema(self, name: str) -> Any:
        """Return a JSON Schema, an object or a boolean."""
        return self._send(calls.schema(name))

    def schema_history(self, name: str, *, limit: int = 100) -> list[Revision]:
        """Return the changes of a JSON Schema, the latest first, also after its deletion."""
        return self._send(calls.schema_history(name, limit))

    def schema_revision(self, name: str, number: int) -> dict[str, Any]:
        """Return what a revision made of a JSON Schema."""
        return self._send(calls.schema_revision(name, number))

    def diff(self, name: str, old: int, new: int | None = None) -> list[Operation]:
        """Return the JSON Patch from one revision to another; by default to the latest."""
        return self._send(calls.diff(name, old, new))

    def rollback(
        self, name: str, number: int, *, if_revision: int | None = None, reason: str | None = None
    ) -> Config:
        """Give a document the content of an earlier revision, also after its deletion."""
        return self._send(calls.rollback(name, number, if_revision, reason))

    def transaction(self, operations: Iterable[Operation], *, reason: str | None = None) -> dict[str, Any]:
        """Do several operations, all or none."""
        return self._send(calls.transaction(operations, reason))

    def export(self, media_type: str = "application/json") -> bytes:
        """Return everything as JSON or YAML."""
        return self._send(calls.export(media_type))

    def export_parts(self, media_type: str = "application/json") -> Generator[bytes, None, None]:
        """Give everything as JSON or YAML, part by part as it comes.

        Raises:
            UnavailableError: the service is away, or has broken off; what came so far is not all.
        """
        url, headers = f"{self._url}/v1/export", {**self._headers, "Accept": media_type}
        try:
            with self._http.stream("GET", url, headers=headers) as response:
                if response.status_code >= 400:
                    response.read()
                    raise error_of(response)
                yield from response.iter_bytes()
        except httpx.TransportError as exc:
            raise no_answer(exc) from exc

    def import_file(
        self,
        content: bytes | Iterable[bytes],
        *,
        media_type: str = "application/json",
        replace: bool = False,
        dry_run: bool = False,
        reason: str | None = None,
    ) -> dict[str, Any]:
        """Write everything that is in a file, as one revision or not at all."""
        return self._send(
            calls.import_file(content, media_type, replace=replace, dry_run=dry_run, reason=reason)
        )

    def watch(self, prefix: str = "", *, since: str = "") -> Generator[Event, None, None]:
        """Give the changes as they happen, without end; reconnects and resumes by itself.

        Args:
            prefix: of the names of the documents.
            since: the id of the last event seen, or a revision; now by default.

        Raises:
            ConfigError: the service refuses.
        """
        with closing(self._feed.events(prefix, since)) as events:
            yield from (event for event in events if event)

    def follow(self, name: str) -> Generator[Config | None, None, None]:
        """Give a document as it is, then each time that it changes; None while there is none.

        While the service is away at the start, the last known copy comes first, if there is one.

        Raises:
            ConfigError: the service refuses.
        """
        delays = pauses()
        found = self._look(name)
        seen = revision_of(found)
        if found is not UNKNOWN:
            yield found
        while True:
            with closing(self._changes(name)) as changes:
                for found in changes:
                    delays = pauses()
                    if revision_of(found) != seen:
                        seen = revision_of(found)
                        yield found
            time.sleep(next(delays))

    def _changes(self, name: str) -> Generator[Config | None, None, None]:
        """Give what a document is after each event; ends when that cannot be told."""
        with closing(self._feed.events(name, "")) as events:
            for event in events:
                if event is None or event.kind == "reset":
                    found = self._look(name)
                    if found is UNKNOWN or (found and found.stale):
                        return
                elif event.name == name:
                    found = event.config
                    self._copies.update(name, found)
                else:
                    continue
                yield found

    def _look(self, name: str) -> Config | None:
        try:
            return self.get(name)
        except NotFoundError:
            return None
        except UnavailableError:
            return UNKNOWN

    def _send(self, call: Call[T]) -> T:
        for pause in call.pauses():
            try:
                return self._try(call)
            except UnavailableError:
                time.sleep(pause)
        return self._try(call)

    def _try(self, call: Call[T]) -> T:
        try:
            response = self._http.request(**call.request(self._url, self._headers))
        except httpx.TransportError as exc:
            raise no_answer(exc) from exc
        return call.answer(response)
