import asyncio
import os
import signal
import subprocess
import sys
import time

import pytest

from embedded import supervisor
from embedded.child import Child
from embedded.errors import Failure
from embedded.folder import Folder
from embedded.identity import runs
from embedded.ports import Reservation
from embedded.programs import Program
from embedded.sinks import FileSink
from embedded.supervisor import Supervisor

SLEEP = "import time; print('here I am', flush=True); time.sleep(60)"
LISTEN = """
import socket, sys
server = socket.create_server(('127.0.0.1', int(sys.argv[1])))
while True: server.accept()
"""
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)\n{LISTEN}"


@pytest.fixture
def folder(tmp_path):
    folder = Folder(tmp_path / "data")
    folder.create()
    return folder


@pytest.fixture
def reservation():
    reservation = Reservation()
    yield reservation
    reservation.close()


@pytest.fixture
def program(tmp_path, reservation):
    def make(name, code, **fields):
        port = reservation.take()
        argv = (sys.executable, "-c", code, str(port))
        return Program(name, argv, dict(os.environ), tmp_path, port, ("", ""), ready_path=None, **fields)

    return make


def stack_of(folder, *programs):
    return Supervisor(folder, 0, programs, lambda name: FileSink(folder.log(name), name))


def end_self():
    os.kill(os.getpid(), signal.SIGTERM)


def test_late_program_fails_the_start_with_its_last_words_and_ends_all(folder, program, monkeypatch):
    monkeypatch.setattr(supervisor, "START_SECONDS", 2.0)
    stack = stack_of(folder, program("late", SLEEP), program("store", LISTEN))
    with pytest.raises(Failure, match=r"^late was not ready within 2 s\n  here I am$"):
        asyncio.run(stack.run(end_self))
    assert stack.state.processes() == []
    assert not folder.state.exists()


def test_stubborn_program_is_ended_by_force(folder, program, monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.5)
    stack = stack_of(folder, program("stubborn", STUBBORN))
    began = time.monotonic()
    asyncio.run(stack.run(end_self))
    assert stack.state.processes() == []
    assert time.monotonic() - began > 0.5


def test_missing_program_fails_the_start(folder, program):
    missing = program("missing", "")
    missing = Program(**{**vars(missing), "argv": ("/no/such/program",)})
    with pytest.raises(Failure, match=r"^missing did not start \(exit code 127\)"):
        asyncio.run(stack_of(folder, missing).run(end_self))


def test_delay_between_tries_doubles(folder, program, monkeypatch):
    monkeypatch.setattr("embedded.child.FIRST_DELAY", 0.01)
    monkeypatch.setattr("embedded.child.LONGEST_DELAY", 0.04)
    notes, enough = [], asyncio.Event()

    class Notes(FileSink):
        def note(self, event, **fields):
            notes.append(fields["restart_in_s"])
            if len(notes) == 4:
                enough.set()

    async def crash_often():
        child = Child(
            program("crash", "raise SystemExit(1)"), Notes(folder.log("crash"), "crash"), lambda: None
        )
        with pytest.raises(Failure):
            await child.start()
        await asyncio.wait_for(enough.wait(), 20)
        await child.stop(1)
        child.close()

    asyncio.run(crash_often())
    assert notes[:4] == [0.01, 0.02, 0.04, 0.04]


def test_interrupted_up_leaves_nothing_behind(repository, until):
    repository.add("one", extra='SILENT = "yes"')
    up = subprocess.Popen(**repository.command("up"), stdout=subprocess.DEVNULL)
    until(lambda: repository.state and len(repository.processes()) >= 4)
    processes = repository.processes()
    up.send_signal(signal.SIGINT)
    assert up.wait(30) == 130
    assert not any(runs(process) for process in processes)
