"""What the issuer publishes: where its keys are, and the keys."""

from __future__ import annotations

import http.client
from typing import Any
from urllib.request import (
    HTTPDefaultErrorHandler,
    HTTPErrorProcessor,
    HTTPHandler,
    HTTPSHandler,
    OpenerDirector,
    Request,
)

from opentelemetry.util.types import AttributeValue

from chassis._chassis import Chassis
from chassis._dependency import Call
from chassis._json import parse_json
from chassis._problem import BadRequest
from chassis._secure_url import is_secure
from chassis.auth._keys import Key, usable_keys

TIMEOUT_SECONDS = 2.0
MAX_BYTES = 256 * 1024


class IssuerError(Exception):
    """The issuer cannot be asked, or what it says is of no use."""


class Issuer:
    """An OpenID provider, asked for its keys.

    Redirects are not followed, and environment variables such as `HTTPS_PROXY` are not read.

    Args:
        chassis: of the service; each request to the issuer has a span and a measurement.
        url: that names the issuer.
    """

    def __init__(self, chassis: Chassis, url: str) -> None:
        self._chassis = chassis
        self._url = url
        self._opener = OpenerDirector()
        for handler in (HTTPHandler, HTTPSHandler, HTTPDefaultErrorHandler, HTTPErrorProcessor):
            self._opener.add_handler(handler())

    def read_keys(self) -> list[Key]:
        """Discover and read the keys that sign tokens (OpenID Connect Discovery 1.0 §4, RFC 7517 §5).

        Raises:
            IssuerError: when there are none to be had.
        """
        configuration = self._get(f"{self._url.rstrip('/')}/.well-known/openid-configuration")
        if configuration.get("issuer") != self._url:
            raise IssuerError("it calls itself something else than AUTH_ISSUER")
        url = configuration.get("jwks_uri")
        if not isinstance(url, str) or not is_secure(url):
            raise IssuerError("its jwks_uri is no https URL")
        keys = usable_keys(self._get(url))
        if not keys:
            raise IssuerError("it has no key for one of the algorithms")
        return keys

    def _get(self, url: str) -> dict[str, Any]:
        request = Request(url, headers={"Accept": "application/json"})  # noqa: S310 - is_secure saw the URL
        attributes: dict[str, AttributeValue] = {
            "http.request.method": "GET",
            "server.address": request.host,
            "url.full": url.partition("?")[0],
        }
        with Call(self._chassis, "issuer", "GET", attributes):
            try:
                with self._opener.open(request, timeout=TIMEOUT_SECONDS) as response:
                    body: bytes = response.read(MAX_BYTES + 1)
            except (OSError, http.client.HTTPException, ValueError) as exc:
                raise IssuerError(f"{type(exc).__name__}: {exc}") from exc
            return _object(body)


def _object(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BYTES:
        raise IssuerError("its answer is too long")
    try:
        value = parse_json(body)
    except BadRequest as exc:
        raise IssuerError("its answer is no JSON") from exc
    if not isinstance(value, dict):
        raise IssuerError("its answer is no JSON object")
    return value
