"""Where and how one gateway runs."""

import grp
import ipaddress
import os
import pwd
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from gateway.errors import GatewayError

HOME = Path(__file__).parents[2]
PORTAL = HOME / "portal"
_ADDRESS = re.compile(r"(?:[A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
_FOLDER = re.compile(r"[^\x00-\x1f\"\\$]+")


@dataclass(frozen=True, kw_only=True)
class Site:
    """One place the gateway runs at.

    Arguments:
        port: where it listens.
        host: the address it listens on.
        upstreams: addresses of each service, by name; with a resolver, one that is not named has its own
            in the table.
        resolver: DNS server (`address` or `address:port`) that upstream names are asked from at run time;
            None: they are looked up once, at the start.
        front_proxies: CIDRs of proxies in front whose `X-Forwarded-*` headers are believed.
        run: folder for what nginx writes; None: the folder that is rendered into.
        portal: folder of the static files.
        generated: folder of the rendered `index.html` and `services.json`; None: as `run`.
        workers: number of worker processes, or `auto`.
        user: whom the workers run as, when nginx is started by root.
        client_timeout: seconds that a client may be silent in the middle of a request.
        read_timeout: seconds that a service may be silent; then another replica is asked, if the request may
            be repeated, or the answer is 504. A path of the table may have another.
        connections: requests at once from one client address.
        jaeger_url: address of Jaeger's page, which the portal links to.
        jaeger: address (`host:port`) of a Jaeger that is served at `/jaeger/`; None: none is.
    """

    port: int
    host: str = "127.0.0.1"
    upstreams: Mapping[str, Sequence[str]] = field(default_factory=dict)
    resolver: str | None = None
    front_proxies: Sequence[str] = ()
    run: Path | None = None
    portal: Path = PORTAL
    generated: Path | None = None
    workers: int | str = 1
    user: str | None = None
    client_timeout: int = 10
    read_timeout: int = 10
    connections: int = 1500
    jaeger_url: str | None = None
    jaeger: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would make an invalid or another configuration than meant."""
        if not 0 < self.port < 65536:
            raise GatewayError(f"port {self.port} is not between 1 and 65535")
        for name, addresses in self.upstreams.items():
            _check_addresses(f"upstream of {name}", addresses)
        if self.jaeger is not None:
            _check_addresses("jaeger", [self.jaeger])
        if self.resolver is not None:
            _check_resolver(self.resolver)
        for network in self.front_proxies:
            _check_network(network)
        for folder in filter(None, (self.run, self.portal, self.generated)):
            if not _FOLDER.fullmatch(str(folder)):
                raise GatewayError(f"folder {str(folder)!r} has a character that nginx cannot take")

    @classmethod
    def embedded(
        cls, *, port: int, upstreams: Mapping[str, Sequence[str]], jaeger_url: str | None = None
    ) -> Self:
        """The gateway of the embedded stack: on loopback, as whoever starts it."""
        return cls(port=port, upstreams=upstreams, user=_owner_if_root(), jaeger_url=jaeger_url)

    @classmethod
    def compose(
        cls,
        *,
        port: int = 8080,
        resolver: str = "127.0.0.11",
        front_proxies: Sequence[str] = (),
        jaeger_url: str | None = None,
        jaeger: str | None = None,
    ) -> Self:
        """The gateway in the unprivileged nginx image; the resolver's default is Docker's."""
        return cls(
            port=port,
            host="0.0.0.0",  # noqa: S104 - inside its container
            resolver=resolver,
            front_proxies=front_proxies,
            run=Path("/tmp"),  # noqa: S108 - the image's one writable folder
            portal=Path("/usr/share/nginx/html"),
            generated=Path("/etc/nginx/gateway"),
            workers="auto",
            jaeger_url=jaeger_url,
            jaeger=jaeger,
        )


def _owner_if_root() -> str | None:
    # nginx would hand its workers over to `nobody`, who may not read the files of a clone in root's home.
    if os.geteuid() != 0:
        return None
    return f"{pwd.getpwuid(0).pw_name} {grp.getgrgid(os.getegid()).gr_name}"


def _check_addresses(what: str, addresses: Sequence[str]) -> None:
    if not addresses:
        raise GatewayError(f"{what}: no address")
    for address in addresses:
        match = _ADDRESS.fullmatch(address)
        if not match or not 0 < int(match["port"]) < 65536:
            raise GatewayError(f"{what}: {address!r} is not host:port")


def _check_resolver(resolver: str) -> None:
    address = resolver if ":" in resolver and resolver.count(":") == 1 else f"{resolver}:53"
    _check_addresses("resolver", [address])


def _check_network(network: str) -> None:
    try:
        ipaddress.ip_network(network)
    except ValueError as exc:
        raise GatewayError(f"front proxy: {exc}") from exc
