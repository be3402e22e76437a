"""The events of a watch, and the places in their sequence."""

import re
from dataclasses import dataclass
from typing import NamedTuple, Self

from fastapi.sse import ServerSentEvent

from chassis import UnprocessableContent, dump_json
from config_service.documents import Config, Revision
from config_service.schemas import MAX_REVISION
from config_service.v1_json import config_json

WHOLE = 2**31 - 1  # k of a place after all of a revision
_PLACE = re.compile(r"(\d{1,19})(?:\.(\d{1,9}))?")


class Place(NamedTuple):
    """A place in the sequence: after entry `k` of a revision, or after all of them."""

    revision: int
    k: int = WHOLE

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read what a client sends back as the last it has seen.

        Raises:
            UnprocessableContent: it is no id of an event.
        """
        found = _PLACE.fullmatch(text)
        if found is None or int(found[1]) > MAX_REVISION:
            raise UnprocessableContent(
                "since and Last-Event-ID are a revision, as 7, or an event's id, as 7.0."
            )
        return cls(int(found[1]), int(found[2]) if found[2] else WHOLE)

    def __str__(self) -> str:
        return str(self.revision) if self.k == WHOLE else f"{self.revision}.{self.k}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the store, ready to be sent."""

    place: Place
    name: str
    event: ServerSentEvent
    size: int


def entry_of(revision: Revision, k: int, *, last: bool) -> Entry:
    """Make the event of an entry of the history.

    Args:
        revision: the entry.
        k: its number within the revision.
        last: whether none follows it there.
    """
    place = Place(revision.revision, WHOLE if last else k)
    if revision.metadata is None or revision.created_at is None:
        kind, data = "delete", dump_json({"name": revision.name, "revision": revision.revision}).decode()
    else:
        made = (revision.metadata, revision.revision, revision.created_at, revision.at)
        kind, data = "put", config_json(Config(revision.name, revision.schema, *made))
    event = ServerSentEvent(event=kind, id=str(place), raw_data=data)
    return Entry(place, revision.name, event, len(data))


def reset_event(revision: int) -> ServerSentEvent:
    """Tell a client to read everything anew; the events go on after `revision`."""
    data = dump_json({"revision": revision}).decode()
    return ServerSentEvent(event="reset", id=str(revision), raw_data=data)


def progress_event(place: Place) -> ServerSentEvent:
    """Move a client's place on without an event, past what it does not watch."""
    return ServerSentEvent(id=str(place))
