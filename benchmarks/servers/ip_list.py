"""A bare Flask view that builds the list of addresses from SMEMBERS."""

import redis
from flask import Flask, Response
from granian.constants import Interfaces
from granian.server import MPServer
from pydantic_settings import BaseSettings


class Settings(BaseSettings):
    """Where Redis and the port are."""

    redis_url: str
    serve_port: int


def create_app() -> Flask:
    """Make the application."""
    app = Flask("bare")
    client = redis.Redis.from_url(Settings().redis_url, decode_responses=True)

    @app.get("/get-ip-list")
    def get_ip_list() -> Response:
        body = "".join(f"{address}\n" for address in client.smembers("bare"))
        return Response(body, mimetype="text/plain")

    return app


if __name__ == "__main__":
    MPServer(
        "benchmarks.servers.ip_list:create_app",
        port=Settings().serve_port,
        interface=Interfaces.WSGI,
        blocking_threads=4,
        factory=True,
    ).serve()
