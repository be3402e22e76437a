"""The program load.py as a Job of the cluster."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .conftest import PROBE, PYTHON, Cluster, ask_again

PROGRAM = (Path(__file__).parent / "load.py").read_text()
CLIENTS = 4
PAUSE = 0.01  # between two requests of a client: the machine has work to do besides
SECONDS = 3600


@dataclass(frozen=True)
class Load:
    """Clients that call through one way in.

    Attributes:
        name: of the Job.
    """

    cluster: Cluster
    name: str

    @contextmanager
    def running(self, address: tuple[str, int], host: str, **order: Any) -> Iterator["Load"]:
        """Let it call for as long as this lasts; `order` is what load.py can be told."""
        self._remove()
        try:
            self._start({"address": address, "host": host, "clients": CLIENTS, "pause": PAUSE, **order})
            yield self
        finally:
            self._remove()

    def account(self) -> dict[str, Any]:
        """What it has told last."""
        lines = self._kubectl("logs", f"job/{self.name}", "--tail=1", check=False).splitlines()
        return json.loads(lines[-1]) if lines and lines[-1].startswith("{") else {}

    def slow_down(self) -> None:
        """Let its clients rest between their requests from now on."""
        self._signal("SIGUSR1")

    def end(self) -> dict[str, Any]:
        """Let it come to its end, and take its last word."""
        self._signal("SIGTERM")
        self._kubectl("wait", f"job/{self.name}", "--for=condition=Complete", f"--timeout={SECONDS}s")
        return self.account()

    def _start(self, order: dict[str, Any]) -> None:
        container = {**PROBE["spec"]["containers"][0], "args": ["-c", PROGRAM, json.dumps(order)]}
        spec = {"template": {"spec": {**PROBE["spec"], "containers": [container]}}, "backoffLimit": 0}
        job = {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": self.name}, "spec": spec}
        self._kubectl("apply", "--filename=-", text=json.dumps(job))
        ask_again(lambda: self.account().get("requests"), 180)

    def _signal(self, name: str) -> None:
        code = f"import os, signal; os.kill(1, signal.{name})"
        self._kubectl("exec", f"job/{self.name}", "--", PYTHON, "-c", code)

    def _remove(self) -> None:
        self._kubectl("delete", "job", self.name, "--ignore-not-found", "--wait=true")

    def _kubectl(self, *arguments: str, **options: Any) -> str:
        return self.cluster.kubectl("--namespace=default", *arguments, **options)
