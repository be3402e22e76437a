"""What comes in and goes out as JSON."""

import string
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NAME_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$"
NAME_CHARACTERS = frozenset(string.ascii_letters + string.digits + "._-")
MAX_REVISION = 2**53 - 1  # the largest number that every reader of JSON keeps (RFC 8259 §6)
Name = Annotated[str, Field(pattern=NAME_PATTERN)]


class _Strict(BaseModel):
    """Refuses unknown members and converts nothing."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class Cpu(_Strict):
    """The processor limit of a datacenter."""

    enabled: bool = Field(default=False)
    value: str = Field(default="", examples=["500m"])


class Limits(_Strict):
    """The limits of a datacenter."""

    cpu: Cpu = Field(default_factory=Cpu)


class Monitoring(_Strict):
    """The monitoring of a datacenter."""

    enabled: bool = Field(default=False)


class DatacenterMetadata(_Strict):
    """What is configured for a datacenter; every member may be absent."""

    limits: Limits = Field(default_factory=Limits)
    monitoring: Monitoring = Field(default_factory=Monitoring)


class Datacenter(_Strict):
    """A datacenter document."""

    dcname: Name = Field(examples=["datacenter-1"])
    metadata: DatacenterMetadata
