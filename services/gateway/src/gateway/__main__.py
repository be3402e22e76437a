"""The command line: `python -m gateway render …`."""

import argparse
import sys
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path

from gateway.errors import GatewayError
from gateway.render import render
from gateway.site import Site
from gateway.table import ROUTES


def main(arguments: Sequence[str] | None = None) -> None:
    """Render, or end with one line that says why not."""
    options = _parser().parse_args(arguments)
    try:
        config = render(options.out, _site(options), routes=options.routes)
    except GatewayError as exc:
        sys.exit(f"gateway: {exc}")
    sys.stdout.write(f"{config}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m gateway")
    parser.add_argument("action", choices=["render"])
    parser.add_argument("--target", choices=["embedded", "compose"], required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder to write into")
    parser.add_argument("--port", type=int, default=8080)
    parser.add_argument("--routes", type=Path, default=ROUTES, help="the routing table")
    parser.add_argument("--jaeger-url", help="address of Jaeger's page, for links from the portal")
    embedded = parser.add_argument_group("embedded")
    embedded.add_argument(
        "--upstream", action="append", default=[], metavar="NAME=HOST:PORT", help="repeat for replicas"
    )
    compose = parser.add_argument_group("compose")
    compose.add_argument("--resolver", default="127.0.0.11", help="DNS server for the names of the services")
    compose.add_argument(
        "--front-proxy", action="append", default=[], metavar="CIDR", help="a proxy to believe"
    )
    compose.add_argument("--jaeger", metavar="HOST:PORT", help="serve this Jaeger at /jaeger/")
    return parser


def _site(options: argparse.Namespace) -> Site:
    if options.target == "embedded":
        upstreams = _upstreams(options.upstream)
        return Site.embedded(port=options.port, upstreams=upstreams, jaeger_url=options.jaeger_url)
    return Site.compose(
        port=options.port,
        resolver=options.resolver,
        front_proxies=options.front_proxy,
        jaeger_url=options.jaeger_url,
        jaeger=options.jaeger,
    )


def _upstreams(pairs: Sequence[str]) -> dict[str, list[str]]:
    upstreams = defaultdict(list)
    for pair in pairs:
        name, equals, address = pair.partition("=")
        if not equals:
            raise GatewayError(f"--upstream {pair}: not NAME=HOST:PORT")
        upstreams[name].append(address)
    return upstreams


if __name__ == "__main__":
    main()
