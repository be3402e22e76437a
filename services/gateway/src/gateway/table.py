"""The routing table: what `routes.yaml` may say."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from gateway.errors import GatewayError
from gateway.site import HOME

ROUTES = HOME / "routes.yaml"
RESERVED = frozenset({"/livez", "/readyz", "/jaeger"})
HIDDEN = ("/metrics",)
_UNITS = {"": 1, "KiB": 1024, "MiB": 1024**2}
_SIZE = re.compile(r"(\d{1,9}) ?(KiB|MiB|)")


def _parse_size(value: object) -> int:
    match = _SIZE.fullmatch(str(value))
    if not match or not int(match[1]):
        raise ValueError(f"{value!r} is not a size like 64KiB or 8MiB")
    return int(match[1]) * _UNITS[match[2]]


Label = Annotated[str, Field(pattern=r"^[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?$")]
Prefix = Annotated[str, Field(pattern=r"^/[a-z](?:[a-z0-9-]*[a-z0-9])?$")]
ServicePath = Annotated[str, Field(pattern=r"^(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+$")]
Reference = Annotated[str, Field(pattern=r"^/[A-Za-z0-9._~{}#?&=%/-]*$")]
Text = Annotated[str, Field(min_length=1, max_length=400)]
Size = Annotated[int, BeforeValidator(_parse_size)]


class _Entry(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Upstream(_Entry):
    """Where a service is reached when nothing else is said."""

    host: Annotated[str, Field(pattern=r"^[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?$")]
    port: Annotated[int, Field(ge=1, le=65535)]


class PathRule(_Entry):
    """What is different on one path of a service."""

    body_limit: Size | None = None
    read_timeout: Annotated[int, Field(ge=1, le=3600)] | None = None
    stream: bool = False
    hidden: bool = False


class Link(_Entry):
    """A link of the portal."""

    title: Text
    path: Reference


class ExampleField(_Entry):
    """One input of a form to try a service with."""

    name: Text
    label: Text
    type: Literal["text", "textarea", "number", "select"] = "text"
    value: str | int = ""
    options: tuple[str, ...] | None = None
    place: Literal["path", "query", "header", "body"] | None = Field(default=None, alias="in")

    @model_validator(mode="after")
    def _has_options(self) -> Self:
        if (self.type == "select") != (self.options is not None):
            raise ValueError("options belong to a select, and a select needs them")
        return self


class Example(_Entry):
    """A request to try a service with."""

    title: Text
    method: Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"] = "GET"
    path: Reference
    headers: dict[str, str] = {}
    body: str | None = None
    fields: tuple[ExampleField, ...] = ()


class Service(_Entry):
    """One service behind the gateway."""

    name: Label
    title: Text
    summary: Text
    hosts: Annotated[tuple[Label, ...], Field(min_length=1)]
    prefix: Prefix
    upstream: Upstream
    body_limit: Size = 64 * 1024
    paths: dict[ServicePath, PathRule] = {}
    home: Reference = "/"
    docs: Reference | None = "/docs"
    openapi: Reference | None = "/openapi.json"
    links: tuple[Link, ...] = ()
    examples: tuple[Example, ...] = ()

    @property
    def hidden(self) -> tuple[str, ...]:
        """Paths that nobody reaches through the gateway, with all that is below them."""
        return HIDDEN + tuple(path for path, rule in self.paths.items() if rule.hidden)

    @property
    def special(self) -> dict[str, PathRule]:
        """Paths with rules of their own."""
        return {path: rule for path, rule in self.paths.items() if not rule.hidden}


class Table(_Entry):
    """All services behind the gateway."""

    services: Annotated[tuple[Service, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _is_unambiguous(self) -> Self:
        seen: set[str] = set(RESERVED)
        for service in self.services:
            for key in _keys(service):
                if key in seen:
                    raise ValueError(f"service {service.name}: {key} is taken")
                seen.add(key)
        return self


def _keys(service: Service) -> Iterator[str]:
    yield f"name {service.name}"
    yield service.prefix
    for host in service.hosts:
        yield f"host {host}"


def load_table(path: Path = ROUTES) -> Table:
    """Read a routing table.

    Raises:
        GatewayError: it cannot be read or breaks the schema; the text names the place.
    """
    try:
        content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
        return Table.model_validate(content)
    except OSError as exc:
        raise GatewayError(f"{path}: {exc.strerror}") from exc
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise GatewayError(f"{path}: {_one_line(exc)}") from exc
    except ValidationError as exc:
        raise GatewayError(f"{path}: {_first_fault(exc)}") from exc


def _one_line(exc: Exception) -> str:
    return " ".join(str(exc).split())


def _first_fault(exc: ValidationError) -> str:
    fault = exc.errors(include_url=False)[0]
    place = ".".join(map(str, fault["loc"]))
    message = fault["msg"].removeprefix("Value error, ")
    return f"{place}: {message}" if place else message
