"""The Lua scripts that run within Redis, each a join of files from `lua/`."""

from __future__ import annotations

import hashlib
from importlib.resources import files

_FOLDER = files("ip_service") / "lua"


class Script:
    """A script that Redis knows by its digest.

    Args:
        names: files that make it up; what they share comes first.
    """

    def __init__(self, *names: str) -> None:
        self.source = "\n".join((_FOLDER / f"{name}.lua").read_text("utf-8") for name in ("prelude", *names))
        self.sha = hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()


VISIT = Script("record", "visit")
LIST = Script("record", "list")
ADVANCE = Script("advance")
LOOK = Script("record", "newest", "look")
READ = Script("newest", "read")
ERASE = Script("forget", "erase")
EXPIRE = Script("forget", "expire")
SOURCES = {script.sha: script.source for script in (VISIT, LIST, ADVANCE, LOOK, READ, ERASE, EXPIRE)}
