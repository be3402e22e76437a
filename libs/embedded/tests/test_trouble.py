import os
import signal
import socket
from pathlib import Path

import psutil
import pytest

from embedded.identity import runs


def kill(identity):
    os.kill(identity.pid, signal.SIGKILL)


def test_broken_service_fails_the_start_with_its_name_and_last_lines(repository):
    repository.add("two", extra='BROKEN = "yes"')
    up = repository.run("up")
    assert up.returncode == 1
    assert up.stdout == ""
    assert up.stderr == "error: two did not start (exit code 1)\n  cannot go on like this\n"
    assert "Traceback" not in repository.folder.log("supervisor").read_text()
    assert repository.run("status").stdout == "nothing runs; make up starts it\n"


def test_crashed_service_is_started_again_and_the_others_go_on(running, until):
    before = running.state.entries
    kill(before["one"].identity)
    until(lambda: running.state.entries["one"].restarts == 1 and running.state.entries["one"].identity)
    until(lambda: "ready (restarts: 1)" in running.run("status").stdout)
    after = running.state.entries
    assert after["one"].port == before["one"].port
    assert after["two"].identity == before["two"].identity
    assert '"event": "process_ended"' in running.folder.log("one").read_text()
    assert '"reason": "killed by SIGKILL"' in running.folder.log("one").read_text()


def test_killed_nginx_is_started_again_without_its_old_workers(running, until):
    nginx = running.state.entries["gateway"].identity
    workers = [process for process in nginx.processes() if process.pid != nginx.pid]
    kill(nginx)
    until(lambda: running.state.entries["gateway"].restarts == 1 and running.answers("gateway"))
    assert workers
    assert not any(runs(worker) for worker in workers)


def test_up_after_a_killed_supervisor_ends_the_orphans_and_starts_afresh(running):
    orphans = running.processes()
    kill(running.state.supervisor)
    assert any(runs(process) for process in orphans)
    up = running.run("up")
    assert up.returncode == 0, up.stderr
    assert up.stdout.startswith(f"ended {len(orphans)} processes of a run that was killed\n")
    assert not any(runs(process) for process in orphans)


def test_down_after_a_killed_supervisor_ends_the_orphans(running):
    orphans = running.processes()
    kill(running.state.supervisor)
    assert f"a run was killed and left {len(orphans)} processes" in running.run("status").stdout
    assert "stopped" in running.run("down").stdout
    assert not any(runs(process) for process in orphans)


def test_workers_whose_leader_was_killed_too_are_found(running):
    nginx, orphans = running.state.entries["gateway"].identity, running.processes()
    kill(running.state.supervisor)
    kill(nginx)
    running.run("down")
    assert not any(runs(process) for process in orphans)


def test_number_given_to_another_process_is_left_alone(running):
    kill(running.state.supervisor)
    state = running.state
    own = psutil.Process()
    state.entries["one"].identity = type(state.supervisor)(own.pid, 1.0, own.exe())
    orphan = psutil.Process(running.state.entries["one"].identity.pid)
    state.write(running.folder.state)
    running.run("down")
    assert runs(own)
    orphan.kill()


def test_busy_port_is_one_clear_line(repository):
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        up = repository.run("up", PORT=str(port))
    assert up.returncode == 1
    hint = "end that, or choose another port with PORT=…"
    assert up.stderr == f"error: port {port} is in use by another program; {hint}\n"


@pytest.mark.parametrize("port", ["x", "65536", "-1", "٣"])
def test_bad_port_is_one_clear_line(repository, port):
    up = repository.run("up", PORT=port)
    assert up.stderr == f"error: PORT must be a number from 0 to 65535, not {port!r}\n"


def test_data_folder_that_cannot_be_made_is_one_clear_line(repository, tmp_path):
    (tmp_path / "file").touch()
    up = repository.run("up", DATA=str(tmp_path / "file/data"))
    assert up.returncode == 1
    assert up.stderr.startswith("error: cannot write to ")
    assert up.stderr.endswith("choose another with DATA=…\n")
    assert len(up.stderr.splitlines()) == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_data_folder_without_permission_is_one_clear_line(repository, tmp_path):
    (tmp_path / "data").mkdir(mode=0o500)
    up = repository.run("up")
    assert up.stderr.startswith("error: cannot write to ")
    assert "Permission denied" in up.stderr


def test_folder_without_services_is_one_clear_line(repository, tmp_path):
    repository.root = tmp_path
    up = repository.run("up")
    assert "there are no services in" in up.stderr
    assert len(up.stderr.splitlines()) == 1


@pytest.mark.parametrize("extra", ['X = "${nonesuch}"', 'X = "$"', "nonsense"])
def test_bad_manifest_is_one_clear_line(repository, extra):
    repository.add("one", extra=extra)
    up = repository.run("up")
    assert up.returncode == 1
    assert str(Path("services/one-service/embedded.toml")) in up.stderr
    assert len(up.stderr.splitlines()) == 1
