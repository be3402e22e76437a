"""One door for all services: nginx from one routing table."""

from gateway.errors import GatewayError
from gateway.nginx import command, nginx_binary
from gateway.render import render
from gateway.site import Site
from gateway.table import Service, Table, load_table

__all__ = ["GatewayError", "Service", "Site", "Table", "command", "load_table", "nginx_binary", "render"]
