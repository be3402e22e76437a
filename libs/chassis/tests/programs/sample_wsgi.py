"""A Flask service that shows every side of the chassis to its tests."""

import gc
import os
import threading
import time
from typing import Any

import flask
import structlog
from flask import abort, request, url_for
from opentelemetry import baggage
from pydantic import SecretStr
from sqlalchemy import text

from chassis import Conflict, NotFound, ServiceSettings, etag_of, get_logger, none_match, parse_json
from chassis.flask import App, create_app, run
from chassis.sql import create_engine

bp = flask.Blueprint("sample", __name__)


class Settings(ServiceSettings):
    """What the sample can be told."""

    hanging_check: bool = False
    sample_secret: SecretStr | None = None


@bp.get("/")
def fast() -> str:
    """Answer."""
    return flask.current_app.response_class("fast", mimetype="text/plain")


@bp.get("/items/<int(max=2147483647):item_id>")
def get_item(item_id: int) -> dict[str, int]:
    """Show an item."""
    if item_id == 0:
        raise NotFound("No such item.")
    return {"item_id": item_id}


@bp.post("/items")
def create_item() -> tuple[Any, int]:
    """Make an item."""
    return flask.jsonify(parse_json(request.get_data())), 201


@bp.post("/echo")
def echo() -> str:
    """Say how long the body was."""
    return str(len(request.get_data()))


@bp.get("/boom")
def boom() -> str:
    """Fail."""
    raise RuntimeError("mysql://root:hunter2@db.internal SELECT secret")


@bp.get("/conflict")
def conflict() -> str:
    """Refuse."""
    raise Conflict(request.args.get("detail", "Taken."), headers={"X-Reason": "held\r\nSet-Cookie: a=b"})


@bp.get("/abort/<int:status>")
def refuse(status: int) -> str:
    """Refuse in Flask's own way."""
    abort(status)


@bp.get("/slow")
def slow() -> str:
    """Take some time."""
    time.sleep(float(request.args["seconds"]))
    get_logger("sample").info("slept", seconds=float(request.args["seconds"]))
    return "done"


@bp.get("/whoami")
def whoami() -> dict[str, Any]:
    """Show what the service knows of the caller."""
    return {
        "client": request.remote_addr,
        "scheme": request.scheme,
        "host": request.host,
        "url": url_for(".whoami", _external=True),
        "prefix": request.script_root,
        "pid": os.getpid(),
        "objects_spared": gc.get_freeze_count(),
        "baggage": dict(baggage.get_all()),
    }


@bp.get("/page")
def page() -> str:
    """Show markup."""
    return "<p>page</p>"


@bp.get("/cached")
def cached() -> flask.Response:
    """Show something that may be kept."""
    headers = {"ETag": etag_of(b"kept"), "Cache-Control": "max-age=60", "Vary": "Accept"}
    if none_match(request.headers.get("If-None-Match"), headers["ETag"]):
        return flask.Response(status=304, headers=headers)
    return flask.Response("kept", headers=headers)


@bp.get("/log")
def log() -> str:
    """Write the text to the log, in two ways."""
    get_logger("sample").warning("said", text=request.args["text"])
    structlog.stdlib.logging.getLogger("library").warning("said %s", request.args["text"])
    return "ok"


@bp.get("/stored/<key>")
def stored(key: str) -> dict[str, Any]:
    """Ask the database."""
    with flask.current_app.extensions["engine"].connect() as connection:
        return {"value": connection.execute(text("SELECT :key || 'x' WHERE 7 = 7"), {"key": key}).scalar()}


@bp.get("/stream")
def stream() -> flask.Response:
    """Send a body of unknown length."""
    return flask.Response((b"part" for _ in range(3)), mimetype="text/plain")


def make_app(settings: Settings) -> App:
    """Make the application."""
    app = create_app(settings, name="chassis", import_name=__name__, max_body=2000, static_folder=None)
    app.register_blueprint(bp)
    app.extensions["engine"] = create_engine(app.chassis, "sqlite://")
    if settings.hanging_check:
        app.chassis.health.add("hanging", threading.Event().wait)
    return app


if __name__ == "__main__":
    run(Settings, make_app, threads=4)
