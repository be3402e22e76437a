"""The chassis for Flask services."""

from chassis.flask._app import App, create_app
from chassis.flask._auth import identity_of, require_scope
from chassis.flask._serve import serve as run

__all__ = ["App", "create_app", "identity_of", "require_scope", "run"]
