"""The front page in the Flask tutorial's way: a connection a request, on the development server."""

import os

import sqlalchemy

from benchmarks.servers.blog import create_app

if __name__ == "__main__":
    app = create_app(poolclass=sqlalchemy.NullPool)
    app.run(port=int(os.environ["SERVE_PORT"]), threaded=True)  # noqa: TID251 - no settings module
