"""What `configctl` prints."""

import json
import sys
from collections.abc import Iterable
from typing import Any

from config_client.models import Config


def print_written(output: str, config: Config) -> None:
    """Say what was written."""
    if output == "json":
        print_json(config.resource())
    else:
        print_line(f"{config.name} is at revision {config.revision}")


def print_rows(output: str, rows: Iterable[dict[str, Any]]) -> None:
    """Print rows as a table or as JSON."""
    if output == "json":
        print_json([{key: _plain(value) for key, value in row.items()} for row in rows])
        return
    table = [[str(value) for value in row.values()] for row in rows]
    widths = [max(map(len, column)) for column in zip(*table, strict=True)]
    for row in table:
        print_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def print_json(value: Any) -> None:
    """Print JSON for people and programs."""
    print_line(json.dumps(value, indent=2, ensure_ascii=False))


def print_line(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
