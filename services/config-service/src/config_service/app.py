"""The application: datacenter documents over a store with history."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypedDict

import anyio
import anyio.to_thread

from chassis.fastapi import App
from chassis.fastapi import create_app as create_chassis_app
from chassis.sql import check_migration, create_engine
from config_service import (
    history_routes,
    pages,
    routes,
    schema_pages,
    schema_routes,
    transaction_routes,
    transfer_routes,
    v1_routes,
    watch_routes,
)
from config_service.counters import RequestCounters
from config_service.gate import Gate
from config_service.settings import Settings
from config_service.store import Store
from config_service.tables import MIGRATION
from config_service.tokens import Access
from config_service.unchanged import Revisions
from config_service.watch import Hub

# Metadata of 1 MiB, and room for the blanks and escapes that its compact form has not.
MAX_BODY = 2 * 1024 * 1024
BODY_LIMITS = dict.fromkeys(("/v1/transactions", "/v1/import"), 10 * 1024 * 1024)


class State(TypedDict):
    """What the requests share."""

    store: Store
    gate: Gate
    revisions: Revisions
    hub: Hub
    access: Access


def create_app(settings: Settings) -> App:
    """Make the application.

    Args:
        settings: where the documents are.
    """

    @asynccontextmanager
    async def lifespan(app: App) -> AsyncIterator[State]:
        # Half of the time a request may wait for a thread, the other half for the database.
        threads, timeout = settings.database_threads, settings.database_timeout / 2
        anyio.to_thread.current_default_thread_limiter().total_tokens = threads + 1
        # Beside the requests, one asks for revisions, and one whether the service is ready.
        engine = create_engine(app.chassis, settings.store_url, pool_size=threads + 2, timeout=timeout)
        store = Store(engine)
        app.chassis.health.add("database", lambda: check_migration(engine, MIGRATION))
        access = Access(settings.tokens, read_auth=settings.config_read_auth)
        gate = Gate(threads, timeout)
        hub = Hub(store, gate)
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(hub.run)
            yield {
                "store": store,
                "gate": gate,
                "revisions": Revisions(store, timeout),
                "hub": hub,
                "access": access,
            }
            tasks.cancel_scope.cancel()
        engine.dispose()

    app = create_chassis_app(
        settings, name="config-service", lifespan=lifespan, max_body=MAX_BODY, body_limits=BODY_LIMITS
    )
    for module in (
        v1_routes,  # first, since routes are tried in their order
        history_routes,
        schema_routes,
        transaction_routes,
        transfer_routes,
        watch_routes,
        routes,
        pages,
        schema_pages,
    ):
        app.include_router(module.router)
    app.chassis.registry.register(RequestCounters(app.chassis.registry))
    return app
