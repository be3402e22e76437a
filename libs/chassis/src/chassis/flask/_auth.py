"""Who calls a Flask service, and what a view asks of its caller."""

from __future__ import annotations

from collections.abc import Callable, Collection
from functools import wraps
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import flask

from chassis._chassis import Chassis
from chassis._identity import IDENTITY, Caller, Identity, grant
from chassis._problem import Problem
from chassis.flask._edge import EXCHANGE

if TYPE_CHECKING:
    from chassis.auth import Authenticator

P = ParamSpec("P")
R = TypeVar("R")


class Guard:
    """Lets nobody in without a valid token; runs before each request, after its route is known.

    Args:
        auth: tells who calls.
        open_routes: method and template of the routes that decide themselves whom they serve.
    """

    def __init__(self, auth: Authenticator, open_routes: Collection[tuple[str, str]]) -> None:
        self._auth = auth
        self._open_routes = frozenset(open_routes)

    def __call__(self) -> None:
        """Look at one request.

        Raises:
            Problem: when it has no valid token and its route is not open.
        """
        rule = flask.request.url_rule
        if flask.request.method == "OPTIONS" and getattr(rule, "provide_automatic_options", False):
            return
        flask.request.environ[IDENTITY] = self._identify()

    def _identify(self) -> Caller:
        request = flask.request
        exchange = request.environ[EXCHANGE]
        try:
            identity = self._auth.identify_blocking(request.headers.get("Authorization"))
        except Problem as problem:
            method = "GET" if request.method == "HEAD" else request.method
            if (method, exchange.route) not in self._open_routes:
                raise
            return problem
        exchange.identify(identity.subject)
        return identity


def identity_of(request: flask.Request) -> Identity | None:
    """Who calls; None when this service asks nobody."""
    caller = request.environ.get(IDENTITY)
    return caller if isinstance(caller, Identity) else None


def require_scope(scope: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """A decorator that lets only callers with a scope see a view.

    A service without `AUTH_ISSUER` asks nobody, and everybody passes.

    Args:
        scope: that the token must have (RFC 6749 §3.3).
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def check(*args: P.args, **kwargs: P.kwargs) -> R:
            chassis: Chassis = flask.current_app.chassis  # type: ignore[attr-defined]
            grant(flask.request.environ.get(IDENTITY), scope, chassis.name)
            return view(*args, **kwargs)

        return check

    return decorate
