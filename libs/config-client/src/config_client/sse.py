"""Server-sent events, as the watch of the config-service sends them (HTML Living Standard §9.2)."""

import json

from config_client.models import Config, Event


class EventReader:
    """Makes events of lines.

    Attributes:
        last_id: resumes after the last event; empty before the first one.
    """

    def __init__(self, last_id: str = "") -> None:
        self.last_id = last_id
        self._kind = ""
        self._data: list[str] = []

    def feed(self, line: str) -> Event | None:
        """Take a line; return the event that it completes."""
        if not line:
            return self._complete()
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            self.last_id = value
        elif name == "event":
            self._kind = value
        elif name == "data":
            self._data.append(value)
        return None

    def _complete(self) -> Event | None:
        kind, data = self._kind, "\n".join(self._data)
        self._kind, self._data = "", []
        if not data:
            return None
        content = json.loads(data)
        if kind == "put":
            config = Config.parse(content)
            return Event("put", self.last_id, config.revision, config.name, config)
        if kind == "delete":
            return Event("delete", self.last_id, content["revision"], content["name"])
        return Event("reset", self.last_id, content["revision"])
