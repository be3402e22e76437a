import os
import signal
import subprocess

import pytest

from embedded.sinks import FileSink


def test_logs_of_one_service_are_its_lines_as_they_are(running):
    running.run("down")
    logs = running.run("logs", "one")
    assert logs.stdout.startswith("hello from ")


def test_logs_of_all_have_the_names_in_front(running):
    running.run("down")
    lines = running.run("logs").stdout.splitlines()
    assert any(line.startswith("one        | hello from ") for line in lines)
    assert any(line.startswith("two        | hello from ") for line in lines)


def test_logs_of_an_unknown_service_name_the_known_ones(watched):
    logs = watched.run("logs", "three")
    known = "gateway, one, supervisor, two, valkey"
    assert logs.stderr == f"error: no service is called 'three'; there are {known}\n"


def test_logs_follow_while_the_stack_runs(watched, tmp_path, until):
    with (tmp_path / "seen").open("wb") as seen:
        logs = subprocess.Popen(**watched.command("logs", "two"), stdout=seen)
        try:
            until(lambda: b"hello" in (tmp_path / "seen").read_bytes())
            until(
                lambda: watched.get("two", "/news") and b"asked for /news" in (tmp_path / "seen").read_bytes()
            )
        finally:
            logs.send_signal(signal.SIGINT)
            assert logs.wait(10) in {0, 130}


@pytest.fixture
def sink(tmp_path):
    sink = FileSink(tmp_path / "one.log", "one", limit=1000)
    yield sink
    sink.close()


def test_log_files_are_bounded_and_lines_stay_whole(tmp_path, sink):
    for number in range(500):
        sink.write(b"line %04d\nli" % number)
        sink.write(b"ne %04d\n" % number)
    files = [tmp_path / "one.log.1", tmp_path / "one.log"]
    assert all(file.stat().st_size < 1100 for file in files)
    lines = b"".join(file.read_bytes() for file in files).splitlines()
    assert {len(line) for line in lines} == {9}
    assert lines[-1] == b"line 0499"


def test_tail_shows_the_end_of_a_log(sink):
    sink.write(b"".join(b"line %d\n" % number for number in range(40)))
    assert sink.tail().splitlines()[-1] == "  line 39"


def test_closed_reader_is_no_error(running):
    reader, writer = os.pipe()
    os.close(reader)
    running.run("down")
    logs = subprocess.run(
        **running.command("logs"), check=False, stdout=writer, stderr=subprocess.PIPE, timeout=30
    )
    os.close(writer)
    assert (logs.returncode, logs.stderr) == (0, "")
