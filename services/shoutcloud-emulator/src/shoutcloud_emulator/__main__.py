"""Serves the emulator: `python -m shoutcloud_emulator`."""

from types import FrameType

import uvicorn

from shoutcloud_emulator.app import create_app
from shoutcloud_emulator.protocol import ResettableProtocol
from shoutcloud_emulator.settings import load_settings


class Server(uvicorn.Server):
    """uvicorn, that ends with exit code 0 when it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop serving."""
        self.should_exit = True


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = load_settings()
    config = uvicorn.Config(
        create_app(),
        host=settings.serve_host,
        port=settings.serve_port,
        http=ResettableProtocol,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    Server(config).run()


if __name__ == "__main__":
    main()
