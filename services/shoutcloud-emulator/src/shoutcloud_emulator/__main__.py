"""Serves the emulator: `python -m shoutcloud_emulator`."""

import uvicorn

from shoutcloud_emulator.app import create_app
from shoutcloud_emulator.protocol import ResettableProtocol
from shoutcloud_emulator.settings import load_settings


def main() -> None:
    """Serve until SIGTERM."""
    settings = load_settings()
    uvicorn.run(
        create_app(),
        host=settings.serve_host,
        port=settings.serve_port,
        http=ResettableProtocol,
        access_log=False,
        server_header=False,
        log_level="warning",
    )


if __name__ == "__main__":
    main()
