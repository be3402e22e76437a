"""The examples of the README, run as a reader would run them."""

import re
import shlex
import signal
from pathlib import Path

import httpx
import pytest

from chassis.testing import running_service
from chassis.testing.issuer import running_issuer

README = Path(__file__).parents[1] / "README.md"
PROGRAM = re.compile(r"```python\n# (\w+)\.py\n(.*?)```", re.DOTALL)
CALL = re.compile(r"^\$ curl (.*)\n(.*)$", re.MULTILINE)
REQUEST_ID = re.compile(r'"request_id":"[^"]*"')


def section(title):
    return README.read_text().partition(f"## {title}\n")[2].partition("\n## ")[0]


def request(words):
    """The request that a curl command line makes."""
    method, url, headers, body = "GET", "", {}, None
    arguments = iter(shlex.split(words))
    for word in arguments:
        if word == "-X":
            method = next(arguments)
        elif word == "-H":
            name, _, value = next(arguments).partition(": ")
            headers[name] = value
        elif word == "-d":
            body = next(arguments)
        else:
            url = word
    return httpx.Request(method, url, headers=headers, content=body)


@pytest.mark.parametrize("title", ["A FastAPI service", "A Flask service"])
def test_example_answers_as_it_says(title, tmp_path, valkey):
    env = {
        "REDIS_URL": valkey.url,
        "DATABASE_URL": f"sqlite:///{tmp_path}/visits.db",
    }
    run_example(section(title), tmp_path, env)


def test_example_asks_who_calls(tmp_path):
    with running_issuer() as issuer:
        tokens = {
            "$TOKEN_OF_READER": issuer.token(aud="reports", scope="reports:read"),
            "$TOKEN": issuer.token(aud="reports"),
        }
        text = section("Who may call")
        for name, token in tokens.items():
            text = text.replace(name, token)
        run_example(text, tmp_path, {"AUTH_ISSUER": issuer.url, "AUTH_AUDIENCE": "reports"})


def run_example(text, folder, env):
    (name, code) = PROGRAM.search(text).groups()
    (folder / f"{name}.py").write_text(code)
    variables = {"PYTHONPATH": str(folder), **env}
    with running_service(name, folder, variables) as service, httpx.Client(trust_env=False) as http:
        calls = CALL.findall(text)
        assert calls
        for words, answer in calls:
            given = http.send(request(words.replace("http://localhost:8000", service.url)))
            assert REQUEST_ID.sub("", given.text) == REQUEST_ID.sub("", answer)
        service.signal(signal.SIGTERM)

        assert service.wait() == 0
