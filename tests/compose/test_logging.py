"""The profile `logging`, as far as it goes without its images: real log lines through its parsers."""

import json
import re
from datetime import datetime

import pytest
import yaml

PIPELINE = "compose/logging/fluent-bit.yaml"
FIELDS = {"%Y": "[0-9]{4}", "%m": "[0-9]{2}", "%d": "[0-9]{2}", "%H": "[0-9]{2}", "%M": "[0-9]{2}"}
FIELDS |= {"%S": "[0-9]{2}", "%L": "[0-9]{1,9}"}


@pytest.fixture(scope="module")
def pipeline(repository):
    return yaml.safe_load((repository / PIPELINE).read_text())


@pytest.fixture(scope="module")
def parse(pipeline):
    """Do what Fluent Bit does with one of its JSON parsers, its time format included."""
    parsers = {each["name"]: each for each in pipeline["parsers"]}

    def parse(name, text):
        parser = parsers[name]
        assert parser["format"] == "json"
        record = json.loads(text)
        form = re.sub("%.", lambda found: FIELDS[found[0]], re.escape(parser["time_format"]))
        time = record[parser["time_key"]]
        assert re.match(form, time), time
        assert datetime.fromisoformat(time)
        return record

    return parse


@pytest.fixture
def records(stack, client, pipeline, parse):
    """What the input makes of the files of all containers, after a request to each service."""
    for path in ("/athlete/", "/blog/", "/config/configs", "/ip/get-ip"):
        client.get(path)
    (tail,) = pipeline["pipeline"]["inputs"]
    assert re.search(r"/containers/\*/\*-json\.log$", tail["path"])
    found = []
    for each in stack.containers():
        with open(each["LogPath"]) as lines:
            found += [parse(tail["parser"], line) for line in lines]
    return found


def test_lines_say_whose_they_are(stack, records, pipeline):
    (grep,) = [each for each in pipeline["pipeline"]["filters"] if each["name"] == "grep"]
    key, _, pattern = grep["regex"].partition(" ")
    assert key == "$attrs['tag']"
    own = re.compile(pattern.replace("${PROJECT}", stack.name))
    assert len(records) > 20
    assert all(own.search(record["attrs"]["tag"]) for record in records)


def test_lines_of_services_are_opened(records, pipeline, parse):
    (inner,) = [each for each in pipeline["pipeline"]["filters"] if each["name"] == "parser"]
    lines = [record[inner["key_name"]] for record in records]
    opened = [parse(inner["parser"], line) for line in lines if '"service":' in line]
    requests = [line for line in opened if line["event"] == "request"]
    services = {f"{name}-service" for name in ("athlete", "blog", "config", "ip")}
    assert {line["service"] for line in requests} >= {*services, "gateway"}
    assert all(line["trace_id"] for line in requests if line["service"] in services)


def test_profile_is_complete(stack):
    shown = json.loads(stack.compose("--profile", "logging", "config", "--format=json"))
    collector, store, page = (shown["services"][name] for name in ("fluent-bit", "opensearch", "dashboards"))
    assert set(collector["networks"]) == set(store["networks"]) == {"logging"}
    assert collector["environment"]["PROJECT"] == stack.name
    assert "ports" not in store
    assert [port["host_ip"] for port in page["ports"]] == ["127.0.0.1"]
    assert shown["networks"]["logging"]["internal"]
