"""What the tests of services share: applications, processes, real stores, recorded spans."""

from chassis.testing._apps import SpanRecorder, run_app
from chassis.testing._processes import Service, free_port, http_client, running_service, wait_until
from chassis.testing._valkey import Valkey, valkey_server

__all__ = [
    "Service",
    "SpanRecorder",
    "Valkey",
    "free_port",
    "http_client",
    "run_app",
    "running_service",
    "valkey_server",
    "wait_until",
]
