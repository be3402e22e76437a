"""What authors do with images."""

import hashlib
from collections.abc import Callable, Iterable
from datetime import datetime
from itertools import chain

from blog_service.accounts.store import User
from blog_service.errors import ImageNotFound, TooManyImages
from blog_service.images.converter import Converted, Converter
from blog_service.images.files import ImageFiles
from blog_service.images.model import Image
from blog_service.images.portable import PortableImage
from blog_service.images.store import ImageStore
from chassis import get_logger

MAX_IMAGES = 1000
MAX_BYTES = 256 << 20
PAGE_SIZE = 24
_DIGITS = 32

log = get_logger(__name__)


class Images:
    """The rules of images.

    Arguments:
        store: what is known of them.
        files: where their bytes are.
        now: the clock.
    """

    def __init__(self, store: ImageStore, files: ImageFiles, now: Callable[[], datetime]) -> None:
        self._store = store
        self._files = files
        self._now = now
        self._converter = Converter()

    def add(self, owner: User, content: bytes, alt: str) -> Image:
        """Store an uploaded image, written anew.

        Raises:
            UnfitImage: it is none, broken, or too large.
            TooManyImages: the owner has as many as one may have.
        """
        with self._converter.start() as convert:
            converted = convert(content)
        stored = self._keep(owner, converted, alt, self._now())
        log.info("image_added", user_id=owner.id, size=stored.size)
        return stored

    def bring_in(self, owner: User, brought: Iterable[PortableImage]) -> int:
        """Store the images of an archive, as they are where they are safe; return how many."""
        images, count = iter(brought), 0
        first = next(images, None)
        if first is None:
            return 0
        with self._converter.start(keep_plain=True) as convert:
            for content, alt, created in chain([first], images):
                self._keep(owner, convert(content), alt, created or self._now())
                count += 1
        log.info("images_imported", user_id=owner.id, images=count)
        return count

    def read(self, image_id: str, extension: str) -> Callable[[], bytes]:
        """Find an image; call what is returned for its bytes.

        Raises:
            ImageNotFound: nobody has it.
        """
        owner = self._store.owner(image_id, extension)
        if owner is None:
            raise ImageNotFound("There is no such image.")
        return lambda: self._content(_name(owner, f"{image_id}.{extension}"))

    def newest(self, owner: User, before: int | None) -> list[Image]:
        """List a part of one's own images, newest first, and one more if there is a next part."""
        return self._store.newest(owner.id, PAGE_SIZE + 1, before)

    def take_out(self, owner: User) -> list[Image]:
        """List all of one's own images, oldest first."""
        return self._store.newest(owner.id, MAX_IMAGES + 1)[::-1]

    def content(self, owner: User, image: Image) -> bytes:
        """Read the bytes of one's own image."""
        return self._content(_name(owner.id, image.file_name))

    def delete(self, owner: User, image_id: str, extension: str) -> None:
        """Delete one's own image.

        Raises:
            ImageNotFound: one has no such image.
        """
        found = self._store.get(owner.id, image_id)
        if found is None or found.extension != extension:
            raise ImageNotFound("You have no such image.")
        self._delete(owner, found)
        log.info("image_deleted", user_id=owner.id)

    def delete_all(self, owner: User) -> None:
        """Delete all of one's own images."""
        for one in self.take_out(owner):
            self._delete(owner, one)

    def _keep(self, owner: User, made: Converted, alt: str, created: datetime) -> Image:
        digest = hashlib.sha256(made.content).hexdigest()[:_DIGITS]
        image_id = f"{digest}-{made.width}x{made.height}"
        if self._store.get(owner.id, image_id) is None:
            self._check_room(owner, len(made.content))
        self._files.put(_name(owner.id, f"{image_id}.{made.extension}"), made.content)
        self._store.add(
            owner.id,
            id=image_id,
            extension=made.extension,
            size=len(made.content),
            alt=alt,
            created=created,
        )
        stored = self._store.get(owner.id, image_id)
        if stored is None:
            raise ImageNotFound("The image has just been deleted.")
        return stored

    def _check_room(self, owner: User, size: int) -> None:
        count, used = self._store.total(owner.id)
        if count >= MAX_IMAGES:
            raise TooManyImages(f"An account can have at most {MAX_IMAGES} images. Delete some first.")
        if used + size > MAX_BYTES:
            raise TooManyImages("An account can have at most 256 MiB of images. Delete some first.")

    def _content(self, name: str) -> bytes:
        content = self._files.get(name)
        if content is None:
            raise ImageNotFound("There is no such image.")
        return content

    def _delete(self, owner: User, image: Image) -> None:
        self._files.delete(_name(owner.id, image.file_name))
        self._store.delete(owner.id, image.id)


def _name(user_id: int, file_name: str) -> str:
    """Each owner has an own copy, so that nobody deletes what another still shows."""
    return f"{user_id}/{file_name}"
