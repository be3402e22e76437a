"""What every Quintet service does the same way, free of any web framework."""

from chassis._chassis import Chassis
from chassis._client_address import ClientAddress
from chassis._conditional import etag_of, match, none_match
from chassis._context import current_request_id
from chassis._dependency import Call
from chassis._docs import render_docs
from chassis._health import Health
from chassis._html import HTMLPage, html_page
from chassis._identity import Identity
from chassis._json import dump_json, parse_json
from chassis._logging import get_logger
from chassis._media_type import MediaType, parse_media_type
from chassis._negotiation import best_match
from chassis._problem import (
    BadGateway,
    BadRequest,
    Conflict,
    ContentTooLarge,
    FieldError,
    Forbidden,
    GatewayTimeout,
    NotFound,
    PreconditionFailed,
    Problem,
    QuotaExceeded,
    ServiceUnavailable,
    StoreUnavailable,
    Unauthorized,
    UnprocessableContent,
    UnsupportedMediaType,
)
from chassis._rate_limit import RateLimit, client_key
from chassis._settings import ServiceSettings, load_settings
from chassis._tracing import Tracing, extract, inject

__all__ = [
    "BadGateway",
    "BadRequest",
    "Call",
    "Chassis",
    "ClientAddress",
    "Conflict",
    "ContentTooLarge",
    "FieldError",
    "Forbidden",
    "GatewayTimeout",
    "HTMLPage",
    "Health",
    "Identity",
    "MediaType",
    "NotFound",
    "PreconditionFailed",
    "Problem",
    "QuotaExceeded",
    "RateLimit",
    "ServiceSettings",
    "ServiceUnavailable",
    "StoreUnavailable",
    "Tracing",
    "Unauthorized",
    "UnprocessableContent",
    "UnsupportedMediaType",
    "best_match",
    "client_key",
    "current_request_id",
    "dump_json",
    "etag_of",
    "extract",
    "get_logger",
    "html_page",
    "inject",
    "load_settings",
    "match",
    "none_match",
    "parse_json",
    "parse_media_type",
    "render_docs",
]
