"""Commands that do what the documents say: run where they can run here, else read by the shell."""

import json
import re
import shlex
import shutil
import signal
import subprocess
from contextlib import contextmanager

import httpx
import pytest

from chassis.testing import free_port, http_client, wait_until
from embedded.settings import stack_environment

CALL = re.compile(r".*curl .*localhost:8080/")
SERVICE = re.compile(r"SERVE_PORT=\d+ (\.venv/bin/python -m \w+)")
MAKE = re.compile(r"make ([a-z0-9-]+)")
BACKGROUND = ("up", "status", "down", "help")
VARIABLE = {
    r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}|\b[0-9a-f]{32}\b": "ID",
    r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)": "TIME",
    r"localhost:\d+": "localhost:PORT",
}


def masked(text):
    for pattern, name in VARIABLE.items():
        text = re.sub(pattern, name, text)
    return text.strip()


def is_shown(answer, shown):
    """Tell whether an answer is the one that is shown, up to an ellipsis, if there is one."""
    shown, cut, _ = masked(shown).partition("…")
    return masked(answer).startswith(shown) if cut else masked(answer) == shown


def shape(text):
    """The members of a JSON object, else the kind of a text."""
    try:
        value = json.loads(text)
    except ValueError:
        return bool(text.strip())
    return sorted(value) if isinstance(value, dict) else type(value)


@pytest.fixture(scope="session")
def shell(request):
    """Run a command as a reader would, in the repository's folder."""

    def run(text, environment):
        done = subprocess.run(  # noqa: S603 - what the documents say
            ["bash", "-c", text],  # noqa: S607 - the reader's own
            cwd=request.config.rootpath,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{text}: {done.stderr}"
        return done.stdout

    return run


@pytest.fixture
def environment(tmp_path):
    """A reader's, with data of their own and a free port."""
    inherited = {**stack_environment(tmp_path), "NO_PROXY": "*"}
    return {name: value for name, value in inherited.items() if not name.startswith(("MAKE", "MFLAGS"))}


def ask(shell, command, environment, port):
    if shutil.which("curl") is None:
        pytest.skip("no curl")
    return shell(command.text.replace("localhost:8080", f"localhost:{port}"), environment)


@contextmanager
def in_foreground(argv, folder, environment):
    """Run a service on a free port until Ctrl-C, and yield its URL."""
    port = str(free_port())
    process = subprocess.Popen(  # noqa: S603 - what the first page says
        argv.split(),
        cwd=folder,
        env=environment | {"SERVE_PORT": port, "SERVE_HOST": "127.0.0.1"},
        stdout=subprocess.DEVNULL,
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.send_signal(signal.SIGINT)
        assert process.wait(20) in (0, -signal.SIGINT)


def is_ready(url):
    with http_client(url) as http:
        try:
            return http.get("/readyz").status_code == 200
        except httpx.TransportError:
            return False


def follow(command, shell, environment, folder):
    """Do what the first page says, but for what takes over the terminal or the machine: that is only read."""
    verb, service = MAKE.fullmatch(command.text), SERVICE.fullmatch(command.text)
    if CALL.match(command.text):
        answer = ask(shell, command, environment, environment["PORT"])
        assert is_shown(answer, command.answer or answer), f"{command}: {answer}"
    elif service:
        with in_foreground(service[1], folder, environment) as url:
            wait_until(lambda: is_ready(url))
    elif verb:
        shell(command.text if verb[1] in BACKGROUND else f"make -n {verb[1]}", environment)
    else:
        shell(f"bash -n -c {shlex.quote(command.text)}", environment)


def test_first_page_from_top_to_bottom(readme, shell, environment, request):
    environment["PORT"] = str(free_port())
    try:
        for command in readme:
            follow(command, shell, environment, request.config.rootpath)
    finally:
        shell("make down", environment)


def test_call_answers_as_shown(call, shell, environment, request):
    port = request.getfixturevalue("stack").url.rpartition(":")[2]
    answer = ask(shell, call, environment, port)
    assert shape(answer) == shape(call.answer or answer), answer
