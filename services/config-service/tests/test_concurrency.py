import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import sqlalchemy

from chassis.fastapi import App
from config_service.documents import decode
from config_service.search import terms_of
from config_service.store import Store
from config_service.tables import config_terms, configs, revision_counter, revisions

WRITER = Path(__file__).parent / "writer.py"
PROCESSES = 4
WRITES = int(os.environ.get("CONFIG_TEST_WRITES", "320"))  # noqa: TID251 only tests read this
THREADS = 4


def run_writers(url: str, seed: int) -> list[dict[str, Any]]:
    command = [sys.executable, str(WRITER), url, str(seed), str(WRITES // PROCESSES // THREADS)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stderr
    writers: list[dict[str, Any]] = json.loads(done.stdout)
    return writers


def rows(engine: sqlalchemy.Engine, query: sqlalchemy.Select[Any]) -> list[Any]:
    with engine.connect() as connection:
        return list(connection.execute(query))


def replay(history: list[Any]) -> dict[str, tuple[str, int]]:
    """The documents that the history leads to."""
    documents: dict[str, tuple[str, int]] = {}
    for entry in history:
        if entry.action == "delete":
            del documents[entry.name]
            continue
        assert (entry.name in documents) is (entry.action == "update")
        assert documents.get(entry.name, ("",))[0] != entry.metadata
        documents[entry.name] = (entry.metadata, entry.revision)
    return documents


def test_writers_in_several_processes_lose_nothing(
    app: App, engine: sqlalchemy.Engine, store: Store, empty_database_url: str
) -> None:
    with ThreadPoolExecutor() as pool:
        processes = pool.map(lambda seed: run_writers(empty_database_url, seed), range(PROCESSES))
        writers = [writer for process in processes for writer in process]

    shared = store.get("shared")
    assert shared is not None
    assert decode(shared.metadata) == {"count": sum(writer["counted"] for writer in writers)}

    history = rows(engine, sqlalchemy.select(revisions).order_by(revisions.c.revision, revisions.c.k))
    last = rows(engine, sqlalchemy.select(revision_counter.c.value))[0].value
    assert sorted({entry.revision for entry in history}) == list(range(1, last + 1))
    assert len({(entry.name, entry.revision) for entry in history}) == len(history)

    contents = {f"{entry.name} {entry.revision}": entry.metadata for entry in history}
    assert all(writer["given"].items() <= contents.items() for writer in writers)

    current = rows(engine, sqlalchemy.select(configs))
    assert {row.name: (row.metadata, row.revision) for row in current} == replay(history)

    done = sum((Counter(writer["done"]) for writer in writers), Counter[str]())
    print(f"{last} revisions of {dict(done)}")  # noqa: T201 the figures of a long run

    terms = {(row.name, row.term) for row in rows(engine, sqlalchemy.select(config_terms))}
    assert terms == {(row.name, term) for row in current for term in terms_of(decode(row.metadata))}
