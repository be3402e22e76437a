"""The chassis for FastAPI services."""

from chassis.asgi import serve as run
from chassis.fastapi._app import App, create_app
from chassis.fastapi._auth import identity_of, require_scope
from chassis.fastapi._events import EventStream
from chassis.fastapi._routing import Router, check_media_type
from chassis.openapi import problem_responses

__all__ = [
    "App",
    "EventStream",
    "Router",
    "check_media_type",
    "create_app",
    "identity_of",
    "problem_responses",
    "require_scope",
    "run",
]
