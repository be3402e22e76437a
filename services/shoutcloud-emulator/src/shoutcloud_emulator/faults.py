"""Faults on demand: which calls are to fail, and how."""

from dataclasses import dataclass, field
from random import Random
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Kind = Literal[
    "none",
    "status",
    "redirect",
    "garbage",
    "wrong_type",
    "wrong_input",
    "wrong_output",
    "missing_output",
    "oversize",
    "reset",
]


class Fault(BaseModel):
    """What happens to the calls it hits.

    Attributes:
        kind: the wrong answer; `none` for a right one.
        status: HTTP status of the kind `status`.
        retry_after: value of `Retry-After` that goes with `status`.
        latency: seconds before the answer, whatever its kind.
        slow_percentage: share of all calls that `latency` holds for, hit or not; None: those that are.
        percentage: share of the calls that are hit.
        times: number of calls to hit; None for no end.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    kind: Kind = "none"
    status: int = Field(default=503, ge=200, le=599)
    retry_after: str | None = Field(default=None, pattern=r"^[\x20-\x7e]{1,64}$")
    latency: float = Field(default=0, ge=0, le=600)
    slow_percentage: float | None = Field(default=None, ge=0, le=100)
    percentage: float = Field(default=100, ge=0, le=100)
    times: int | None = Field(default=None, ge=0)


NO_FAULT = Fault()


@dataclass
class FaultPlan:
    """The fault in force and the calls seen.

    Attributes:
        fault: the fault in force.
        calls: calls of the API since the fault was set.
        hits: how many of them the fault hit.
        random: decides which calls a percentage hits.
    """

    fault: Fault = NO_FAULT
    calls: int = 0
    hits: int = 0
    random: Random = field(default_factory=Random)

    def next(self) -> Fault:
        """Count one call and return what is to happen to it."""
        self.calls += 1
        fault = self.fault
        is_spent = fault.times is not None and self.hits >= fault.times
        is_hit = not is_spent and self._draw(fault.percentage)
        self.hits += is_hit and fault is not NO_FAULT
        is_slow = is_hit if fault.slow_percentage is None else self._draw(fault.slow_percentage)
        return (fault if is_hit else NO_FAULT).model_copy(update={"latency": fault.latency * is_slow})

    def _draw(self, percentage: float) -> bool:
        return self.random.random() * 100 < percentage

    def replace(self, fault: Fault) -> None:
        """Put a fault in force and count from nothing."""
        self.fault, self.calls, self.hits = fault, 0, 0

    def describe(self) -> dict[str, Any]:
        """Return the state as the admin path shows it."""
        return {"fault": self.fault.model_dump(), "calls": self.calls, "hits": self.hits}
