"""Client of the config-service."""

from config_client.aio import AsyncConfigClient
from config_client.client import ConfigClient
from config_client.errors import (
    ConfigError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)
from config_client.models import Config, Event, Operation, Revision

__all__ = [
    "AsyncConfigClient",
    "Config",
    "ConfigClient",
    "ConfigError",
    "ConflictError",
    "Event",
    "InvalidError",
    "NotAllowedError",
    "NotFoundError",
    "Operation",
    "Revision",
    "UnavailableError",
]
