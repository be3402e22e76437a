"""Runs the config-service."""

from chassis.fastapi import run
from config_service.app import create_app
from config_service.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    run(Settings, create_app)


if __name__ == "__main__":
    main()
