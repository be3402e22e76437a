"""A process that writes to a store, beside others: `python writer.py URL SEED WRITES`; prints what it did."""

import json
import random
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from chassis import Chassis, PreconditionFailed
from chassis.sql import create_engine
from config_service import v1_service
from config_service.documents import Change, Config, decode
from config_service.errors import ConfigExists, ConfigNotFound, OperationFailed, PatchConflict
from config_service.settings import Settings
from config_service.store import Store
from config_service.transaction import Transaction
from config_service.transactions import run_transaction
from config_service.v1_schemas import ConfigBody, NewConfigBody, TransactionBody
from config_service.v1_service import Preconditions

THREADS = 4
NAMES = ("a", "b", "c")
REFUSALS = (ConfigExists, ConfigNotFound, OperationFailed, PatchConflict, PreconditionFailed)


class Writer:
    """Does random operations, counts up a shared document in several ways, and keeps what it was given."""

    def __init__(self, store: Store, seed: str) -> None:
        self.store, self.change = store, Change(seed)
        self.dice = random.Random(seed)  # noqa: S311 no secret
        self.counted = 0
        self.given: dict[str, str] = {}
        self.done: dict[str, int] = {}

    def run(self, writes: int) -> None:
        ways: list[Callable[[], None]] = [
            self.count_locked,
            self.count_if_match,
            self.count_by_patch,
            self.count_in_transaction,
            self.create,
            self.replace,
            self.patch,
            self.delete,
            self.change_together,
        ]
        for _ in range(writes):
            way = self.dice.choice(ways)
            try:
                way()
            except REFUSALS as refusal:
                self.note(type(refusal).__name__)
            else:
                self.note(way.__name__)

    def note(self, what: str) -> None:
        self.done[what] = self.done.get(what, 0) + 1

    def keep(self, config: Config) -> None:
        """Keep what an entity tag was given for."""
        assert self.given.setdefault(f"{config.name} {config.revision}", config.metadata) == config.metadata

    def count_locked(self) -> None:
        def work(transaction: Transaction) -> None:
            if current := transaction.get("shared"):
                transaction.update(current, None, {"count": decode(current.metadata)["count"] + 1})
            else:
                transaction.create("shared", None, {"count": 1})

        self.store.write(self.change, work)
        self.counted += 1

    def counting(self, attempt: Callable[[int, int], object]) -> None:
        """Read, add one, write if it is still so, and again when someone was quicker."""
        while True:
            current = self.store.get("shared")
            revision, count = (current.revision, decode(current.metadata)["count"]) if current else (0, 0)
            try:
                attempt(revision, count + 1)
            except REFUSALS:
                self.note("someone was quicker")
                continue
            self.counted += 1
            return

    def count_if_match(self) -> None:
        def attempt(revision: int, count: int) -> None:
            seen = Preconditions(f'"{revision}"') if revision else Preconditions(if_none_match="*")
            body = ConfigBody(metadata={"count": count})
            self.keep(v1_service.put_config(self.store, "shared", body, seen, self.change)[0])

        self.counting(attempt)

    def count_by_patch(self) -> None:
        def attempt(revision: int, count: int) -> None:
            path = "/metadata/count"
            steps = [
                {"op": "test", "path": path, "value": count - 1},
                {"op": "replace", "path": path, "value": count},
            ]
            if not revision:
                self.count_locked()
                self.counted -= 1
                return
            patched = v1_service.patch_config(
                self.store, "shared", steps, Preconditions(), self.change, json_patch=True
            )
            self.keep(patched)

        self.counting(attempt)

    def count_in_transaction(self) -> None:
        def attempt(revision: int, count: int) -> None:
            shared = {"name": "shared", "if_revision": revision}
            self.together({"op": "put", **shared, "metadata": {"count": count}}, {"op": "check", **NOTHING})

        self.counting(attempt)

    def create(self) -> None:
        body = NewConfigBody(name=self.dice.choice(NAMES), metadata={"value": self.dice.randrange(3)})
        self.keep(v1_service.create_config(self.store, body, Preconditions(), self.change))

    def replace(self) -> None:
        name = self.dice.choice(NAMES)
        if current := self.store.get(name):
            self.keep(current)
            body, seen = (
                ConfigBody(metadata={"value": self.dice.randrange(3)}),
                Preconditions(f'"{current.revision}"'),
            )
            self.keep(v1_service.put_config(self.store, name, body, seen, self.change)[0])

    def patch(self) -> None:
        change = {"metadata": {"value": self.dice.randrange(3)}}
        name = self.dice.choice(NAMES)
        self.keep(
            v1_service.patch_config(self.store, name, change, Preconditions(), self.change, json_patch=False)
        )

    def delete(self) -> None:
        v1_service.delete_config(self.store, self.dice.choice(NAMES), Preconditions(), self.change)

    def change_together(self) -> None:
        value = {"value": self.dice.randrange(3)}
        self.together(*({"op": "put", "name": name, "metadata": value} for name in NAMES))

    def together(self, *operations: object) -> None:
        run_transaction(
            self.store, TransactionBody.model_validate({"operations": list(operations)}), self.change
        )


NOTHING = {"name": "never-there", "if_revision": 0}


def main() -> None:
    url, seed, writes = sys.argv[1:]
    chassis = Chassis(Settings(serve_port=0), name="config-service")
    # SQLite gives its lock to anyone, not to who waits longest.
    engine = create_engine(chassis, url, pool_size=THREADS, timeout=600)
    store = Store(engine)
    writers = [Writer(store, f"{seed}-{thread}") for thread in range(THREADS)]
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda writer: writer.run(int(writes)), writers))
    print(json.dumps([{"counted": w.counted, "given": w.given, "done": w.done} for w in writers]))  # noqa: T201
    engine.dispose()
    chassis.close()


if __name__ == "__main__":
    main()
