"""Two replicas of each service at once: no update is lost, and it does not matter which of them answers."""

import re
import secrets
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

SERVICES = ("athlete", "blog", "config", "ip", "shout")
WRITERS, WRITES = 8, 15
CSRF = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')


@pytest.fixture(scope="module")
def pair(stack):
    """The stack with two replicas of each service."""
    stack.up(*(f"--scale={name}-service=2" for name in SERVICES), "--no-recreate")
    yield stack
    stack.up()


@pytest.fixture
def name():
    return f"pair-{secrets.token_hex(6)}"


def at_once(work, count=WRITERS):
    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(work, range(count)))


@pytest.mark.parametrize("service", SERVICES)
def test_both_replicas_serve(pair, service):
    with pair.client() as client:
        for _ in range(15):
            client.get(f"/{service}/nothing-here")
    containers = pair.containers(f"{service}-service")
    logs = [pair.docker("logs", "--tail=200", each["Id"]) for each in containers]
    assert len(logs) == 2
    assert all('"path":"/nothing-here"' in log or "/nothing-here" in log for log in logs)


def test_counter_in_a_document_misses_no_step(pair, name):
    url = f"/config/v1/configs/{name}"
    with pair.client() as client:
        assert client.put(url, json={"metadata": {"count": 0}}).status_code == 201

    def count(_):
        refused = 0
        with pair.client() as client:
            for _ in range(WRITES):
                while not step(client, url):
                    refused += 1
        return refused

    refused = sum(at_once(count))
    with pair.client() as client:
        assert client.get(url).json()["metadata"] == {"count": WRITERS * WRITES}
        history = client.get(f"{url}/revisions", params={"limit": 1000}).json()["items"]
    assert len({item["revision"] for item in history}) == len(history) == WRITERS * WRITES + 1
    assert refused, "the writers never met"


def step(client, url):
    """Add one to the counter; False when somebody else was quicker."""
    found = client.get(url)
    document = {"metadata": {"count": found.json()["metadata"]["count"] + 1}}
    answer = client.put(url, json=document, headers={"If-Match": found.headers["etag"]})
    assert answer.status_code in (200, 412), answer.text
    return answer.status_code == 200


def test_revisions_of_many_writers_have_no_gap(pair, name):
    def create(writer):
        with pair.client() as client:
            answers = [
                client.post("/config/v1/configs", json={"name": f"{name}-{writer}-{number}", "metadata": {}})
                for number in range(WRITES)
            ]
        return [answer.json()["revision"] for answer in answers]

    revisions = sorted(revision for own in at_once(create) for revision in own)
    assert revisions == list(range(revisions[0], revisions[0] + WRITERS * WRITES))


def test_every_call_of_an_address_counts_once_and_the_limit_is_shared(pair):
    address = f"2001:db8:{secrets.token_hex(2)}:{secrets.token_hex(2)}::1"

    def call(_):
        with pair.client() as client:
            headers = {"X-Forwarded-For": address}
            return [client.get("/ip/get-ip", headers=headers).status_code for _ in range(4)]

    statuses = Counter(status for own in at_once(call) for status in own)
    assert statuses == {200: 20, 429: WRITERS * 4 - 20}
    with pair.client() as client:
        assert client.get(f"/ip/v1/ips/{address}").json()["requests"] == 20


def test_one_of_many_gets_a_username(pair, name):
    def register(_):
        with pair.client() as client:
            return submit(client, "/blog/auth/register", username=name, password=name).status_code

    assert Counter(at_once(register)) == {302: 1, 200: WRITERS - 1}


def test_session_and_posts_are_those_of_both(pair, name):
    with pair.client() as client:
        submit(client, "/blog/auth/register", username=name, password=name)
        submit(client, "/blog/auth/login", username=name, password=name)
        assert {client.get("/blog/create").status_code for _ in range(12)} == {200}
        submit(client, "/blog/create", title=name, body="One.", status="published")
        assert all(name in client.get("/blog/").text for _ in range(12))


def test_one_of_two_edits_is_told_of_the_other(pair, name):
    with pair.client() as client:
        submit(client, "/blog/auth/register", username=name, password=name)
        submit(client, "/blog/auth/login", username=name, password=name)
        created = submit(client, "/blog/create", title=name, body="One.", status="published")
        post = client.get(created.headers["location"]).text
        edit = re.search(r'href="(/blog/[0-9]+/update)"', post)[1]
        form = client.get(edit).text
        fields = dict(re.findall(r'type="hidden"[^>]*name="([^"]+)"[^>]*value="([^"]*)"', form))
        cookies = dict(client.cookies)

    def change(writer):
        with pair.client() as client:
            client.cookies.update(cookies)
            data = {**fields, "title": name, "body": f"Edit {writer}.", "status": "published"}
            return client.post(edit, data=data).status_code

    assert Counter(at_once(change)) == {302: 1, 409: WRITERS - 1}


def submit(client, path, **fields):
    """Send a form with its token."""
    token = CSRF.search(client.get(path).text)
    assert token, "the form has no token"
    return client.post(path, data={"csrf_token": token[1], **fields})
