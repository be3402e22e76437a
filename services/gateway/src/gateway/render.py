"""From the table and a site to the files that nginx serves with."""

import re
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from gateway import problems
from gateway.errors import GatewayError
from gateway.portal import index_html, services_json
from gateway.site import PORTAL, Site
from gateway.table import ROUTES, Service, Table, load_table

# Well-formed UTF-8 (RFC 3629 §4), for nginx's regular expressions, which see bytes.
UTF8 = (
    r"^(?:[\x00-\x7f]|[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}"
    r"|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}"
    r"|\xf4[\x80-\x8f][\x80-\xbf]{2})*+$"
)


@dataclass(frozen=True)
class Route:
    """A service and the addresses it has at this site."""

    service: Service
    addresses: tuple[str, ...]

    @property
    def failures(self) -> str:
        """When nginx leaves an address alone; never, if it leads to many replicas and one of them fails."""
        same = len(self.addresses) > 1 and len(set(self.addresses)) == 1
        return "max_fails=0" if same else "max_fails=1 fail_timeout=2s"


def render(out: Path, site: Site, *, routes: Path = ROUTES, portal: Path = PORTAL) -> Path:
    """Write `nginx.conf`, `services.json` and `index.html` and return the path of the first.

    Args:
        out: the folder to write into; made if absent.
        site: where and how the gateway runs.
        routes: the routing table.
        portal: where the portal's page is read from.

    Raises:
        GatewayError: the table or the site is not in order, or `out` cannot be written.
    """
    table = load_table(routes)
    out = out.resolve()
    site = replace(site, run=site.run or out, generated=site.generated or site.run or out)
    config = nginx_conf(table, site)
    page = index_html(portal / "index.html", table.services)
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / "services.json").write_text(services_json(table.services, site.jaeger_url), encoding="utf-8")
        (out / "index.html").write_text(page, encoding="utf-8")
        (out / "nginx.conf").write_text(config, encoding="utf-8")
    except OSError as exc:
        raise GatewayError(f"{exc.filename}: {exc.strerror}") from exc
    return out / "nginx.conf"


def nginx_conf(table: Table, site: Site) -> str:
    """Return the configuration of nginx."""
    return (
        _environment()
        .get_template("nginx.conf.j2")
        .render(
            routes=_routes(table, site), site=site, problems=problems, utf8=UTF8, version=version("gateway")
        )
    )


def _environment() -> Environment:
    environment = Environment(  # noqa: S701 - the output is no HTML; every value is checked by the table or the site
        loader=PackageLoader("gateway"), undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["regex"] = re.escape
    return environment


def _routes(table: Table, site: Site) -> list[Route]:
    unknown = site.upstreams.keys() - {service.name for service in table.services}
    if unknown:
        raise GatewayError(f"no service in the routing table is called {', '.join(sorted(unknown))}")
    return [Route(service, _addresses(service, site)) for service in table.services]


def _addresses(service: Service, site: Site) -> tuple[str, ...]:
    if service.name in site.upstreams:
        return tuple(site.upstreams[service.name])
    if site.resolver is None:
        raise GatewayError(f"upstream of {service.name}: no address")
    return (f"{service.upstream.host}:{service.upstream.port}",)
