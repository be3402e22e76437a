"""Start the blog."""

from blog_service.app import create_app
from blog_service.settings import Settings
from chassis.flask import run

# As many as help a blog that waits for its database; the connection pool has room for all.
THREADS = 4


def main() -> None:
    """Serve until told to stop."""
    run(Settings, create_app, threads=THREADS)


if __name__ == "__main__":
    main()
