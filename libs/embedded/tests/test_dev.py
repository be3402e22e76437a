import signal
import subprocess

import httpx
import pytest

from embedded.identity import runs


@pytest.fixture
def dev(repository, tmp_path, until):
    with (tmp_path / "console").open("wb") as console:
        process = subprocess.Popen(**repository.command("dev"), stdout=console, stderr=console)
        try:
            until(lambda: "Ctrl-C stops everything" in (tmp_path / "console").read_text())
            yield process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(30)


def test_lines_have_the_service_in_front(dev, tmp_path):
    lines = (tmp_path / "console").read_text().splitlines()
    assert any(line.startswith("one     | hello from ") for line in lines)


def test_request_is_shown_once(dev, repository, tmp_path, until):
    httpx.get(f"http://127.0.0.1:{repository.state.port}/one/news", timeout=5, trust_env=False)
    httpx.get(f"http://127.0.0.1:{repository.state.port}/nowhere", timeout=5, trust_env=False)
    until(lambda: "/nowhere" in (tmp_path / "console").read_text())
    assert (tmp_path / "console").read_text().count("/news") == 1


def test_changed_service_is_restarted_and_no_other(dev, repository, until):
    before = repository.state.entries
    source = repository.root / "services/one-service/src/fake_service.py"
    source.write_text(source.read_text().replace('"pid"', '"new": 1, "pid"'))

    def changed():
        try:
            return "new" in repository.get("one").json()
        except httpx.HTTPError:
            return False

    until(changed)
    assert repository.state.entries["two"].identity == before["two"].identity


def test_broken_change_is_reported_and_mended_by_the_next(dev, repository, tmp_path, until):
    source = repository.root / "services/one-service/src/fake_service.py"
    good = source.read_text()
    source.write_text("this is no Python")
    until(lambda: "not ready" in (tmp_path / "console").read_text())
    source.write_text(good)
    until(lambda: "reloaded" in (tmp_path / "console").read_text())


def test_ctrl_c_ends_everything_cleanly(dev, repository, tmp_path):
    processes = repository.processes()
    dev.send_signal(signal.SIGINT)
    assert dev.wait(30) == 0
    assert not any(runs(process) for process in processes)
    assert "Traceback" not in (tmp_path / "console").read_text()


def test_dev_refuses_while_the_stack_runs(watched):
    dev = watched.run("dev")
    assert dev.stderr == "error: the services run in the background; make down first\n"


def test_status_shows_a_stack_in_the_foreground_and_down_ends_it(dev, repository):
    assert "one      ready" in repository.run("status").stdout
    assert repository.run("down").stdout == "stopped\n"
    assert dev.wait(10) == 0
