"""What `configctl` prints."""

import json
import sys
from collections.abc import Iterable, Iterator
from itertools import islice, zip_longest
from textwrap import indent
from typing import Any

from config_client.models import Config

ROWS = 1000  # that are as wide as the widest of them


def print_written(output: str, config: Config) -> None:
    """Say what was written."""
    if output == "json":
        print_json(config.resource())
    else:
        print_line(f"{config.name} is at revision {config.revision}")


def print_rows(output: str, rows: Iterable[dict[str, Any]]) -> None:
    """Print rows as a table or as JSON, as they come."""
    if output == "json":
        _print_array({key: _plain(value) for key, value in row.items()} for row in rows)
        return
    widths: list[int] = []
    rest = ([str(value) for value in row.values()] for row in rows)
    while table := list(islice(rest, ROWS)):
        columns = zip(*table, strict=True)
        longest = [max(map(len, column)) for column in columns]
        widths = [max(pair) for pair in zip_longest(widths, longest, fillvalue=0)]
        for row in table:
            print_line("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _print_array(items: Iterable[Any]) -> None:
    separator = "["
    for item in items:
        sys.stdout.write(f"{separator}\n{indent(json.dumps(item, indent=2, ensure_ascii=False), '  ')}")
        separator = ","
    print_line("\n]" if separator == "," else "[]")


def shown(
    word: str, parts: Iterable[bytes], size: int | None = None, *, then: str = "done"
) -> Iterator[bytes]:
    """Pass parts on, and tell a person how far it is."""
    done, visible = 0, sys.stderr.isatty()
    for part in parts:
        yield part
        done += len(part)
        if visible:
            share = f"{100 * done // size} %" if size else f"{done / 1e6:.1f} MB"
            sys.stderr.write(f"\r{word} {share}")
            sys.stderr.flush()
    if visible:
        sys.stderr.write(f"\r{word} {done / 1e6:.1f} MB; {then}\n")


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else value


def print_json(value: Any) -> None:
    """Print JSON for people and programs."""
    print_line(json.dumps(value, indent=2, ensure_ascii=False))


def print_line(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()
