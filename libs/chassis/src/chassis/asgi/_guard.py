"""The edge of a service that asks who calls; the requests of others never come by here."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

from starlette.types import ASGIApp, Receive, Scope

from chassis._chassis import Chassis
from chassis._exchange import Exchange
from chassis._identity import IDENTITY, Caller
from chassis._incoming import Incoming
from chassis._problem import Problem
from chassis.asgi._edge import Edge, Routes, _Sender

if TYPE_CHECKING:
    from chassis.auth import Authenticator

OPEN_PATHS = frozenset({"/openapi.json", "/docs"})


class GuardedEdge(Edge):
    """An edge that lets nobody in without a valid token.

    Args:
        app: the application inside.
        chassis: of the service.
        routes: of the application inside.
        auth: tells who calls.
        open_routes: method and template of the routes that decide themselves whom they serve.
        options: of `Edge`.
    """

    def __init__(
        self,
        app: ASGIApp,
        chassis: Chassis,
        routes: Routes,
        *,
        auth: Authenticator,
        open_routes: Collection[tuple[str, str]],
        **options: Any,
    ) -> None:
        super().__init__(app, chassis, routes, **options)
        self._auth = auth
        self._open_routes = frozenset(open_routes)

    async def _serve(
        self, scope: Scope, receive: Receive, sender: _Sender, incoming: Incoming, exchange: Exchange
    ) -> None:
        if incoming.path not in OPEN_PATHS and scope["method"] != "OPTIONS":
            scope[IDENTITY] = await self._identify(scope["method"], incoming, exchange)
        await super()._serve(scope, receive, sender, incoming, exchange)

    async def _identify(self, method: str, incoming: Incoming, exchange: Exchange) -> Caller:
        try:
            identity = await self._auth.identify(incoming.headers.get("authorization"))
        except Problem as problem:
            if found := self._find(incoming.path):
                exchange.route = found[0]
            if (method, exchange.route) not in self._open_routes:
                raise
            return problem
        exchange.identify(identity.subject)
        return identity


def make_edge(
    app: ASGIApp,
    chassis: Chassis,
    routes: Routes,
    *,
    open_routes: Collection[tuple[str, str]],
    **options: Any,
) -> Edge:
    """The edge that a service needs: a guarded one when it has an issuer."""
    if chassis.auth is None:
        return Edge(app, chassis, routes, **options)
    return GuardedEdge(app, chassis, routes, auth=chassis.auth, open_routes=open_routes, **options)
