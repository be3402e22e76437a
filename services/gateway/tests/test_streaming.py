"""Server-sent events arrive when they are sent."""

import pytest


@pytest.mark.parametrize(("host", "prefix"), [("localhost", "/ip"), ("ip.localhost", "")])
def test_event_arrives_while_the_stream_goes_on(client, host, prefix):
    with client.stream("GET", f"{prefix}/v1/ips/events", headers={"Host": host}) as answer:
        assert answer.headers["Content-Type"] == "text/event-stream"
        assert next(answer.iter_raw()) == b"data: first\n\n"
