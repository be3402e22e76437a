"""Runs the shout-service."""

from chassis.fastapi import run
from shout_service.app import create_app
from shout_service.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    run(Settings, create_app)


if __name__ == "__main__":
    main()
