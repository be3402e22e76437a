"""Settings of the ip-service."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator

from chassis import RateLimit, ServiceSettings
from ip_service.geo import open_geo

_SCHEMES = ("redis", "rediss", "unix")


class Settings(ServiceSettings):
    """What can be set besides the chassis' own settings.

    Attributes:
        redis_url: where Redis or Valkey listens; `rediss://` for TLS.
        redis_password: when it asks for one.
        rate_limit: per client over all endpoints; None (`off`) for none.
        admin_token: bearer token that may erase addresses; None: nobody may.
        admin_scope: with it, a token of `auth_issuer` may too (RFC 6749 §3.3).
        retention_days: days after which an address that did not call again is removed; None: never.
        geo_database: files in MaxMind's format that know countries or networks.
    """

    redis_url: str = "redis://localhost:6379"
    redis_password: SecretStr | None = None
    rate_limit: RateLimit | None = RateLimit(20, 60)
    admin_token: SecretStr | None = None
    admin_scope: str = Field(default="ip:admin", pattern=r"^[!#-\[\]-~]+$")
    retention_days: float | None = Field(default=None, gt=0, le=36500, allow_inf_nan=False)
    geo_database: tuple[Path, ...] = ()

    @field_validator("redis_url")
    @classmethod
    def _check_url(cls, value: str) -> str:
        try:
            url = urlsplit(value)
            known = url.scheme in _SCHEMES and (url.port is None or url.port > 0)
        except ValueError:
            known = False
        if not known:
            raise ValueError("no URL such as redis://localhost:6379")
        return value

    @field_validator("rate_limit", mode="before")
    @classmethod
    def _parse_limit(cls, value: object) -> object:
        return RateLimit.parse(value) if isinstance(value, str) else value

    @field_validator("geo_database", mode="before")
    @classmethod
    def _split_paths(cls, value: object) -> object:
        return tuple(filter(None, map(str.strip, value.split(",")))) if isinstance(value, str) else value

    @field_validator("geo_database")
    @classmethod
    def _check_databases(cls, value: tuple[Path, ...]) -> tuple[Path, ...]:
        with open_geo(value):
            return value
