"""A bare Flask view that builds the list of addresses from SMEMBERS, with redis-py alone or with hiredis."""

import os

import redis
from flask import Flask, Response
from granian.constants import Interfaces
from granian.server import MPServer
from redis.connection import DefaultParser, _RESP3Parser


def create_app() -> Flask:
    """Make the application."""
    app = Flask("bare")
    environ = os.environ  # noqa: TID251 - a measuring stick
    parser = DefaultParser if environ["HIREDIS"] == "True" else _RESP3Parser
    client = redis.Redis.from_url(environ["REDIS_URL"], decode_responses=True, parser_class=parser)

    @app.get("/get-ip-list")
    def get_ip_list() -> Response:
        body = "".join(f"{address}\n" for address in client.smembers("bare"))
        return Response(body, mimetype="text/plain")

    return app


if __name__ == "__main__":
    MPServer(
        "benchmarks.servers.ip_list:create_app",
        port=int(os.environ["SERVE_PORT"]),  # noqa: TID251 - a measuring stick
        interface=Interfaces.WSGI,
        blocking_threads=4,
        factory=True,
    ).serve()
