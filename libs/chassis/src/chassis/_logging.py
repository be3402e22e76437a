"""Logging: one JSON object a line on stdout, or readable lines for a person."""

from __future__ import annotations

import json
import logging
import os
import time
from collections.abc import Mapping
from typing import Any

import orjson
import structlog
from opentelemetry import trace
from structlog.typing import EventDict, WrappedLogger

from chassis._context import current_request_id
from chassis._sink import Sink

sink = Sink()
os.register_at_fork(after_in_child=sink.forget_writer)
_identity: dict[str, str] = {}


def configure_logging(*, service: str, version: str, level: str, log_format: str) -> None:
    """Set up structlog and the standard library's logging for this process.

    Args:
        service: name in every line.
        version: version in every line.
        level: least level written, in lower case.
        log_format: `json` or `console`.
    """
    _identity.update(service=service, version=version)
    threshold = logging.getLevelNamesMapping()[level.upper()]
    console: list[Any] = [_printable, structlog.dev.ConsoleRenderer()]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            _arrange,
            *([_render_json] if log_format == "json" else console),
        ],
        logger_factory=_LineLogger,
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        cache_logger_on_first_use=False,
    )
    root = logging.getLogger()
    root.handlers = [RecordHandler()]
    root.setLevel(threshold if threshold < logging.INFO else max(threshold, logging.WARNING))
    logging.getLogger("opentelemetry.baggage.propagation").setLevel(logging.ERROR)  # it quotes the client


def get_logger(name: str) -> Any:
    """A structlog logger: the event is a constant, data goes into fields."""
    return structlog.get_logger(name)


def timestamp(seconds: float) -> str:
    """RFC 3339 in UTC with milliseconds, from seconds since the epoch."""
    whole = int(seconds)
    return f"{_second(whole)}.{int((seconds - whole) * 1000):03d}Z"


def write_json(fields: Mapping[str, Any]) -> None:
    """Write one finished object as a line."""
    sink.write(_to_json(fields) + b"\n")


def _to_json(fields: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(fields, default=_text)
    except TypeError:  # a lone surrogate, an integer beyond 64 bit, a circle, a key that is no text
        plain = {
            key: value if isinstance(value, str | int) else _text(value) for key, value in fields.items()
        }
        return json.dumps(plain, ensure_ascii=False).encode("utf-8", "replace")


def _text(value: object) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a log call must not fail for what it was given
        return f"<{type(value).__name__}>"


_last_second = (0, "")


def _second(whole: int) -> str:
    global _last_second
    last, text = _last_second
    if last != whole:
        text = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(whole))
        _last_second = (whole, text)
    return text


class _LineLogger:
    """The end of structlog's chain."""

    def __init__(self, name: str = "root") -> None:
        self.name = name

    def msg(self, line: str) -> None:
        sink.write(line.encode("utf-8", "backslashreplace") + b"\n")

    debug = info = msg

    def _urgent(self, line: str) -> None:
        self.msg(line)
        sink.flush()

    warning = error = critical = exception = _urgent


def _arrange(logger: WrappedLogger, method: str, event: EventDict) -> EventDict:
    span = trace.get_current_span().get_span_context()
    head: EventDict = {
        "timestamp": timestamp(time.time()),
        "level": "error" if method == "exception" else method,
        "logger": logger.name,
        "event": event.pop("event", None),
        **_identity,
    }
    if request_id := current_request_id():
        head["request_id"] = request_id
    if span.is_valid:
        head["trace_id"] = f"{span.trace_id:032x}"
        head["span_id"] = f"{span.span_id:016x}"
    return {**head, **event}


def _render_json(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    return _to_json(event).decode()


def _printable(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    return {
        key: value.encode("unicode_escape").decode()
        if isinstance(value, str) and key != "exception" and not value.isprintable()
        else value
        for key, value in event.items()
    }


class RecordHandler(logging.Handler):
    """Brings the standard library's records into the same chain."""

    def emit(self, record: logging.LogRecord) -> None:
        """Log one record."""
        log = get_logger(record.name)
        method = getattr(log, record.levelname.lower(), log.info)
        method(_message(record), **({"exc_info": record.exc_info} if record.exc_info else {}))


def _message(record: logging.LogRecord) -> str:
    try:
        return record.getMessage()
    except (TypeError, ValueError):  # the arguments do not fit the format
        return str(record.msg)
