import http.client
import json
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import uvicorn
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from prometheus_client import CollectorRegistry

from chassis import ServiceSettings, Tracing
from shoutcloud_emulator.app import create_app
from shoutcloud_emulator.protocol import ResettableProtocol


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Talks to a server on loopback, one connection a request."""

    def __init__(self, port: int) -> None:
        self.port = port

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> Reply:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        try:
            connection.request(method, path, content, {k.replace("_", "-"): v for k, v in headers.items()})
            response = connection.getresponse()
            fields = {name.lower(): value for name, value in response.getheaders()}
            return Reply(response.status, fields, response.read())
        finally:
            connection.close()

    def shout(self, text: str) -> Reply:
        return self.request("POST", "/V1/SHOUT", {"INPUT": text}, content_type="application/json")

    def set_fault(self, **fault: Any) -> Reply:
        return self.request("PUT", "/admin/faults", fault)


@pytest.fixture(scope="session")
def exporter() -> InMemorySpanExporter:
    """Keeps the spans of the emulator."""
    return InMemorySpanExporter()


@pytest.fixture(scope="session")
def tracing(exporter: InMemorySpanExporter) -> Tracing:
    settings = ServiceSettings(serve_port=0, otel_bsp_schedule_delay=1)
    return Tracing(
        settings, service="emulator", version="V1", registry=CollectorRegistry(), exporter=exporter
    )


@pytest.fixture(scope="session")
def server_port(tracing: Tracing) -> Iterator[int]:
    """The port of an emulator that serves from a thread; connections wait in the backlog until it does."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(create_app(tracing), http=ResettableProtocol, log_level="warning")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join()
        tracing.shutdown()


@pytest.fixture
def client(server_port: int) -> Client:
    """A client of an emulator without faults."""
    client = Client(server_port)
    client.request("DELETE", "/admin/faults")
    return client
