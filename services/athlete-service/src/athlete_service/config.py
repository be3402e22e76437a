"""The athlete that the config-service knows."""

from contextlib import aclosing

import anyio
from pydantic import TypeAdapter, ValidationError

from athlete_service.athlete import Athlete
from athlete_service.settings import AthleteName, Settings
from chassis import get_logger
from config_client import AsyncConfigClient, Config, ConfigError

PAUSE_SECONDS = 5.0  # after the config-service refused
_NAME: TypeAdapter[str] = TypeAdapter(AthleteName)


async def follow_config(settings: Settings, athlete: Athlete) -> None:
    """Rename the athlete when its document changes, until cancelled; it stays while the service is away."""
    log = get_logger("config")
    async with AsyncConfigClient(str(settings.config_url), copies=settings.config_copies) as client:
        while True:
            try:
                async with aclosing(client.follow(settings.config_name)) as states:
                    async for config in states:
                        _rename(athlete, config, settings.athlete_name)
            except ConfigError as exc:
                log.warning("config_refused", status=exc.status)
            await anyio.sleep(PAUSE_SECONDS)


def _rename(athlete: Athlete, config: Config | None, default: str) -> None:
    log = get_logger("config")
    try:
        name = _NAME.validate_python(config.metadata.get("name"), strict=True) if config else default
    except ValidationError:
        log.warning("config_without_name", revision=config and config.revision)
        return
    athlete.rename(name)
    log.info("athlete_named", revision=config and config.revision, stale=bool(config and config.stale))
