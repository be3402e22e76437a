"""Images made safe: one at a time, by a process that ends afterwards and takes its memory along."""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from os import pathsep
from threading import Lock
from typing import IO, Final, NamedTuple

from blog_service.errors import UnfitImage
from blog_service.images.worker import read_part, write_part
from chassis import ServiceUnavailable

_COMMAND: Final = [sys.executable, "-m", "blog_service.images.worker"]
_WAIT_SECONDS = 3.0
_FAULT = "The image cannot be read, or is too large."


class Converted(NamedTuple):
    """An image that is safe to store."""

    content: bytes
    extension: str
    width: int
    height: int


Convert = Callable[[bytes], Converted]


class Converter:
    """Starts the process, when an image comes, and never a second one beside it."""

    def __init__(self) -> None:
        self._turn = Lock()

    @contextmanager
    def start(self, *, keep_plain: bool = False) -> Iterator[Convert]:
        """Lend a function that writes an image anew, without anything but its pixels.

        It raises `UnfitImage` for what is no image, broken, or too large.

        Arguments:
            keep_plain: leave files as they are that have nothing else.

        Raises:
            ServiceUnavailable: others are waiting already.
        """
        if not self._turn.acquire(timeout=_WAIT_SECONDS):
            raise ServiceUnavailable(
                "Other images are being worked on. Try again soon.", headers={"Retry-After": "2"}
            )
        try:
            with _worker(keep_plain=keep_plain) as (requests, answers):
                yield lambda content: _ask(requests, answers, content)
        finally:
            self._turn.release()


@contextmanager
def _worker(*, keep_plain: bool) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Run the process; of the environment, where the secrets are, it gets the way to its modules only."""
    process = subprocess.Popen(  # noqa: S603 - our own module
        [*_COMMAND, "keep"] if keep_plain else _COMMAND,
        env={"PYTHONPATH": pathsep.join(filter(None, sys.path))},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None  # noqa: S101 - both are pipes
    assert process.stdout is not None  # noqa: S101
    try:
        yield process.stdin, process.stdout
    finally:
        process.kill()
        with suppress(BrokenPipeError):
            process.stdin.close()
        process.stdout.close()
        process.wait()


def _ask(requests: IO[bytes], answers: IO[bytes], content: bytes) -> Converted:
    """Ask for one image; a process that died of it is an answer as well."""
    try:
        write_part(requests, content)
    except BrokenPipeError as exc:
        raise UnfitImage(_FAULT) from exc
    about, made = read_part(answers), read_part(answers)
    if about is None or made is None:
        raise UnfitImage(_FAULT)
    fields = json.loads(about)
    if "fault" in fields:
        raise UnfitImage(fields["fault"])
    return Converted(made, fields["extension"], fields["width"], fields["height"])
