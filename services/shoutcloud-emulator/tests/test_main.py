import os
import signal
import socket
import subprocess
import sys
import threading

MODULE = [sys.executable, "-m", "shoutcloud_emulator"]


def test_without_a_port_it_does_not_start():
    result = subprocess.run(MODULE, env={"PATH": os.defpath}, capture_output=True, text=True, check=False)  # noqa: S603
    assert (result.returncode, result.stderr) == (1, "SERVE_PORT must be set\n")


def test_serves_until_it_is_told_to_stop(client):
    port = free_port()
    environment = {"PATH": os.defpath, "SERVE_PORT": str(port), "SERVE_HOST": "127.0.0.1"}
    with subprocess.Popen(MODULE, env=environment) as process:  # noqa: S603
        wait_for_port(port, process)
        assert type(client)(port).shout("x").json["OUTPUT"] == "X"
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def wait_for_port(port, process):
    patience = threading.Event()
    for _ in range(500):
        assert process.poll() is None
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            patience.wait(0.02)
        else:
            return
    raise TimeoutError
