"""ip-service: who called, in every format, and not too often."""

import httpx
import pytest

FORMATS = {
    "text/plain": ("{}\n", "{}\n"),
    "application/json": ('{{"client_ip": "{}"}}', '"{}"'),
    "text/html": ("<code>{}</code>", "<li><code>{}</code></li>"),
    "application/xml": ("<client_ip>{}</client_ip>", "<String>{}</String>"),
    "text/xml": ("<client_ip>{}</client_ip>", "<String>{}</String>"),
    "application/yaml": ('client_ip: "{}"\n', '- "{}"\n'),
    "application/x-yaml": ('client_ip: "{}"\n', '- "{}"\n'),
    "text/yaml": ('client_ip: "{}"\n', '- "{}"\n'),
    "text/x-yaml": ('client_ip: "{}"\n', '- "{}"\n'),
}


@pytest.fixture(params=["", "localhost", "127.0.0.1.nip.io"], ids=["path", "localhost", "nip.io"])
def caller(request, new_client):
    """Somebody at the ip-service, by path and by host name."""
    return new_client("ip", request.param)


@pytest.fixture(scope="module")
def regular(new_client):
    """Somebody who called before; their address is known."""
    client = new_client("ip")
    client.address = client.get("/v1/ips/me").json()["ip"]
    return client


@pytest.mark.parametrize("accept", FORMATS)
def test_own_address_in_each_format(regular, accept):
    answer = regular.get("/get-ip", headers={"Accept": accept})
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert answer.headers["vary"] == "Accept"
    expected = FORMATS[accept][0].format(regular.address)
    assert expected in answer.text
    assert accept == "text/html" or answer.text == expected


@pytest.mark.parametrize("accept", FORMATS)
def test_list_in_each_format_has_the_caller(new_client, accept):
    client = new_client("ip")
    answer = client.get("/get-ip-list", headers={"Accept": accept})
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    address = client.get("/v1/ips/me").json()["ip"]
    assert FORMATS[accept][1].format(address) in answer.text


@pytest.mark.parametrize(
    ("accept", "chosen"),
    [
        ("*/*", "text/plain"),
        ("application/*, text/html;q=0.5", "application/json"),
        ("text/plain;q=0.1, application/xml;q=0.2", "application/xml"),
        ("text/*;q=0, */*;q=0.1", "application/json"),
        ("image/png", "text/plain"),
        ("text/html;level=1", "text/plain"),
        ("x<script>/y", "text/plain"),
    ],
)
def test_weights_choose_the_format(new_client, accept, chosen):
    answer = new_client("ip").get("/get-ip", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (200, f"{chosen}; charset=utf-8")


def test_same_by_path_and_by_host_name(caller):
    answer = caller.get("/get-ip")
    assert answer.status_code == 200
    assert caller.address in (None, answer.text.strip())


def test_last_caller_comes_first(new_client):
    first, second = new_client("ip"), new_client("ip")
    earlier = first.get("/get-ip").text.strip()
    listed = second.get("/get-ip-list").text.split()
    assert listed.count(earlier) == 1
    if second.address:
        assert listed.index(second.address) < listed.index(earlier)


@pytest.mark.usefixtures("told_apart")
def test_next_page_is_linked_as_the_client_reaches_it(caller):
    caller.get("/get-ip")
    link = caller.get("/get-ip-list?limit=1").links["next"]["url"]
    path = httpx.URL(caller.base_url).path + "get-ip-list?limit=1&cursor="
    assert link.startswith(path)
    assert caller.get(str(caller.base_url.join(link))).status_code == 200


@pytest.mark.parametrize("query", ["limit=0", "limit=10001", "limit=x", "limit=1.5", "cursor=%00", "limit="])
def test_bad_page_is_422(new_client, query):
    answer = new_client("ip").get(f"/get-ip-list?{query}")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


@pytest.mark.usefixtures("told_apart")
def test_twenty_first_request_in_a_minute_is_refused(new_client):
    client = new_client("ip")
    answers = [client.get("/get-ip") for _ in range(20)]
    assert [answer.status_code for answer in answers] == [200] * 20
    assert [answer.headers["ratelimit"].split(";")[1] for answer in answers] == [
        f"r={n}" for n in range(19, -1, -1)
    ]
    refused = client.get("/get-ip")
    assert (refused.status_code, refused.headers["content-type"]) == (429, "application/problem+json")
    assert refused.json()["type"] == "https://iana.org/assignments/http-problem-types#quota-exceeded"
    assert refused.headers["ratelimit-policy"] == '"default";q=20;w=60'
    wait = refused.headers["retry-after"]
    assert 0 < int(wait) <= 60
    assert refused.headers["ratelimit"] == f'"default";r=0;t={wait}'


@pytest.mark.usefixtures("told_apart")
def test_refused_request_is_not_recorded_and_probes_are_not_limited(new_client):
    client, witness = new_client("ip"), new_client("ip")
    statuses = [client.get("/get-ip-list?limit=1").status_code for _ in range(23)]
    assert statuses == [200] * 20 + [429] * 3
    assert witness.get(f"/v1/ips/{client.address}").json()["requests"] == 20
    for path in ("/health-check", "/livez", "/readyz", "/docs", "/openapi.json"):
        assert client.get(path).status_code == 200


def test_health_check_says_ok(caller):
    answer = caller.get("/health-check")
    assert (answer.text, answer.headers["content-type"]) == ("OK", "text/plain; charset=utf-8")
    assert "ratelimit" not in answer.headers
