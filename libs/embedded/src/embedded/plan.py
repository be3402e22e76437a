"""What the stack of this repository consists of."""

from embedded.errors import Failure
from embedded.manifest import find_services
from embedded.ports import Reservation
from embedded.programs import Mode, Program, internal, service
from embedded.servers import nginx, public_urls, valkey
from embedded.settings import Settings


def plan(settings: Settings, reservation: Reservation, mode: Mode) -> tuple[int, list[Program]]:
    """Choose the ports and list the programs, the store last."""
    public = reservation.take(settings.port)
    manifests = find_services(settings.root)
    if not manifests:
        raise Failure(f"there are no services in {settings.root}; run make in the repository's folder")
    ports = {manifest.name: reservation.take() for manifest in manifests}
    ports["valkey"] = reservation.take()
    reservation.settle()
    urls = {name: internal(port) for name, port in ports.items()} | public_urls(settings, public)
    services = [service(manifest, settings, ports, urls[manifest.name], mode) for manifest in manifests]
    return public, [nginx(settings, public, ports), *services, valkey(settings, ports["valkey"])]
