"""The chassis for ASGI applications."""

from chassis.asgi._edge import Edge, Endpoint, RenderError, Routes, allow
from chassis.asgi._guard import make_edge
from chassis.asgi._probes import Probes
from chassis.asgi._serve import serve

__all__ = ["Edge", "Endpoint", "Probes", "RenderError", "Routes", "allow", "make_edge", "serve"]
