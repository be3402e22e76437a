"""The profile `monitoring`: every query of its rules and its dashboards has series.

Grafana's image is not started here; its dashboards' queries are asked from the real Prometheus.
"""

import json

import httpx
import pytest
import yaml

FOLDER = "compose/monitoring"


@pytest.fixture(scope="module")
def prometheus(stack, until):
    """Prometheus beside the running stack, after a while with some traffic."""
    stack.up("--no-recreate", "prometheus")
    base = stack.compose("port", "prometheus", "9090").strip()
    with httpx.Client(base_url=f"http://{base}", trust_env=False) as client, stack.client() as caller:

        def knows_enough():
            for path in ("/athlete/", "/blog/", "/config/configs", "/ip/get-ip"):
                caller.get(path)
            caller.post("/shout/v1", json={"data": "hello"})
            return len(series(client, "service:duration_seconds:p99 >= 0")) == 5

        until(knows_enough, 120)
        yield client
    stack.compose("rm", "--stop", "--force", "prometheus")


def series(prometheus, query):
    answer = prometheus.get("/api/v1/query", params={"query": query}).json()
    assert answer["status"] == "success", answer
    return answer["data"]["result"]


def test_rules_are_in_order(stack, prometheus):
    said = stack.compose(
        "exec", "-T", "prometheus", "promtool", "check", "config", "/etc/prometheus/prometheus.yaml"
    )
    assert "SUCCESS: 10 rules found" in said


def test_every_service_is_scraped(prometheus):
    found = {each["metric"]["service"] for each in series(prometheus, 'up{job="services"} == 1')}
    assert found == {f"{name}-service" for name in ("athlete", "blog", "config", "ip", "shout")}


def test_every_rule_has_series(prometheus, repository):
    rules = yaml.safe_load((repository / FOLDER / "prometheus/rules.yaml").read_text())
    for rule in (rule for group in rules["groups"] for rule in group["rules"]):
        query = rule["record"] if "record" in rule else rule["expr"].rsplit(" ", 2)[0]
        assert series(prometheus, query), query


def test_every_panel_has_series(prometheus, repository):
    for path in (repository / FOLDER / "grafana/dashboards").glob("*.json"):
        for panel in json.loads(path.read_text())["panels"]:
            for target in panel["targets"]:
                assert series(prometheus, target["expr"]), panel["title"]
