"""The parts that one service gets from the chassis, in one object."""

from __future__ import annotations

import gc
from importlib.metadata import version as distribution_version
from typing import TYPE_CHECKING

from opentelemetry.sdk.trace.export import SpanExporter
from prometheus_client import CollectorRegistry

from chassis._client_address import ClientAddress
from chassis._health import Health
from chassis._logging import configure_logging, sink
from chassis._metrics import Metrics
from chassis._settings import ServiceSettings
from chassis._tracing import Tracing

if TYPE_CHECKING:
    from chassis.auth import Authenticator


class Chassis:
    """What a running service shares among its requests.

    Args:
        settings: the service's settings.
        name: distribution name, `ip-service`; its version is looked up.
        exporter: span exporter instead of the configured one; for tests.

    Attributes:
        registry: the Prometheus registry; a service adds its own metrics here.
        health: the readiness checks, and whether the service drains.
        auth: says who calls; None when the service asks nobody.
    """

    def __init__(self, settings: ServiceSettings, *, name: str, exporter: SpanExporter | None = None) -> None:
        self.settings = settings
        self.name = name
        self.version = distribution_version(name)
        self.registry = CollectorRegistry()
        self.metrics = Metrics(self.registry, service=name, version=self.version)
        self.tracing = Tracing(
            settings, service=name, version=self.version, registry=self.registry, exporter=exporter
        )
        self.health = Health()
        self.client_address = ClientAddress(settings.trusted_proxies, settings.forwarded_header)
        configure_logging(
            service=name, version=self.version, level=settings.log_level, log_format=settings.log_format
        )
        self.auth = self._make_authenticator()

    def _make_authenticator(self) -> Authenticator | None:
        issuer = self.settings.auth_issuer
        if issuer is None:
            return None
        from chassis.auth import Authenticator  # noqa: PLC0415 - 7 MB that a service without issuer saves

        return Authenticator(self, issuer, self.settings.auth_audience)

    @staticmethod
    def started() -> None:
        """Spare what is there now from garbage collections; each full one would look at it for 50 ms."""
        gc.freeze()

    def close(self) -> None:
        """Export the last spans and write the last log lines."""
        self.tracing.shutdown()
        sink.flush()
