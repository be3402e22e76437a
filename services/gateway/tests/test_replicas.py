"""Services that die, come back, move and multiply."""

import signal
import socket
import threading
from dataclasses import replace

import pytest


@pytest.fixture
def nameserver():
    """A DNS server on loopback: `records` maps a name to its addresses now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        names = Nameserver(server)
        thread = threading.Thread(target=names.serve)
        thread.start()
        yield names
        names.stop()
        thread.join()


class Nameserver:
    """Answers A questions; a name without a record does not exist."""

    def __init__(self, server):
        self.server = server
        self.records = {}
        self.address = "{}:{}".format(*server.getsockname())

    def serve(self):
        while len((question := self.server.recvfrom(512))[0]) > 12:
            query, client = question
            self.server.sendto(self.answer(query), client)

    def stop(self):
        self.server.sendto(b"", self.server.getsockname())

    def answer(self, query):
        labels, rest = [], query[12:]
        while size := rest[0]:
            labels.append(rest[1 : 1 + size].decode())
            rest = rest[1 + size :]
        addresses = self.records.get(".".join(labels), [])
        flags = b"\x81\x80" if addresses else b"\x81\x83"
        head = query[:2] + flags + query[4:6] + len(addresses).to_bytes(2, "big") + bytes(4)
        record = b"\xc0\x0c\x00\x01\x00\x01\x00\x00\x00\x00\x00\x04"
        return head + query[12:] + b"".join(record + socket.inet_aton(address) for address in addresses)


def names_of(door, count):
    return {door.get("/athlete/").json()["name"] for _ in range(count)}


@pytest.fixture
def pair(start_echo, site, start_gateway, port):
    """A gateway with two replicas of one service."""
    (one, first), (two, second) = start_echo("one"), start_echo("two")
    door = start_gateway(replace(site, port=port, upstreams={**site.upstreams, "athlete": [one, two]}))
    return door, first, second


def test_replicas_share_the_work(pair):
    door, _, _ = pair
    assert names_of(door, 10) == {"one", "two"}


def test_dead_replica_costs_no_error(pair):
    door, first, _ = pair
    assert names_of(door, 4) == {"one", "two"}
    first.kill()
    assert {door.get("/athlete/").status for _ in range(50)} == {200}


def test_post_goes_to_the_living_replica(pair):
    door, first, _ = pair
    first.kill()
    first.wait()
    post = b"POST /athlete/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"
    assert {door.send(post).status for _ in range(20)} == {200}


def test_replica_that_dies_under_load_costs_no_error(pair):
    door, first, _ = pair
    statuses = []

    def ask():
        statuses.extend(door.get("/athlete/").status for _ in range(100))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    first.kill()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 400


def test_get_that_kills_a_replica_is_repeated_at_another(pair):
    door, _, _ = pair
    answers = [door.get("/athlete/die?name=one") for _ in range(2)]
    assert [answer.json()["name"] for answer in answers] == ["two", "two"]


def test_get_that_kills_a_replica_is_repeated_at_the_address_they_share(sharing):
    door, one = sharing
    while one.poll() is None:
        assert door.get("/athlete/die?name=one").status == 200
        hang_up(door)


def test_address_that_replicas_share_is_never_left_alone(sharing):
    door, one = sharing
    head = b"POST /athlete/die?name=one HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"
    while one.poll() is None:
        door.send(head)
        hang_up(door)
    assert names_of(door, 10) == {"two"}


def hang_up(door):
    """Let the gateway keep no connection: the next may lead to the other replica."""
    assert door.get("/athlete/reply?header=Connection:close").status == 200


@pytest.fixture
def sharing(site, start_gateway, port, start_echo):
    """A gateway with two replicas at one address, as a Service of Kubernetes has; and the first of them."""
    address, one = start_echo("one", sharing=True)
    start_echo("two", *_host_and_port(address), sharing=True)
    door = start_gateway(replace(site, port=port, upstreams={**site.upstreams, "athlete": [address] * 3}))
    return door, one


def test_post_is_never_repeated(pair):
    door, _, _ = pair
    head = b"POST /athlete/die?name=%s HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\nx"
    replies = [door.send(head % name) for name in (b"one", b"two")] + [door.send(head % b"one")]
    assert 502 in {reply.status for reply in replies}


def test_dead_service_is_a_problem_and_leaves_the_others_alone(start_echo, site, start_gateway, port):
    address, process = start_echo("mortal")
    door = start_gateway(replace(site, port=port, upstreams={**site.upstreams, "athlete": [address]}))
    assert door.get("/athlete/").status == 200
    process.kill()
    process.wait()
    reply = door.get("/athlete/")
    assert (reply.status, reply.json()["status"]) == (502, 502)
    assert reply.header("retry-after") == ["1"]
    assert address.encode() not in reply.body
    assert door.get("/ip/").status == 200
    assert door.get("/readyz").status == 200


def test_silent_replica_costs_no_error(start_echo, site, start_gateway, port):
    (one, silent), (two, _) = start_echo("one"), start_echo("two")
    upstreams = {**site.upstreams, "athlete": [one, two]}
    door = start_gateway(replace(site, port=port, upstreams=upstreams, read_timeout=1))
    assert names_of(door, 4) == {"one", "two"}
    silent.send_signal(signal.SIGSTOP)
    assert names_of(door, 4) == {"two"}


def test_silent_service_is_a_problem_and_leaves_the_others_alone(start_echo, site, start_gateway, port):
    address, silent = start_echo("silent")
    upstreams = {**site.upstreams, "athlete": [address]}
    door = start_gateway(replace(site, port=port, upstreams=upstreams, read_timeout=1))
    assert door.get("/athlete/").status == 200
    silent.send_signal(signal.SIGSTOP)
    reply = door.get("/athlete/")
    assert (reply.status, reply.json()["status"]) == (504, 504)
    assert reply.header("retry-after") == ["1"]
    assert door.get("/ip/").status == 200
    silent.send_signal(signal.SIGCONT)
    assert names_of(door, 3) == {"silent"}


def test_service_that_comes_back_is_used_at_once(start_echo, site, start_gateway, port):
    address, process = start_echo("before")
    door = start_gateway(replace(site, port=port, upstreams={**site.upstreams, "athlete": [address]}))
    assert names_of(door, 3) == {"before"}
    process.kill()
    process.wait()
    assert door.get("/athlete/").status == 502
    start_echo("after", *_host_and_port(address))
    assert names_of(door, 3) == {"after"}


def test_failed_probe_is_logged(site, start_gateway, port, free_address):
    door = start_gateway(replace(site, port=port, upstreams={**site.upstreams, "ip": [free_address]}))
    assert door.get("/ip/readyz").status == 502
    assert door.log_line("path", "/ip/readyz")["status"] == 502


@pytest.fixture
def start_by_name(site, nameserver, start_gateway, port):
    """Start a gateway that asks a name server where `athlete.test` is."""

    def start(service_port):
        upstreams = {**site.upstreams, "athlete": [f"athlete.test:{service_port}"]}
        return start_gateway(replace(site, port=port, upstreams=upstreams, resolver=nameserver.address))

    return start


def test_replaced_container_is_found_without_a_reload(start_echo, nameserver, start_by_name, wait_for):
    address, process = start_echo("old", "127.0.0.2")
    host, service_port = _host_and_port(address)
    nameserver.records["athlete.test"] = [host]
    door = start_by_name(service_port)
    wait_for(lambda: door.get("/athlete/").status == 200)
    process.kill()
    start_echo("new", "127.0.0.3", service_port)
    nameserver.records["athlete.test"] = ["127.0.0.3"]
    wait_for(lambda: door.get("/athlete/").status == 200)
    assert names_of(door, 3) == {"new"}


def test_added_replica_is_used_without_a_reload(start_echo, nameserver, start_by_name, wait_for):
    _, service_port = _host_and_port(start_echo("one", "127.0.0.2")[0])
    nameserver.records["athlete.test"] = ["127.0.0.2"]
    door = start_by_name(service_port)
    start_echo("two", "127.0.0.3", service_port)
    nameserver.records["athlete.test"] = ["127.0.0.2", "127.0.0.3"]
    wait_for(lambda: door.get("/athlete/").status == 200 and names_of(door, 4) == {"one", "two"})


def test_gateway_starts_before_a_service_has_a_name(start_echo, nameserver, start_by_name, wait_for):
    _, service_port = _host_and_port(start_echo("late", "127.0.0.2")[0])
    door = start_by_name(service_port)
    reply = door.get("/athlete/")
    assert (reply.status, reply.json()["status"]) == (502, 502)
    assert door.get("/ip/").status == 200
    nameserver.records["athlete.test"] = ["127.0.0.2"]
    wait_for(lambda: door.get("/athlete/").status == 200)


def _host_and_port(address):
    host, _, port = address.rpartition(":")
    return host, int(port)
