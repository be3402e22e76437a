import subprocess
import sys


def test_name_that_is_too_long_stops_the_start() -> None:
    env = {"SERVE_PORT": "0", "ATHLETE_NAME": "x" * 201}
    ended = subprocess.run([sys.executable, "-m", "athlete_service"], env=env, capture_output=True, text=True)

    assert ended.returncode == 1
    assert ended.stderr.startswith("ATHLETE_NAME: ")
    assert ended.stderr.count("\n") == 1


def test_missing_port_stops_the_start() -> None:
    ended = subprocess.run([sys.executable, "-m", "athlete_service"], env={}, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (1, "SERVE_PORT must be set\n")
