"""A bare Flask view that builds the list of addresses from SMEMBERS, with redis-py alone or with hiredis."""

import redis
from flask import Flask, Response
from granian.constants import Interfaces
from granian.server import MPServer
from pydantic_settings import BaseSettings
from redis.connection import DefaultParser, _RESP3Parser


class Settings(BaseSettings):
    """Where Redis and the port are, and who reads its replies."""

    redis_url: str
    serve_port: int
    hiredis: bool


def create_app() -> Flask:
    """Make the application."""
    app = Flask("bare")
    settings = Settings()
    parser = DefaultParser if settings.hiredis else _RESP3Parser
    client = redis.Redis.from_url(settings.redis_url, decode_responses=True, parser_class=parser)

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
