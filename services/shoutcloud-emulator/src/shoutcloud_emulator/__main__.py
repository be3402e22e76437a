"""Serves the emulator: `python -m shoutcloud_emulator`."""

import gc
import socket
from types import FrameType

import uvicorn
from prometheus_client import CollectorRegistry

from chassis import ServiceSettings, Tracing, load_settings
from shoutcloud_emulator.app import create_app
from shoutcloud_emulator.protocol import ResettableProtocol

API_VERSION = "V1"


class Server(uvicorn.Server):
    """uvicorn, that ends with exit code 0 when it is told to stop."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to serve; garbage collections spare what is there now, as they show as slow answers."""
        await super().startup(sockets)
        gc.freeze()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop serving."""
        self.should_exit = True


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    settings = load_settings(ServiceSettings)
    tracing = Tracing(
        settings, service="shoutcloud-emulator", version=API_VERSION, registry=CollectorRegistry()
    )
    config = uvicorn.Config(
        create_app(tracing),
        host=settings.serve_host,
        port=settings.serve_port,
        http=ResettableProtocol,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=1,
    )
    Server(config).run()
    tracing.shutdown()


if __name__ == "__main__":
    main()
