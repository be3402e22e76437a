"""A process that writes to a store, beside others: `python writer.py URL SEED`; prints what it did."""

import json
import random
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from chassis import Chassis
from chassis.sql import create_engine
from config_service.documents import Change, decode
from config_service.settings import Settings
from config_service.store import Store
from config_service.transaction import Transaction

THREADS = 4
WRITES = 40
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


def write(store: Store, seed: str) -> int:
    dice, counted = random.Random(seed), 0  # noqa: S311 no secret
    for _ in range(WRITES):
        if dice.random() < 0.5:
            store.write(Change(seed), count_up)
            counted += 1
        else:
            store.write(Change(seed), lambda transaction: change_some(transaction, dice))
    return counted


def main() -> None:
    url, seed = sys.argv[1:]
    chassis = Chassis(Settings(serve_port=0), name="config-service")
    engine = create_engine(chassis, url, pool_size=THREADS, timeout=60)
    store = Store(engine, timeout=60)
    with ThreadPoolExecutor(THREADS) as pool:
        counts = list(pool.map(lambda thread: write(store, f"{seed}-{thread}"), range(THREADS)))
    print(json.dumps(sum(counts)))  # noqa: T201 the result
    engine.dispose()
    chassis.close()


if __name__ == "__main__":
    main()
