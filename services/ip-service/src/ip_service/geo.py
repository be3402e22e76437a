"""Where an address is from, by databases in MaxMind's format."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import maxminddb
from maxminddb import InvalidDatabaseError, Reader


class Origin(NamedTuple):
    """What the databases say of an address; None where they say nothing.

    Attributes:
        country: ISO 3166-1 alpha-2 code.
        asn: number of the autonomous system, the network that announces the address.
        organization: that runs it.
    """

    country: str | None
    asn: int | None
    organization: str | None


class Geo:
    """Looks addresses up in several databases, such as one of countries and one of networks.

    Args:
        readers: the first one that knows something counts.
    """

    def __init__(self, readers: Sequence[Reader]) -> None:
        self._readers = readers

    def __bool__(self) -> bool:
        return bool(self._readers)

    def find(self, address: str) -> Origin:
        """The origin of an address."""
        records = [_record(reader, address) for reader in self._readers]
        countries = (_part(record, "country", dict) or {} for record in records)
        return Origin(
            country=_first(_part(country, "iso_code", str) for country in countries),
            asn=_first(_part(record, "autonomous_system_number", int) for record in records),
            organization=_first(_part(record, "autonomous_system_organization", str) for record in records),
        )


@contextmanager
def open_geo(paths: Sequence[Path]) -> Iterator[Geo]:
    """Open the databases, mapped into memory.

    Raises:
        ValueError: when a file cannot be read, or is no such database.
    """
    with ExitStack() as stack:
        yield Geo([stack.enter_context(_open(path)) for path in paths])


def _open(path: Path) -> Reader:
    try:
        return maxminddb.open_database(path)
    except OSError as exc:
        raise ValueError(f"cannot read {path}: {exc.strerror}") from exc
    except (InvalidDatabaseError, ValueError) as exc:
        raise ValueError(f"{path} is no database in MaxMind's format") from exc


def _record(reader: Reader, address: str) -> dict[str, Any]:
    try:
        found = reader.get(address)
    except (InvalidDatabaseError, ValueError):  # damaged, or IPv6 in a database of IPv4
        return {}
    return found if isinstance(found, dict) else {}


def _part(record: dict[str, Any], name: str, kind: type) -> Any:
    value = record.get(name)
    return value if isinstance(value, kind) else None


def _first(values: Iterator[Any]) -> Any:
    return next((value for value in values if value is not None), None)
