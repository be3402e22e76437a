"""Where the bytes of images are: one interface, and a folder behind it."""

import contextlib
import os
import secrets
from pathlib import Path
from typing import Protocol

from chassis import StoreUnavailable

UNAVAILABLE = "The store of images does not answer just now."


class ImageFiles(Protocol):
    """Keeps files under names such as `7/3f0c.png`; a name never gets another content."""

    def put(self, name: str, content: bytes) -> None:
        """Store a file for good; raises `StoreUnavailable`."""

    def get(self, name: str) -> bytes | None:
        """Read a file, or None if there is none; raises `StoreUnavailable`."""

    def delete(self, name: str) -> None:
        """Delete a file, if it is there; raises `StoreUnavailable`."""


class FolderFiles:
    """Files in a folder, which all replicas must share.

    Arguments:
        folder: made when it is needed.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def put(self, name: str, content: bytes) -> None:
        """Write beside the place, and move there what is whole."""
        path = self._folder / name
        part = path.with_name(f".{secrets.token_hex(8)}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            _write(part, content)
            part.replace(path)
            _sync_folder(path.parent)
        except OSError as exc:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
            raise StoreUnavailable(UNAVAILABLE) from exc

    def get(self, name: str) -> bytes | None:
        """Read a file."""
        try:
            return (self._folder / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as exc:
            raise StoreUnavailable(UNAVAILABLE) from exc

    def delete(self, name: str) -> None:
        """Delete a file."""
        try:
            (self._folder / name).unlink(missing_ok=True)
        except OSError as exc:
            raise StoreUnavailable(UNAVAILABLE) from exc


def _write(path: Path, content: bytes) -> None:
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """A name survives a power cut only when its folder is written, too."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
