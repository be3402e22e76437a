"""What `/v1` takes and gives."""

from __future__ import annotations

import datetime as dt
import re
from ipaddress import IPv4Network, IPv6Network, ip_address
from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, BeforeValidator, Field

from ip_service.geo import Geo
from ip_service.listing import CURSOR
from ip_service.store import Row, instant

_RFC_3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII)


def _check_instant(value: object) -> object:
    if isinstance(value, str) and not _RFC_3339.fullmatch(value):
        raise ValueError("no time such as 2026-01-31T12:00:00Z")
    return value


Network = IPv4Network | IPv6Network
Instant = Annotated[AwareDatetime, BeforeValidator(_check_instant)]


class PageQuery(BaseModel):
    """Which addresses are asked for."""

    limit: Annotated[int, Field(ge=1, le=1000, description="Addresses in the answer at most.")] = 100
    cursor: Annotated[str | None, Field(pattern=f"^{CURSOR}$", description="`next` of the page before.")] = (
        None
    )
    cidr: Annotated[
        Network | None, Field(description="Only addresses of this network.", examples=["203.0.113.0/24"])
    ] = None
    version: Annotated[Literal["4", "6"] | None, Field(description="Only addresses of this version.")] = None
    since: Annotated[Instant | None, Field(description="Only those that called since then (RFC 3339).")] = (
        None
    )


class Origin(BaseModel):
    """Where an address is from, as far as the configured databases know."""

    country: Annotated[str | None, Field(description="ISO 3166-1 alpha-2 code.")]
    asn: Annotated[int | None, Field(description="Number of its autonomous system.")]
    organization: Annotated[str | None, Field(description="That runs the autonomous system.")]


class Address(BaseModel):
    """An address that called."""

    ip: Annotated[str, Field(examples=["203.0.113.7"])]
    version: Annotated[int, Field(examples=[4])]
    first_seen: Annotated[dt.datetime | None, Field(description="Null for one that never called.")]
    last_seen: Annotated[dt.datetime | None, Field(description="Null for one that never called.")]
    requests: Annotated[int, Field(description="Calls that were recorded.", examples=[42])]
    origin: Annotated[
        Origin | None,
        Field(exclude_if=lambda origin: origin is None, description="Absent without databases."),
    ] = None

    @classmethod
    def of(cls, row: Row, geo: Geo) -> Self:
        """What the store and the databases know of it."""
        return cls(
            ip=row.address,
            version=ip_address(row.address).version,
            first_seen=instant(row.first_seen),
            last_seen=instant(row.last_seen),
            requests=row.requests,
            origin=_origin(row.address, geo),
        )

    @classmethod
    def unknown(cls, ip: str, geo: Geo) -> Self:
        """An address that never called."""
        return cls(
            ip=ip,
            version=ip_address(ip).version,
            first_seen=None,
            last_seen=None,
            requests=0,
            origin=_origin(ip, geo),
        )


class AddressPage(BaseModel):
    """Addresses, the last caller first."""

    items: list[Address]
    next: Annotated[
        str | None,
        Field(description="`cursor` of the next page; null after the last.", examples=["1795274236033287"]),
    ]


class Day(BaseModel):
    """One day (UTC)."""

    date: dt.date
    requests: int
    unique: int


class Stats(BaseModel):
    """How many addresses called."""

    unique: int
    ipv4: int
    ipv6: int
    daily: list[Day]


def _origin(ip: str, geo: Geo) -> Origin | None:
    return Origin.model_validate(geo.find(ip)._asdict()) if geo else None
