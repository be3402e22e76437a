import subprocess
import sys


@pytest.mark.parametrize("name", ["", "x" * 201])
def test_name_of_wrong_length_stops_the_start(name: str) -> None:
    env = (
        {"SERVE_PORT": "0", "ATHLETE_NAME": name} if name else {"SERVE_PORT": "0", "ATHLETE_NAME": " " * 201}
    )
    ended = subprocess.run([sys.executable, "-m", "athlete_service"], env=env, capture_output=True, text=True)

    assert ended.returncode == 1
    assert ended.stderr.startswith("ATHLETE_NAME: ")
    assert ended.stderr.count("\n") == 1


def test_missing_port_stops_the_start() -> None:
    ended = subprocess.run([sys.executable, "-m", "athlete_service"], env={}, capture_output=True, text=True)

    assert (ended.returncode, ended.stderr) == (1, "SERVE_PORT must be set\n")
