"""Settings of the athlete-service."""

from typing import Annotated

from pydantic import StringConstraints

from chassis import ServiceSettings


class Settings(ServiceSettings):
    """What can be set besides the chassis' own settings.

    Attributes:
        athlete_name: the favourite athlete, 1 to 200 characters in any language.
    """

    athlete_name: Annotated[str, StringConstraints(min_length=1, max_length=200)] = "Usain Bolt"
