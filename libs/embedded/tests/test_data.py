import os
import pty
import subprocess


def test_reset_refuses_while_running(watched):
    reset = watched.run("reset", CONFIRM="yes")
    assert reset.returncode == 1
    assert reset.stderr == "error: the services are running; make down first\n"


def test_reset_without_a_terminal_asks_for_confirm(running):
    running.run("down")
    reset = running.run("reset")
    assert reset.returncode == 1
    assert "CONFIRM=yes" in reset.stderr
    assert running.folder.secrets.is_dir()


def test_reset_removes_what_the_stack_made_and_nothing_else(running):
    running.run("down")
    (running.folder.path / "letter.txt").write_text("mine")
    reset = running.run("reset", CONFIRM="yes")
    assert (reset.returncode, reset.stdout) == (0, "all data removed\n")
    assert [path.name for path in running.folder.path.iterdir()] == ["letter.txt"]


def test_reset_asks_and_takes_no_for_an_answer(running):
    running.run("down")
    primary, secondary = pty.openpty()
    os.write(primary, b"n\n")
    reset = subprocess.run(
        **running.command("reset"), check=False, stdin=secondary, capture_output=True, timeout=30
    )
    assert f"remove all data in {running.folder.path}? [y/N]" in reset.stdout
    assert reset.stderr == "error: nothing was removed\n"
    assert running.folder.secrets.is_dir()
    os.close(primary)
    os.close(secondary)
