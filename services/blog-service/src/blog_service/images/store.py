"""Which images there are, and whose, in the database."""

from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from blog_service.database import Database
from blog_service.images.model import Image
from blog_service.tables import image

_COLUMNS = (image.c.number, image.c.id, image.c.extension, image.c.size, image.c.alt, image.c.created)
_OWNER = (
    select(image.c.user_id)
    .where(image.c.id == bindparam("id"), image.c.extension == bindparam("extension"))
    .order_by(image.c.user_id)
    .limit(1)
)


class ImageStore:
    """Reads and writes what is known of images.

    Arguments:
        database: where it is.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, user_id: int, **values: Any) -> None:
        """Add an image of a user; one that is there already gets the new words, if there are any."""
        try:
            self._database.execute(insert(image).values(user_id=user_id, **values))
        except IntegrityError:
            if values["alt"]:
                again = update(image).where(*_mine(user_id, values["id"])).values(alt=values["alt"])
                self._database.execute(again)

    def get(self, user_id: int, image_id: str) -> Image | None:
        """Read one image of a user."""
        with self._database.read() as connection:
            row = connection.execute(select(*_COLUMNS).where(*_mine(user_id, image_id))).first()
        return Image(*row) if row else None

    def owner(self, image_id: str, extension: str) -> int | None:
        """Tell who has an image, the first of several."""
        with self._database.read() as connection:
            values = {"id": image_id, "extension": extension}
            found: int | None = connection.execute(_OWNER, values).scalar()
        return found

    def newest(self, user_id: int, limit: int, before: int | None = None) -> list[Image]:
        """List a part of a user's images, newest first."""
        query = select(*_COLUMNS).where(image.c.user_id == user_id)
        if before is not None:
            query = query.where(image.c.number < before)
        with self._database.read() as connection:
            return [
                Image(*row) for row in connection.execute(query.order_by(image.c.number.desc()).limit(limit))
            ]

    def total(self, user_id: int) -> tuple[int, int]:
        """Count a user's images and their bytes."""
        query = select(func.count(), func.coalesce(func.sum(image.c.size), 0)).where(
            image.c.user_id == user_id
        )
        with self._database.read() as connection:
            count, size = connection.execute(query).one()
        return count, int(size)

    def delete(self, user_id: int, image_id: str) -> None:
        """Forget one image of a user."""
        self._database.execute(delete(image).where(*_mine(user_id, image_id)))


def _mine(user_id: int, image_id: str) -> tuple[Any, Any]:
    return image.c.user_id == user_id, image.c.id == image_id
