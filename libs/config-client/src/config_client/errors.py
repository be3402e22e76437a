"""What can go wrong."""

from typing import Any

import httpx


class ConfigError(Exception):
    """The service refused.

    Attributes:
        status: of its answer; None without one.
        errors: faults of what was sent, each with `pointer` and `detail`.
    """

    def __init__(
        self, detail: str, status: int | None = None, errors: list[dict[str, Any]] | None = None
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.errors = errors or []


class NotFoundError(ConfigError):
    """There is nothing of that name."""


class ConflictError(ConfigError):
    """Someone else was quicker, or what was sent does not fit the store."""


class InvalidError(ConfigError):
    """What was sent breaks a rule."""


class NotAllowedError(ConfigError):
    """The token is missing, unknown, or for something else."""


class UnavailableError(ConfigError):
    """The service or its store is away."""


_CLASSES: dict[int, type[ConfigError]] = {
    400: InvalidError,
    401: NotAllowedError,
    403: NotAllowedError,
    404: NotFoundError,
    409: ConflictError,
    412: ConflictError,
    413: InvalidError,
    415: InvalidError,
    422: InvalidError,
}


def no_answer(error: httpx.TransportError) -> UnavailableError:
    """Return the error that a broken connection means."""
    return UnavailableError(f"The service does not answer: {type(error).__name__}.")


def error_of(response: httpx.Response) -> ConfigError:
    """Return the error that a response means; it must have been read."""
    try:
        problem = response.json()
    except ValueError:
        problem = {}
    if not isinstance(problem, dict):
        problem = {}
    status = response.status_code
    kind = UnavailableError if status == 429 or status >= 500 else _CLASSES.get(status, ConfigError)
    detail = problem.get("detail") or problem.get("title") or f"The service answered {status}."
    return kind(detail, status, problem.get("errors"))
