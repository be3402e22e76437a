"""Runs the ip-service."""

from chassis.fastapi import run
from ip_service.app import create_app
from ip_service.settings import Settings


def main() -> None:
    """Serve until SIGTERM."""
    run(Settings, create_app)


if __name__ == "__main__":
    main()
