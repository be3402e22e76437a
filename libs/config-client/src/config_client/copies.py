"""Copies of documents: in memory for their entity tags, on disk for when the service is away."""

import json
import os
import tempfile
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from config_client.errors import ConfigError, UnavailableError
from config_client.models import Config


class Copies:
    """The last known documents.

    Args:
        folder: keeps them over restarts; None keeps them in memory only. A folder that cannot be
            written to is no reason to fail.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._known: dict[str, Config] = {}

    def get(self, name: str) -> Config | None:
        """Return the copy that an entity tag speaks of."""
        return self._known.get(name)

    def settle(self, config: Config | None) -> Config:
        """Keep what the service has told, and return it.

        Raises:
            UnavailableError: it has told nothing.
        """
        if config is None:
            raise UnavailableError("The service said that a copy is current, and there is none.")
        self.keep(config)
        return config

    def stand_in(self, name: str, error: ConfigError) -> Config:
        """Return the last known copy of a document that cannot be read just now.

        Raises:
            ConfigError: that which was given; the document is no more, or no copy is known.
        """
        if isinstance(error, UnavailableError):
            if known := self.last_known(name):
                return known
        else:
            self.forget(name)
        raise error

    def last_known(self, name: str) -> Config | None:
        """Return a copy, marked as stale."""
        config = self._known.get(name) or self._load(name)
        return config and replace(config, stale=True)

    def keep(self, config: Config) -> None:
        """Keep a document as it is now."""
        if self._known.get(config.name) == config:
            return
        self._known[config.name] = config
        if self._folder is not None:
            with suppress(OSError):
                self._store(self._folder, config)

    def update(self, name: str, config: Config | None) -> None:
        """Keep a document as it is now, or drop its copy."""
        if config:
            self.keep(config)
        else:
            self.forget(name)

    def forget(self, name: str) -> None:
        """Drop the copy of a document that is no more."""
        self._known.pop(name, None)
        if self._folder is not None:
            with suppress(OSError):
                (self._folder / f"{name}.json").unlink(missing_ok=True)

    def _load(self, name: str) -> Config | None:
        if self._folder is None:
            return None
        try:
            return Config.parse(json.loads((self._folder / f"{name}.json").read_bytes()))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    @staticmethod
    def _store(folder: Path, config: Config) -> None:
        """Replace the file as a whole; a crash leaves the old one or the new one."""
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=folder, suffix=".tmp", delete=False, encoding="utf-8"
        ) as file:
            json.dump(config.resource(), file)
            file.flush()
            os.fsync(file.fileno())
        Path(file.name).replace(folder / f"{config.name}.json")
