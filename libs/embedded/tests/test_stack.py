import os
import signal
import socket
import stat
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest

from chassis.testing import http_client
from embedded.identity import runs


def answers_at(state, path):
    with http_client(f"http://127.0.0.1:{state.port}", timeout=5) as http:
        return http.get(path).status_code


def test_up_starts_everything_and_shows_one_aligned_table(repository):
    up = repository.run("up")
    state = repository.state
    *head, valkey = up.stdout.splitlines()
    assert up.returncode == 0
    assert head == [
        "SERVICE  STATE  URL                          OR BY HOST NAME",
        f"gateway  ready  http://localhost:{state.port}/",
        f"one      ready  http://localhost:{state.port}/one/  http://one.localhost:{state.port}/",
        f"two      ready  http://localhost:{state.port}/two/  http://two.localhost:{state.port}/",
    ]
    assert valkey.startswith("valkey   ready  127.0.0.1:")


def test_gateway_leads_to_the_services(watched):
    assert answers_at(watched.state, "/two/anything") == 200


def test_everything_listens_on_loopback_only(watched):
    listening = [
        connection.laddr.ip
        for process in watched.processes()
        for connection in process.net_connections("tcp")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 4
    assert set(listening) <= {"127.0.0.1", "::1"}


def test_second_up_changes_nothing_and_shows_the_table(watched):
    before = watched.processes()
    up = watched.run("up")
    assert up.returncode == 0
    assert "ready" in up.stdout
    assert watched.processes() == before


def test_two_ups_at_once_make_one_stack(repository):
    with ThreadPoolExecutor() as pool:
        first, second = pool.map(lambda _: repository.run("up"), range(2))
    assert (first.returncode, second.returncode) == (0, 0)
    assert first.stdout == second.stdout


def test_down_ends_every_process(running):
    processes = [*running.processes(), psutil.Process(running.state.supervisor.pid)]
    down = running.run("down")
    assert (down.returncode, down.stdout) == (0, "stopped\n")
    assert not any(runs(process) for process in processes)
    assert running.run("status").stdout == "nothing runs; make up starts it\n"


def test_down_without_anything_running_is_no_error(repository):
    down = repository.run("down")
    assert (down.returncode, down.stdout) == (0, "nothing runs\n")


def test_two_stacks_run_side_by_side(watched, tmp_path):
    other = tmp_path / "other"
    try:
        up = watched.run("up", DATA=str(other))
        assert up.returncode == 0, up.stderr
        assert answers_at(watched.state, "/one/") == 200
    finally:
        watched.run("down", DATA=str(other))


def test_service_gets_its_settings(watched):
    environ = watched.get("one").json()
    state, folder = watched.state, watched.folder.path
    assert environ["SERVE_HOST"] == "127.0.0.1"
    assert environ["NEIGHBOUR"] == f"http://127.0.0.1:{state.entries['two'].port}"
    assert environ["STORE"] == f"{folder}/one/store"
    assert environ["APP_VERSION"] == "1.2.3"
    assert environ["LOG_FORMAT"] == "json"


def test_settings_of_the_shell_reach_services_unless_the_stack_decides_them(repository):
    repository.run("up", OTEL_SERVICE_NAME="mine", ROOT_PATH="/wrong", SERVE_PORT="1", METRICS_PORT="2")
    environ = repository.get("one").json()
    assert environ["OTEL_SERVICE_NAME"] == "mine"
    assert "ROOT_PATH" not in environ
    assert "METRICS_PORT" not in environ
    assert environ["SERVE_PORT"] == str(repository.state.entries["one"].port)


def test_secrets_are_made_once_and_are_the_owners_alone(running):
    files = sorted(running.folder.secrets.iterdir())
    before = {file.name: file.read_text() for file in files}
    assert set(before) == {"token", "valkey-password"}
    assert all(len(secret) >= 32 for secret in before.values())
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}
    assert running.get("one").json()["TOKEN_FILE"] == str(running.folder.secrets / "token")
    running.run("down")
    running.run("up")
    assert {file.name: file.read_text() for file in files} == before


def test_valkey_keeps_what_it_was_given_and_wants_the_password(running):
    def ask(*lines):
        with socket.create_connection(("127.0.0.1", running.state.entries["valkey"].port), 5) as link:
            link.sendall("".join(f"{line}\r\n" for line in lines).encode())
            link.shutdown(socket.SHUT_WR)
            return link.makefile().read()

    password = (running.folder.secrets / "valkey-password").read_text()
    assert "NOAUTH" in ask("GET fruit")
    assert ask(f"AUTH {password}", "SET fruit pear") == "+OK\n+OK\n"
    os.kill(running.state.entries["valkey"].identity.pid, signal.SIGKILL)
    running.run("down")
    running.run("up")
    assert "pear" in ask(f"AUTH {password}", "GET fruit")


def test_migration_runs_before_its_service(repository):
    repository.add("one", migrate='migrate = "platform"')
    assert repository.run("up").returncode == 0
    first, second, *_ = repository.folder.log("one").read_text().splitlines()
    assert first.startswith("Linux")
    assert second.startswith("hello")


@pytest.mark.parametrize("field", ['migrate = "nonesuch"'])
def test_failed_migration_fails_the_start(repository, field):
    repository.add("one", migrate=field)
    up = repository.run("up")
    assert up.returncode == 1
    assert up.stderr.startswith("error: one could not be prepared (exit code 1 of -m nonesuch)\n")
    assert "No module named nonesuch" in up.stderr
