import socket
import threading
from contextlib import closing, contextmanager

import pytest

from chassis._plain_http import PlainTransport
from chassis.testing import free_port

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nRetry-After: 7\r\n\r\nok"


@contextmanager
def server(*connections):
    """Accept one connection after the other, and hang up after its last answer.

    Args:
        connections: the answers on each; None: none, until the client leaves.

    Yields:
        URL, and a list of the requests.
    """
    received = []

    def serve():
        for answers in connections:
            connection, _ = listener.accept()
            with connection, connection.makefile("rb") as stream:
                for answer in answers:
                    received.append(read_request(stream))
                    connection.sendall(answer) if answer is not None else stream.read()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/v1/traces", received
        thread.join(10)
        assert not thread.is_alive()


def read_request(stream):
    head = b"".join(iter(stream.readline, b"\r\n"))
    return head.decode().splitlines(), stream.read(5)


def post(transport, url, data=b"spans", timeout=5):
    return transport.request("POST", url, headers={"X-Tenant": "one"}, data=data, timeout=timeout)


def test_request_goes_to_the_path_with_headers_and_body():
    with server([OK]) as (url, received), closing(PlainTransport(url)) as transport:
        post(transport, f"{url}?tenant=one")
    ((lines, body),) = received
    assert (lines[0], body) == ("POST /v1/traces?tenant=one HTTP/1.1", b"spans")
    assert {"X-Tenant: one", "Content-Length: 5", f"Host: {url.split('/')[2]}"} <= set(lines)


def test_answer_is_told():
    with server([OK]) as (url, _), closing(PlainTransport(url)) as transport:
        answer = post(transport, url)
    assert (answer.status_code, answer.reason, answer.error, answer.text()) == (200, "OK", None, "ok")
    assert answer.headers().get("retry-after") == "7"


def test_connection_is_kept():
    with server([OK, OK, OK]) as (url, received), closing(PlainTransport(url)) as transport:
        assert [post(transport, url).status_code for _ in range(3)] == [200, 200, 200]
    assert len(received) == 3


def test_collector_that_hung_up_is_called_again():
    with server([OK], [OK]) as (url, _), closing(PlainTransport(url)) as transport:
        assert post(transport, url).status_code == 200
        refused = post(transport, url)
        assert (refused.status_code, transport.is_connection_error(refused.error)) == (None, True)
        assert post(transport, url).status_code == 200


def test_collector_that_is_not_there_is_worth_another_try():
    url = f"http://127.0.0.1:{free_port()}/"
    with closing(PlainTransport(url)) as transport:
        answer = post(transport, url)
    assert isinstance(answer.error, ConnectionRefusedError)
    assert transport.is_connection_error(answer.error)
    assert (answer.content(), dict(answer.headers())) == (b"", {})


def test_name_that_is_not_known_is_worth_another_try():
    with closing(PlainTransport("http://collector/")) as transport:
        assert transport.is_connection_error(socket.gaierror())


@pytest.mark.parametrize(
    "answers", [[b"SSH-2.0-OpenSSH\r\n"], [b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"]]
)
def test_answer_that_cannot_be_read_is_an_error(answers):
    with server(answers) as (url, _), closing(PlainTransport(url)) as transport:
        answer = post(transport, url)
    assert answer.status_code is None
    assert transport.is_connection_error(answer.error)


@pytest.mark.parametrize("before", [0, 1])
def test_no_answer_in_time_is_not_tried_again(before):
    with server([OK] * before + [None]) as (url, _), closing(PlainTransport(url)) as transport:
        for _ in range(before):
            assert post(transport, url).status_code == 200
        answer = post(transport, url, timeout=0.05)
        assert isinstance(answer.error, TimeoutError)
        assert not transport.is_connection_error(answer.error)


def test_collector_may_have_an_address_of_ip_version_6():
    url = f"http://[::1]:{free_port()}/"
    with closing(PlainTransport(url)) as transport:
        assert isinstance(post(transport, url).error, OSError)
