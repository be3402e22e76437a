"""config-service: datacenter documents from their creation to their end."""

import re
import secrets

import pytest

SEEDED = {"limits": {"cpu": {"enabled": True, "value": "500m"}}, "monitoring": {"enabled": True}}
MERGE_PATCH = {"Content-Type": "application/merge-patch+json"}


def document(name, value="300m", *, cpu=True, monitoring=False):
    limits = {"cpu": {"enabled": cpu, "value": value}}
    return {"dcname": name, "metadata": {"limits": limits, "monitoring": {"enabled": monitoring}}}


@pytest.fixture
def name():
    return f"e2e-{secrets.token_hex(8)}"


@pytest.fixture(scope="module")
def config(new_client):
    return new_client("config")


@pytest.fixture(params=["", "localhost", "127.0.0.1.nip.io"], ids=["path", "localhost", "nip.io"])
def operator(request, new_client):
    """Somebody at the config-service, by path and by host name."""
    return new_client("config", request.param)


@pytest.fixture
def stored(config, name):
    """The name of a document that is there."""
    assert config.post("/configs", json=document(name)).status_code == 204
    return name


@pytest.mark.parametrize("seed", ["datacenter-1", "datacenter-2"])
def test_store_comes_with_two_documents(config, seed):
    expected = {"dcname": seed, "metadata": SEEDED}
    assert config.get(f"/configs/{seed}").json() == [expected]
    assert expected in config.get("/configs").json()


def test_life_of_a_document(operator, name):
    created = operator.post("/configs", json=document(name))
    assert (created.status_code, created.content) == (204, b"")
    assert operator.get(f"/configs/{name}").json() == [document(name)]
    assert document(name) in operator.get("/configs/").json()
    assert operator.put(f"/configs/{name}", json=document(name, "1")).status_code == 204
    assert operator.get(f"/configs/{name}").json() == [document(name, "1")]
    patch = {"metadata": {"limits": {"cpu": {"value": None}}, "monitoring": {"enabled": True}}}
    assert operator.patch(f"/configs/{name}", json=patch, headers=MERGE_PATCH).status_code == 204
    patched = {"limits": {"cpu": {"enabled": True}}, "monitoring": {"enabled": True}}
    assert operator.get(f"/configs/{name}").json() == [{"dcname": name, "metadata": patched}]
    assert operator.delete(f"/configs/{name}").status_code == 204
    assert operator.get(f"/configs/{name}").json() == []


def test_put_creates_what_is_absent(config, name):
    assert config.put(f"/configs/{name}", json=document(name)).status_code == 204
    assert config.get(f"/configs/{name}").json() == [document(name)]


def test_second_of_a_name_is_refused(config, stored):
    answer = config.post("/configs", json=document(stored, "9"))
    assert (answer.status_code, answer.json()["detail"]) == (403, "Resource already exists")
    assert config.get(f"/configs/{stored}").json() == [document(stored)]


def test_absent_document_is_not_changed_or_removed(config, name):
    assert config.patch(f"/configs/{name}", json={}, headers=MERGE_PATCH).status_code == 404
    assert config.delete(f"/configs/{name}").status_code == 404
    assert config.put(f"/configs/{name}", json=document(f"{name}-2")).status_code == 404


@pytest.mark.parametrize(
    ("status", "media_type", "body"),
    [
        (400, "application/json", "{"),
        (400, "application/json", ""),
        (415, "text/plain", "{}"),
        (422, "application/json", "{}"),
        (422, "application/json", '{"dcname": "NAME"}'),
        (422, "application/json", '{"dcname": "NAME", "metadata": {}, "extra": 1}'),
        (422, "application/json", '{"dcname": "NAME", "metadata": {"limits": {"cpu": {"enabled": "yes"}}}}'),
        (422, "application/json", '{"dcname": "../NAME", "metadata": {}}'),
    ],
)
def test_bad_document_is_refused_and_not_stored(config, name, status, media_type, body):
    answer = config.post("/configs", content=body.replace("NAME", name), headers={"Content-Type": media_type})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert config.get(f"/configs/{name}").json() == []


def test_name_cannot_be_patched(config, stored):
    answer = config.patch(f"/configs/{stored}", json={"dcname": f"{stored}-2"}, headers=MERGE_PATCH)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/dcname")


@pytest.mark.parametrize(
    ("conditions", "found"),
    [
        ("metadata.limits.cpu.enabled=true", True),
        ("metadata.limits.cpu.enabled=true&metadata.monitoring.enabled=false", True),
        ("metadata.limits.cpu.enabled=true&metadata.monitoring.enabled=true", False),
        ("metadata.limits.cpu.enabled=true&metadata.limits.cpu.enabled=false", False),
        ("", True),
    ],
)
def test_search_holds_all_conditions(config, name, conditions, found):
    sought = document(name, value := secrets.token_hex(8))
    config.post("/configs", json=sought)
    answer = config.get(f"/search?metadata.limits.cpu.value={value}&{conditions}")
    assert answer.json() == ([sought] if found else [])


def test_search_by_no_metadata_path_is_422(config):
    answer = config.get("/search?dcname=datacenter-1")
    assert (answer.status_code, answer.headers["content-type"]) == (422, "application/problem+json")


def test_every_call_is_counted_by_template(embedded, new_client, name):
    visitor = new_client()

    def count(sample):
        text = visitor.get(f"{embedded.direct('config')}/metrics").text
        found = re.search(rf"^{re.escape(sample)} (\S+)$", text, re.MULTILINE)
        return float(found[1]) if found else 0.0

    samples = [
        'http_requests_config_total{code="404",endpoint="/configs/{name}",method="delete"}',
        'http_requests_total{code="404",method="delete"}',
    ]
    before = [count(sample) for sample in samples]
    assert visitor.delete(f"/config/configs/{name}").status_code == 404
    assert all(count(sample) > earlier for sample, earlier in zip(samples, before, strict=True))
