"""config with 100,000 documents against a thousand: what each kind of question costs, and its plan.

`DATABASE_URL` names an empty database to use instead of a SQLite file, `DOCUMENTS` another number.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy

from benchmarks.athlete import service
from chassis import Chassis
from chassis.sql import create_engine
from config_service.documents import Change
from config_service.finding import Filter, select_found
from config_service.search import condition
from config_service.settings import Settings
from config_service.store import Store
from config_service.transaction import Transaction

FEW, MANY = 1000, 100_000
BATCH = 1000
ROUNDS, REPEATS = 7, 20
MARKS = {"a page": 10.0, "search, one condition": 20.0}


def run() -> None:
    """Measure and print."""
    url, many = os.environ.get("DATABASE_URL"), int(os.environ.get("DOCUMENTS", MANY))  # noqa: TID251 - see above
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        env = {"DATABASE_URL": url or f"sqlite:///{folder / 'config.sqlite'}"}
        subprocess.run([sys.executable, "-m", "config_service.migrate"], env=env, check=True)
        settings = Settings(serve_port=0, database_url=env["DATABASE_URL"], log_level="error")
        chassis = stack.enter_context(contextlib.closing(Chassis(settings, name="config-service")))
        engine = create_engine(chassis, settings.store_url, timeout=60)
        figures = [_measure_at(engine, env, *part) for part in ((0, FEW), (FEW, many))]
        _report(many, *figures)
        _show_plans(engine)
        engine.dispose()


def _measure_at(engine: sqlalchemy.Engine, env: Mapping[str, str], start: int, end: int) -> dict[str, float]:
    started, store = time.perf_counter(), Store(engine, timeout=60)
    for first in range(start, end, BATCH):
        store.write(Change("bench"), _filling(first, min(end, first + BATCH)))
    print(f"{end - start} documents in {time.perf_counter() - started:.0f} s", flush=True)
    with (
        service(f"{end} documents", "config_service", env) as server,
        httpx.Client(base_url=server.url, timeout=60) as client,
    ):
        return {name: _milliseconds(client, path) for name, path in _questions(end).items()}


def _filling(start: int, end: int) -> Callable[[Transaction], None]:
    """Write the documents of a range of numbers."""

    def work(transaction: Transaction) -> None:
        for number in range(start, end):
            transaction.create(_name(number), None, _metadata(number))

    return work


def _name(number: int) -> str:
    return f"doc-{number:07}"


def _metadata(number: int) -> dict[str, Any]:
    """Some values are shared by half of all documents, some by 1 %, by ten, or are one document's own."""
    return {
        "number": number,
        "group": number // 10,
        "percent": number % 100,
        "is": {"even": number % 2 == 0, "odd": number % 2 == 1},
        "limits": {"cpu": {"enabled": True, "value": f"{number % 10}00m"}},
    }


def _questions(count: int) -> dict[str, str]:
    """The paths to ask."""
    configs, deep = "/v1/configs", f"cursor={_name(count * 9 // 10)}"
    half, ten = "metadata.is.even=true", f"metadata.group={count // 20}"
    return {
        "one document": f"{configs}/{_name(count // 2)}",
        "a page, the first": configs,
        "a page, in the midst": f"{configs}?cursor={_name(count // 2)}",
        "a page, at nine tenths": f"{configs}?{deep}",
        "a page of a prefix": f"{configs}?prefix=doc-00001",
        "search, one condition, ten meet it": f"{configs}?{ten}",
        "search, one condition, 1 % meet it": f"{configs}?metadata.percent=7",
        "search, one condition, half meet it": f"{configs}?{half}",
        "search, one condition, half, at nine tenths": f"{configs}?{half}&{deep}",
        "search, one condition, all meet it": f"{configs}?metadata.limits.cpu.enabled=true",
        "search, one condition, none meets it": f"{configs}?metadata.group=-1",
        "search, half and ten meet them": f"{configs}?{half}&{ten}",
        "search, half meet each, none both": f"{configs}?{half}&metadata.is.odd=true",
        "history of a document": f"{configs}/{_name(count // 2)}/revisions",
    }


def _milliseconds(client: httpx.Client, path: str) -> float:
    """The median of the fastest request in each round: what it costs, not who else uses the machine."""
    return statistics.median(min(_ask(client, path) for _ in range(REPEATS)) for _ in range(ROUNDS))


def _ask(client: httpx.Client, path: str) -> float:
    started = time.perf_counter()
    client.get(path).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _report(many: int, few: Mapping[str, float], all_of_them: Mapping[str, float]) -> None:
    print(f"\nconfig: ms a request at {FEW} documents and at {many}")
    for name, before in few.items():
        mark = next((f"{ms:9.0f}" for kind, ms in MARKS.items() if name.startswith(kind)), "")
        print(f"{name:46}{before:9.2f}{all_of_them[name]:9.2f}{all_of_them[name] / before:8.2f}{mark}")


def _show_plans(engine: sqlalchemy.Engine) -> None:
    """Print how the database goes about a page and a search."""
    wanted = {
        "a page": Filter(after=_name(5), limit=101),
        "search": Filter([condition("percent", "7")], limit=101),
    }
    verb = "EXPLAIN QUERY PLAN" if engine.dialect.name == "sqlite" else "EXPLAIN FORMAT=TREE"
    for name, question in wanted.items():
        print(f"\nplan of {name}:")
        with engine.connect() as connection:
            statement = select_found(connection, question).compile(engine)
            values = statement.params
            parameters = tuple(values[key] for key in statement.positiontup or ()) or values
            for row in connection.exec_driver_sql(f"{verb} {statement}", parameters):
                print("   ", row[-1])
