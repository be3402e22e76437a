"""What a service says about how it runs here: the file `embedded.toml` in its folder."""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any

from embedded.errors import Failure

FILE = "embedded.toml"


@dataclass(frozen=True)
class Manifest:
    """One service.

    Attributes:
        folder: where it lives; the folder's name less `-service` is its name.
        module: what `python -m` runs.
        migrate: a module that is run to its end before each start.
        env: its settings; `${data}` and `${version}` are its own, `${valkey_port}` or
            `${ip_port}` the ports of others.
        secrets: settings that name a file with a secret; equal names share one.
    """

    folder: Path
    module: str
    migrate: str | None = None
    env: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """The service's short name, as in its URL."""
        return self.folder.name.removesuffix("-service")

    @property
    def version(self) -> str:
        """The service's version."""
        project = tomllib.loads((self.folder / "pyproject.toml").read_text())["project"]
        return str(project["version"])

    def settings(self, ports: dict[str, int], data: Path) -> dict[str, str]:
        """Fill the placeholders in."""
        values = {f"{name.replace('-', '_')}_port": str(port) for name, port in ports.items()}
        values |= {"data": str(data), "version": self.version}
        try:
            return {name: Template(text).substitute(values) for name, text in self.env.items()}
        except (KeyError, ValueError) as error:
            raise Failure(f"{self.folder / FILE}: unknown placeholder {error}") from error


def find_services(root: Path) -> list[Manifest]:
    """Find every service that can run here, by name."""
    return [read_manifest(path) for path in sorted(root.glob(f"services/*/{FILE}"))]


def read_manifest(path: Path) -> Manifest:
    """Read one service's file."""
    try:
        content: dict[str, Any] = tomllib.loads(path.read_text())
        return Manifest(path.parent, **content)
    except (tomllib.TOMLDecodeError, TypeError) as error:
        raise Failure(f"{path}: {error}") from error
