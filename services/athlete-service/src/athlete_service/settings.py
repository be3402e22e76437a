"""Settings of the athlete-service."""

from pathlib import Path
from typing import Annotated

from pydantic import HttpUrl, StringConstraints

from chassis import ServiceSettings

AthleteName = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class Settings(ServiceSettings):
    """What can be set besides the chassis' own settings.

    Attributes:
        athlete_name: the favourite athlete, 1 to 200 characters in any language.
        config_url: the config-service that knows better; None asks nobody.
        config_name: the document there; its `metadata.name` is the athlete.
        config_copies: folder that keeps the last known document over restarts; None keeps it in memory.
    """

    athlete_name: AthleteName = "Usain Bolt"
    config_url: HttpUrl | None = None
    config_name: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$")] = "athlete"
    config_copies: Path | None = None
