"""Runs the athlete-service."""

from athlete_service.app import create_app
from athlete_service.settings import Settings
from chassis.fastapi import run


def main() -> None:
    """Serve until SIGTERM."""
    run(Settings, create_app)


if __name__ == "__main__":
    main()
