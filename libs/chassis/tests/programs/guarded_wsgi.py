"""A Flask service that asks who calls, when it is given an issuer."""

import flask

from chassis import ServiceSettings
from chassis.flask import App, create_app, identity_of, require_scope, run

bp = flask.Blueprint("guarded", __name__)


@bp.get("/me")
def show_caller() -> dict[str, str | None]:
    """Say who calls."""
    identity = identity_of(flask.request)
    return {"subject": identity.subject if identity else None}


@bp.get("/reports/<int:number>")
@require_scope("reports:read")
def read_report(number: int) -> dict[str, int]:
    """Read a report."""
    return {"number": number}


@bp.post("/reports")
def write_report() -> str:
    """Write a report."""
    return str(len(flask.request.get_data()))


@bp.get("/open")
def read_notice() -> str:
    """Read what everybody may read."""
    return "open"


@bp.delete("/open")
@require_scope("notices:erase")
def erase_notice() -> str:
    """Erase what everybody may read."""
    return "erased"


@bp.get("/fast")
def fast() -> str:
    """Answer without detours."""
    return "fast"


def make_app(settings: ServiceSettings) -> App:
    """Make the application."""
    open_routes = [("GET", "/open"), ("DELETE", "/open")]
    app = create_app(
        settings, name="chassis", import_name=__name__, static_folder=None, open_routes=open_routes
    )
    app.register_blueprint(bp)
    return app


if __name__ == "__main__":
    run(ServiceSettings, make_app, threads=4)
