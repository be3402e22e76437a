"""The application: who called."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

from chassis.fastapi import App
from chassis.fastapi import create_app as create_chassis_app
from chassis.redis import create_client
from ip_service.events import Feed
from ip_service.geo import Geo, open_geo
from ip_service.retention import retain
from ip_service.routes import add_routes
from ip_service.settings import Settings
from ip_service.store import DEADLINE, Store
from ip_service.visit import announce_limit


class State(TypedDict):
    """What the requests share."""

    store: Store
    feed: Feed
    geo: Geo


def create_app(settings: Settings) -> App:
    """Make the application.

    Args:
        settings: where Redis is, the limit, and the chassis' settings.
    """

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[State]:
        client = create_client(
            app.chassis, settings.redis_url, password=settings.redis_password, timeout=DEADLINE
        )
        store = Store(client, app.chassis, settings.rate_limit)
        app.chassis.health.add("redis", store.ping)
        feed = Feed(store)
        with open_geo(settings.geo_database) as geo:
            async with client, retain(store, settings.retention_days), feed.running():
                yield {"store": store, "feed": feed, "geo": geo}

    app = create_chassis_app(
        settings,
        name="ip-service",
        description="The addresses that called.",
        lifespan=lifespan,
        render_error=announce_limit,
        open_routes=[("DELETE", "/v1/ips/{ip}")],  # the admin token is none of the issuer's
    )
    app.add_live_probe("/health-check", "OK")
    add_routes(app)
    return app
