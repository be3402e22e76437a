"""The application."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from chassis.fastapi import App
from chassis.fastapi import create_app as create_chassis_app
from chassis.http import create_transport
from shout_service.metrics import Metrics
from shout_service.page import MAX_FORM
from shout_service.routes import State, add_routes
from shout_service.service import Shouter
from shout_service.settings import Settings
from shout_service.shoutcloud import Shoutcloud

MAX_BODY: Final = 8 * 2**20


def create_app(settings: Settings) -> App:
    """Make the application; it calls SHOUTCLOUD first when a request needs it."""

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[State]:
        transport = create_transport(app.chassis, "shoutcloud", max_connections=settings.shout_concurrency)
        shouter = Shouter(settings, Shoutcloud(transport, str(settings.shoutcloud_url)), metrics)
        async with transport:
            yield {"shouter": shouter}
            await shouter.aclose()

    app = create_chassis_app(
        settings, name="shout-service", lifespan=lifespan, max_body=MAX_BODY, body_limits={"/": MAX_FORM}
    )
    metrics = Metrics(app.chassis.registry)
    add_routes(app)
    return app
