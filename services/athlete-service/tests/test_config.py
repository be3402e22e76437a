import json
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Condition, Thread
from typing import Any

import httpx
import pytest

from chassis.testing import free_port, http_client, running_service, wait_until


class ConfigStore:
    """The part of the config-service that a client of one document sees, over real HTTP."""

    def __init__(self) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server: ThreadingHTTPServer | None = None
        self._changed = Condition()
        self._revision = 1
        self._document: dict[str, Any] | None = None

    def put(self, metadata: Any) -> None:
        with self._changed:
            self._revision += 1
            moment = "2030-01-01T00:00:00Z"
            times = {"created_at": moment, "modified_at": moment}
            self._document = {"name": "athlete", "schema": None, "metadata": metadata, **times}
            self._document["revision"] = self._revision
            self._changed.notify_all()

    def start(self) -> None:
        store = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                store.answer(self)

            def log_message(self, *_: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            server, self._server = self._server, None
            with self._changed:
                self._changed.notify_all()
            server.shutdown()
            server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        if request.path.startswith("/v1/watch"):
            self._stream(request)
            return
        request.send_response(200 if self._document else 404)
        request.end_headers()
        request.wfile.write(json.dumps(self._document or {"detail": "None."}).encode())

    def _stream(self, request: BaseHTTPRequestHandler) -> None:
        server, seen = self._server, int(request.headers.get("Last-Event-ID", self._revision))
        request.send_response(200)
        request.end_headers()
        request.wfile.write(f"id: {seen}\n\n".encode())
        while True:
            with self._changed:
                while self._revision <= seen and self._server is server:
                    self._changed.wait()
                if self._server is not server:
                    return
                seen, data = self._revision, json.dumps(self._document)
            request.wfile.write(f"event: put\nid: {seen}\ndata: {data}\n\n".encode())


def answer(url: str) -> httpx.Response:
    with http_client(url) as http:
        return http.get("/")


@pytest.fixture
def named() -> Callable[[str, str], Callable[[], bool]]:
    def athlete_is(url: str, name: str) -> Callable[[], bool]:
        return lambda: answer(url).json() == {"myFavoriteAthlete": name}

    return athlete_is


def test_athlete_follows_its_document_and_outlives_an_outage(
    tmp_path: Path, named: Callable[[str, str], Callable[[], bool]]
) -> None:
    store = ConfigStore()
    env = {"CONFIG_URL": store.url, "CONFIG_COPIES": str(tmp_path / "copies"), "ATHLETE_NAME": "Nobody"}
    store.start()
    with running_service("athlete_service", tmp_path, env) as service:
        assert named(service.url, "Nobody")()
        store.put({"name": "Florence Griffith-Joyner"})
        wait_until(named(service.url, "Florence Griffith-Joyner"))
        assert answer(service.url).headers["cache-control"] == "no-cache"
        store.put({"name": 7})
        store.stop()
        assert named(service.url, "Florence Griffith-Joyner")()
        store.put({"name": "Jesse Owens"})
        store.start()
        wait_until(named(service.url, "Jesse Owens"))
    store.stop()

    with running_service("athlete_service", tmp_path, env) as service:
        wait_until(named(service.url, "Jesse Owens"))
