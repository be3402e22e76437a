"""The ways in which SHOUTCLOUD's answer can be missing."""

from typing import ClassVar

from chassis import Problem


class NoAnswer(Problem):
    """There is no answer from SHOUTCLOUD; the fallback may stand in.

    Attributes:
        reason: value of the metric label.
    """

    reason: ClassVar[str]


class UpstreamFailed(NoAnswer):
    """SHOUTCLOUD was asked and did not answer properly."""

    status = 502
    reason = "bad_answer"


class TransientFailure(UpstreamFailed):
    """SHOUTCLOUD could not be reached or asks for another try; another try may help.

    Attributes:
        retry_after: seconds that it asks to wait.
    """

    reason = "unavailable"

    def __init__(self, detail: str, retry_after: float = 0) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


class DeadlineExceeded(NoAnswer):
    """SHOUTCLOUD did not answer in time."""

    status = 504
    reason = "deadline"


class BulkheadFull(NoAnswer):
    """Too many calls of SHOUTCLOUD are under way already."""

    status = 503
    reason = "bulkhead_full"
    default_headers: ClassVar = {"Retry-After": "1"}


class BreakerOpen(NoAnswer):
    """SHOUTCLOUD is left alone, since it failed too often or was too slow."""

    status = 503
    reason = "breaker_open"
