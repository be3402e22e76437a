"""The process that decodes images, whatever is in them: without secrets, and with little memory."""

import json
import resource
import signal
import struct
import sys
from contextlib import suppress
from typing import IO, Any

_MEMORY = 136 << 20
_SECONDS = 10
_LENGTH = struct.Struct(">L")


def read_part(source: IO[bytes]) -> bytes | None:
    """Read a part after its length; None at the end."""
    head = source.read(_LENGTH.size)
    return source.read(_LENGTH.unpack(head)[0]) if len(head) == _LENGTH.size else None


def write_part(target: IO[bytes], content: bytes) -> None:
    """Write a part after its length."""
    target.write(_LENGTH.pack(len(content)) + content)
    target.flush()


def main() -> None:
    """Convert the images that standard input brings, until it ends."""
    with suppress(ValueError):  # macOS has no such limit; there the sizes that are checked must do
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    keep_plain = "keep" in sys.argv
    while (content := read_part(sys.stdin.buffer)) is not None:
        signal.alarm(_SECONDS)  # ends the process, in the midst of C code too
        about, made = _convert(content, keep_plain=keep_plain)
        signal.alarm(0)
        write_part(sys.stdout.buffer, json.dumps(about).encode())
        write_part(sys.stdout.buffer, made)


def _convert(content: bytes, *, keep_plain: bool) -> tuple[dict[str, Any], bytes]:
    from blog_service.images.pictures import Refused, convert  # noqa: PLC0415 - after the limits are set

    try:
        made = convert(content, keep_plain=keep_plain)
    except Refused as exc:
        return {"fault": str(exc)}, b""
    except MemoryError:
        return {"fault": "The image is too large."}, b""
    except Exception:  # noqa: BLE001 - decoders of hostile files raise whatever happens to fail
        return {"fault": "The image cannot be read, or is too large."}, b""
    return {"extension": made.extension, "width": made.width, "height": made.height}, made.content


if __name__ == "__main__":
    main()
