"""A process that writes to a store, beside others: `python writer.py URL SEED WRITES`; prints what it did."""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chassis import Chassis, PreconditionFailed
from chassis.sql import create_engine
from config_service.documents import Change, decode
from config_service.settings import Settings
from config_service.store import Store
from config_service.transaction import Transaction
from config_service.transactions import run_transaction
from config_service.v1_schemas import ConfigBody, TransactionBody
from config_service.v1_service import Preconditions, put_config

THREADS = 4
NAMES = ["shared", "a", "b"]


def count_up(transaction: Transaction) -> None:
    current = transaction.get("shared")
    if current is None:
        transaction.create("shared", None, {"count": 1})
    else:
        transaction.update(current, None, {"count": decode(current.metadata)["count"] + 1})


def change_some(transaction: Transaction, dice: random.Random) -> None:
    name = dice.choice(["a", "b"])
    current = transaction.get(name)
    content: dict[str, Any] = {"value": dice.randrange(2)}
    if current is None:
        transaction.create(name, None, content)
    elif dice.random() < 0.3:
        transaction.delete(current)
    else:
        transaction.update(current, None, content)


def count_up_unlocked(store: Store, change: Change) -> None:
    """Read, add one, write with If-Match, and again when someone was quicker."""
    while True:
        current = store.get("shared")
        count = decode(current.metadata)["count"] if current else 0
        seen = (
            Preconditions(if_match=f'"{current.revision}"') if current else Preconditions(if_none_match="*")
        )
        try:
            put_config(store, "shared", ConfigBody(metadata={"count": count + 1}), seen, change)
        except PreconditionFailed:
            continue
        return


def change_together(store: Store, change: Change, dice: random.Random) -> None:
    value = dice.randrange(3)
    operations = [{"op": "put", "name": name, "metadata": {"value": value}} for name in ("a", "b")]
    run_transaction(store, TransactionBody.model_validate({"operations": operations}), change)


def write(store: Store, seed: str, writes: int) -> int:
    dice, counted, change = random.Random(seed), 0, Change(seed)  # noqa: S311 no secret
    for _ in range(writes):
        kind = dice.random()
        if kind < 0.5:
            counted += 1
            if kind < 0.25:
                store.write(change, count_up)
            else:
                count_up_unlocked(store, change)
        elif kind < 0.6:
            change_together(store, change, dice)
        else:
            store.write(change, lambda transaction: change_some(transaction, dice))
    return counted


def main() -> None:
    url, seed, writes = sys.argv[1:]
    chassis = Chassis(Settings(serve_port=0), name="config-service")
    engine = create_engine(chassis, url, pool_size=THREADS, timeout=60)
    store = Store(engine, timeout=600)  # SQLite gives its lock to anyone, not to who waits longest
    with ThreadPoolExecutor(THREADS) as pool:
        counts = list(pool.map(lambda thread: write(store, f"{seed}-{thread}", int(writes)), range(THREADS)))
    print(json.dumps(sum(counts)))  # noqa: T201 the result
    engine.dispose()
    chassis.close()


if __name__ == "__main__":
    main()
