"""Settings: the environment, read once, checked at the door."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from importlib.util import find_spec
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    HttpUrl,
    SecretStr,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic.fields import FieldInfo

from chassis._secure_url import is_secure

Network = IPv4Network | IPv6Network
Sampler = Literal[
    "always_on",
    "always_off",
    "traceidratio",
    "parentbased_always_on",
    "parentbased_always_off",
    "parentbased_traceidratio",
]
Compression = Literal["none", "gzip", "deflate"]
Port = Annotated[int, Field(ge=0, le=65535)]

_LOOPBACK: tuple[Network, ...] = (IPv4Network("127.0.0.0/8"), IPv6Network("::1/128"))


class ServiceSettings(BaseModel):
    """What every service can be told; a service adds its own fields in a subclass.

    `load_settings` sets a field by the environment variable of the same name in upper case. A
    `SecretStr` field `x` may be given as a file too, named by `X_FILE`.

    Attributes:
        serve_port: TCP port to listen on; 0 takes a free one. Required.
        serve_host: address to listen on.
        root_path: public path prefix such as `/ip`, without a slash at its end.
        root_path_optional: whether links carry it only where the request came with it.
        trusted_proxies: networks whose forwarding headers are believed.
        forwarded_header: the one header that is believed.
        log_level: least level that is written.
        log_format: `json` for machines, `console` for a person.
        metrics_port: port of its own for `/metrics`; None serves it on `serve_port`.
        drain_seconds: time in seconds between SIGTERM and the listener closing.
        web_concurrency: worker processes.
        auth_issuer: OpenID provider whose bearer tokens callers must bring; None asks nobody.
        auth_audience: of which a token must name one.

    The `otel_*` fields have the names, meanings and defaults of the OpenTelemetry specification;
    other `OTEL_*` variables (headers, certificates, resource attributes) are read by its SDK.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, hide_input_in_errors=True)

    serve_port: Port
    serve_host: str = "0.0.0.0"  # noqa: S104 - a container listens on all its interfaces
    root_path: str = Field(default="", pattern=r"^(/[A-Za-z0-9._~-]+)*$")
    root_path_optional: bool = False
    trusted_proxies: tuple[Network, ...] = _LOOPBACK
    forwarded_header: Literal["x-forwarded-for", "forwarded"] = "x-forwarded-for"
    log_level: Literal["debug", "info", "warning", "error", "critical"] = "info"
    log_format: Literal["json", "console"] = "json"
    metrics_port: Port | None = None
    drain_seconds: float = Field(default=5, ge=0, le=3600, allow_inf_nan=False)
    web_concurrency: int = Field(default=1, ge=1, le=64)
    auth_issuer: str | None = None
    auth_audience: tuple[str, ...] = Field(default=(), validate_default=True)

    otel_sdk_disabled: bool = False
    otel_service_name: str | None = None
    otel_traces_exporter: Literal["otlp", "console", "none"] = "otlp"
    otel_traces_sampler: Sampler = "parentbased_always_on"
    otel_traces_sampler_arg: float | None = Field(default=None, ge=0, le=1)
    otel_exporter_otlp_endpoint: HttpUrl | None = None
    otel_exporter_otlp_traces_endpoint: HttpUrl | None = None
    otel_exporter_otlp_protocol: Literal["http/protobuf"] = "http/protobuf"
    otel_exporter_otlp_traces_protocol: Literal["http/protobuf"] = "http/protobuf"
    otel_exporter_otlp_timeout: float = Field(default=10_000, gt=0, allow_inf_nan=False)
    otel_exporter_otlp_traces_timeout: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    otel_exporter_otlp_compression: Compression = "none"
    otel_exporter_otlp_traces_compression: Compression | None = None
    otel_bsp_schedule_delay: float = Field(default=5000, gt=0)
    otel_bsp_max_queue_size: int = Field(default=2048, gt=0)
    otel_bsp_max_export_batch_size: int = Field(default=512, gt=0)

    @property
    def otlp_traces_url(self) -> str | None:
        """Where spans are posted (OTLP exporter specification, "Endpoint URLs for OTLP/HTTP")."""
        if self.otel_exporter_otlp_traces_endpoint:
            return str(self.otel_exporter_otlp_traces_endpoint)
        if self.otel_exporter_otlp_endpoint:
            return f"{str(self.otel_exporter_otlp_endpoint).rstrip('/')}/v1/traces"
        return None

    @field_validator("auth_issuer")
    @classmethod
    def _check_issuer(cls, value: str | None) -> str | None:
        if value is None:
            return None
        if not is_secure(value) or "?" in value or "#" in value:
            raise ValueError("no https URL such as https://login.example.com/realms/main")
        if find_spec("jwt") is None or find_spec("Crypto") is None:
            raise ValueError("this service cannot check tokens; it is installed without chassis[auth]")
        return value

    @field_validator("auth_audience", mode="before")
    @classmethod
    def _split_audiences(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("auth_audience")
    @classmethod
    def _check_audience(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if info.data.get("auth_issuer") and not value:
            raise ValueError("must be set, since AUTH_ISSUER is")
        if info.data.get("auth_issuer", "wrong") is None and value:
            raise ValueError("is of no use without AUTH_ISSUER")
        return value

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _split_networks(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        return tuple(_network(entry.strip()) for entry in value.split(",") if entry.strip())

    @field_validator("root_path", mode="before")
    @classmethod
    def _strip_slash(cls, value: object) -> object:
        return value.rstrip("/") if isinstance(value, str) else value

    @field_validator("log_level", "log_format", "forwarded_header", mode="before")
    @classmethod
    def _lower(cls, value: object) -> object:
        return value.lower() if isinstance(value, str) else value


S = TypeVar("S", bound=ServiceSettings)


def load_settings(cls: type[S]) -> S:
    """Read the environment, or end the process.

    Args:
        cls: the service's settings class.

    Returns:
        The settings, frozen.

    Raises:
        SystemExit: code 1, after one line for each wrong variable on stderr.
    """
    try:
        return cls(**_read_environment(cls))
    except ValidationError as exc:
        _fail(_line(error) for error in exc.errors())


def _read_environment(cls: type[ServiceSettings]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, field in cls.model_fields.items():
        if value := _variable(name.upper()):
            values[name] = value
        elif _is_secret(field) and (path := _variable(file := f"{name.upper()}_FILE")):
            values[name] = _read_secret(file, Path(path))
    return values


def _variable(name: str) -> str | None:
    return os.environ.get(name)  # noqa: TID251 - what settings are read from


def _read_secret(variable: str, path: Path) -> str:
    """Read what Docker and Kubernetes mount."""
    try:
        return path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeError) as exc:
        reason = exc.strerror if isinstance(exc, OSError) else "not UTF-8 text"
        _fail([f"{variable}: cannot read the file: {reason}"])


def _fail(lines: Iterable[str]) -> NoReturn:
    for line in lines:
        print(line, file=sys.stderr)  # noqa: T201 - before logging is configured
    raise SystemExit(1)


def _line(error: Any) -> str:
    variable = str(error["loc"][0]).upper() if error["loc"] else "settings"
    if error["type"] == "missing":
        return f"{variable} must be set"
    return f"{variable}: {error['msg'].removeprefix('Value error, ')}"


def _network(entry: str) -> Network:
    try:
        return ip_network(entry, strict=False)
    except ValueError as exc:
        raise ValueError(f"{entry!r} is no network such as 10.0.0.0/8") from exc


def _is_secret(field: FieldInfo) -> bool:
    annotation = field.annotation
    return annotation is SecretStr or SecretStr in getattr(annotation, "__args__", ())
