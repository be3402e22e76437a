"""The sample services, running as processes of their own."""

import socket
import sys
import threading
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import cache
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import httpx
import orjson
import pytest

from chassis import Chassis, ServiceSettings
from chassis.testing import free_port, http_client, running_service, valkey_server, wait_until

PROGRAMS = Path(__file__).parent / "programs"
sys.path.insert(0, str(PROGRAMS))  # so that tests and processes import the same samples

from otlp_collector import Collector, collector  # noqa: E402

# How long an example takes says more about the machine than about the code.
KINDS = {"fastapi": "sample_asgi", "flask": "sample_wsgi"}


@dataclass
class Sample:
    """A running sample service, and where its output goes."""

    kind: str
    process: object
    collector: Collector
    http: httpx.Client

    @property
    def url(self):
        return self.process.url

    @property
    def port(self):
        return int(self.url.rpartition(":")[2])

    def get(self, path, **options):
        return self.http.get(path, **options)

    def request(self, method, path, **options):
        return self.http.request(method, path, **options)

    def lines(self):
        """Every complete log line so far, each of which must be JSON."""
        return [orjson.loads(line) for line in self.process.log.read_bytes().split(b"\n")[:-1]]

    def log(self, request_id, count=1):
        """The log lines of one request, once `count` of them are there."""

        def found():
            return [line for line in self.lines() if line.get("request_id") == request_id]

        wait_until(lambda: len(found()) >= count)
        return found()

    def metric(self, name, **labels):
        """One figure of `/metrics`; 0 when it is not there."""
        return figure(self.http.get("/metrics").text, name, **labels)

    def spans(self, response, count=1):
        """The spans of the trace that `response` names."""
        return self.collector.trace(response.headers["x-trace-id"], count)


def figure(text, name, **labels):
    for line in text.splitlines():
        series, _, value = line.rpartition(" ")
        if series.partition("{")[0] == name and all(f'{k}="{v}"' in series for k, v in labels.items()):
            return float(value)
    return 0.0


@contextmanager
def run_sample(kind, folder, spans, endpoint, *, own_group=False, **env):
    variables = {
        "PYTHONPATH": str(PROGRAMS),
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
        "OTEL_BSP_SCHEDULE_DELAY": "20",
        **env,
    }
    with (
        running_service(
            KINDS.get(kind, kind),
            folder,
            variables,
            ready=env.get("HANGING_CHECK") is None,
            own_group=own_group,
        ) as process,
        http_client(process.url, timeout=10) as http,
    ):
        yield Sample(kind, process, spans, http)


@pytest.fixture
def programs():
    """Where the samples are."""
    return PROGRAMS


@pytest.fixture(scope="session")
def otlp():
    """A collector and its URL."""
    with collector() as running:
        yield running


@pytest.fixture(scope="session")
def valkey(tmp_path_factory):
    with valkey_server(tmp_path_factory.mktemp("valkey")) as server:
        yield server


@pytest.fixture(scope="session")
def samples(tmp_path_factory, otlp, valkey):
    """Both samples, each started at its first use."""
    with ExitStack() as running:

        @cache
        def sample(kind):
            env = {"ROOT_PATH": "/sample", "REDIS_URL": valkey.url}
            return running.enter_context(run_sample(kind, tmp_path_factory.mktemp(kind), *otlp, **env))

        yield sample


@pytest.fixture(params=list(KINDS))
def service(request, samples):
    """A sample of each kind, shared by all tests."""
    return samples(request.param)


@pytest.fixture
def fastapi_service(samples):
    return samples("fastapi")


@pytest.fixture
def flask_service(samples):
    return samples("flask")


@pytest.fixture(params=list(KINDS))
def start(request, tmp_path, otlp):
    """Starts a sample of each kind with an environment of its own."""
    return lambda **env: run_sample(request.param, tmp_path, *otlp, **env)


@pytest.fixture(scope="session")
def start_guarded(tmp_path_factory, otlp):
    """Starts a sample that asks who calls, with an environment of its own."""
    return lambda kind, **env: run_sample(kind, tmp_path_factory.mktemp(kind), *otlp, **env)


@pytest.fixture
def make_chassis():
    """Makes a chassis without a server, from settings given as keywords."""
    made = []

    def make(exporter=None, **settings):
        made.append(Chassis(ServiceSettings(serve_port=0, **settings), name="chassis", exporter=exporter))
        return made[-1]

    yield make
    for chassis in made:
        chassis.close()


@pytest.fixture
def request_id():
    return uuid.uuid4().hex


@pytest.fixture
def free_port_number():
    return free_port()


@pytest.fixture
def start_fastapi(tmp_path, otlp):
    """Starts a FastAPI sample with an environment of its own."""
    return lambda **env: run_sample("fastapi", tmp_path, *otlp, **env)


@pytest.fixture
def silent_port():
    """A port whose connections are taken and never answered."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


@pytest.fixture
def redirecting_url():
    """A server that sends everyone away."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(302)
            self.send_header("Location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()
