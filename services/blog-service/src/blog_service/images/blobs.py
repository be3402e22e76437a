"""Images in the blog's own database: nothing to set up, in every backup, the same for all replicas."""

from sqlalchemy import delete, insert, select
from sqlalchemy.exc import IntegrityError

from blog_service.database import Database
from blog_service.tables import image_content


class DatabaseFiles:
    """Files in a table.

    Arguments:
        database: where it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, name: str, content: bytes) -> None:
        """Store a file; one that is there already is the same."""
        try:
            self._database.execute(insert(image_content).values(name=name, content=content))
        except IntegrityError:
            return

    def get(self, name: str) -> bytes | None:
        """Read a file."""
        query = select(image_content.c.content).where(image_content.c.name == name)
        with self._database.read() as connection:
            content: bytes | None = connection.execute(query).scalar()
        return content

    def delete(self, name: str) -> None:
        """Delete a file."""
        self._database.execute(delete(image_content).where(image_content.c.name == name))
