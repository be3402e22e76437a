"""The containers that are taken away, what needs them, and what it answers then."""

import secrets
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx

CALLS = {
    "athlete": "/athlete/",
    "blog": "/blog/",
    "config": "/config/configs/datacenter-1",
    "ip": "/ip/v1/ips/me",
    "shout": "/shout/readyz",
}


@dataclass(frozen=True)
class Entry:
    """One answer, when it came, and the key by which its request can be found again."""

    key: str
    answer: httpx.Response
    at: float = field(default_factory=time.monotonic)

    @property
    def kind(self) -> str:
        """Its status, and who did the shouting."""
        return f"{self.answer.status_code} {self.answer.headers.get('shout-source', '')}".strip()


class Ledger(list[Entry]):
    """What the load was answered."""

    def of(self, kind: str, since: float = 0) -> list[Entry]:
        return [entry for entry in self if entry.at >= since and entry.kind == kind]

    def last_but(self, kind: str, since: float) -> float:
        """When the last answer of another kind came, if one did."""
        return max([since, *(entry.at for entry in self if entry.kind != kind)])

    def kinds(self) -> Counter[str]:
        return Counter(entry.kind for entry in self)

    def slowest(self, since: float) -> float:
        return max(entry.answer.elapsed.total_seconds() for entry in self if entry.at >= since)


def visit(client):
    """Be recorded as an address that never called before."""
    address = f"198.51.{secrets.randbelow(256)}.{secrets.randbelow(256)}"
    return address, client.get("/ip/get-ip", headers={"X-Forwarded-For": address})


def create(client):
    """Store a document that was not there before."""
    name = f"fault-{secrets.token_hex(8)}"
    return name, client.post("/config/configs", json={"dcname": name, "metadata": {}})


def shout(client):
    """Send a text that no cache can know."""
    return "", client.post("/shout/v1", json={"data": secrets.token_hex(8)})


def read(service):
    return lambda client: ("", client.get(CALLS[service]))


def addresses(client):
    return set(client.get("/ip/get-ip-list").text.split())


def documents(client):
    return {document["dcname"] for document in client.get("/config/configs").json()}


def clients_notice(_, target, ledger):
    """Wait for other answers."""
    return lambda: len(ledger) - len(ledger.of(target.good)) > 5


def spans_drop(stack, *_):
    before = stack.metric("athlete-service", "otel_spans_dropped_total")
    return lambda: stack.metric("athlete-service", "otel_spans_dropped_total") > before


@dataclass(frozen=True)
class Target:
    """A container, and what may happen while it is gone.

    Attributes:
        name: of the container.
        send: makes a request that needs it.
        good: kind of the answer as always.
        users: services that may answer otherwise; none but them.
        otherwise: kinds of their answers then.
        deadline: seconds within which they answer.
        silence: seconds within which they do so when it is paused.
        is_needed: whether its users are not ready without it.
        stored: finds the keys of all that was acknowledged.
        notice: makes the sign that it is gone.
    """

    name: str
    send: Callable
    good: str = "200"
    users: frozenset[str] = frozenset()
    otherwise: frozenset[str] = frozenset({"503"})
    deadline: float = 2
    silence: float | None = None
    is_needed: bool = False
    stored: Callable | None = None
    notice: Callable = clients_notice

    def within(self, fault: str) -> float:
        """Seconds within which its users answer."""
        return self.silence if fault == "pause" and self.silence else self.deadline


GATEWAYS = frozenset({"502", "503", "504"})


def service(name, send, **more):
    """The gateway tries twice to reach one that is gone, each time for 2 s, and bears 10 s of silence."""
    users = frozenset({name})
    return Target(f"{name}-service", send, users=users, otherwise=GATEWAYS, deadline=4, silence=10, **more)


TARGETS = [
    Target("redis", visit, users=frozenset({"ip"}), is_needed=True, stored=addresses),
    Target("mysql", create, "204", frozenset({"blog", "config"}), is_needed=True, stored=documents),
    Target("jaeger", read("athlete"), otherwise=frozenset(), notice=spans_drop),
    Target("shoutcloud-emulator", shout, "200 upstream", otherwise=GATEWAYS | {"200 fallback"}, deadline=3),
    service("athlete", read("athlete")),
    service("blog", read("blog")),
    service("config", create, good="204", stored=documents),
    service("ip", visit, stored=addresses),
    service("shout", shout, good="200 upstream"),
]
