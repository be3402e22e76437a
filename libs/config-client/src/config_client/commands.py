"""The commands of `configctl`."""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

from config_client.client import ConfigClient
from config_client.errors import UnavailableError
from config_client.output import print_json, print_line, print_rows, print_written

ENVIRONMENT = os.environ  # noqa: TID251 a command's settings
CHUNK = 64 * 1024


def get(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Show a document, or what a revision made of it."""
    if arguments.revision:
        print_json(client.revision(arguments.name, arguments.revision))
        return
    config = client.get(arguments.name)
    if config.stale:
        raise UnavailableError("The service does not answer.")
    print_json(config.metadata if arguments.metadata else config.resource())


def find(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """List documents."""
    where = dict(word.split("=", 1) for word in arguments.where)
    rows = (
        {"name": c.name, "schema": c.schema or "", "revision": c.revision, "modified_at": c.modified_at}
        for c in client.find(arguments.prefix, schema=arguments.schema, where=where)
    )
    print_rows(arguments.output, rows)


def put(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Replace a document, or add it."""
    metadata = json.loads(arguments.file.read())
    config = client.put(
        arguments.name,
        metadata,
        schema=arguments.schema,
        if_revision=arguments.if_revision,
        reason=arguments.reason,
    )
    print_written(arguments.output, config)


def edit(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Change a document in $EDITOR; refused when someone else has changed it meanwhile."""
    before = client.get(arguments.name)
    text = _edited(json.dumps(before.metadata, indent=2, ensure_ascii=False) + "\n")
    config = client.put(
        arguments.name,
        json.loads(text),
        schema=before.schema,
        if_revision=before.revision,
        reason=arguments.reason,
    )
    print_written(arguments.output, config)


def delete(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Remove a document."""
    client.delete(arguments.name, if_revision=arguments.if_revision, reason=arguments.reason)


def history(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """List the changes of a document."""
    print_rows(arguments.output, map(asdict, client.history(arguments.name, limit=arguments.limit)))


def diff(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Show the JSON Patch between two revisions."""
    print_json(client.diff(arguments.name, arguments.old, arguments.new))


def roll_back(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Go back to a revision."""
    config = client.rollback(
        arguments.name, arguments.revision, if_revision=arguments.if_revision, reason=arguments.reason
    )
    print_written(arguments.output, config)


def watch(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Print changes as they happen, until interrupted."""
    for event in client.watch(arguments.prefix, since=arguments.since):
        content = event.config.resource() if event.config else None
        row = {"id": event.id, "kind": event.kind, "name": event.name}
        print_line(
            json.dumps(row | {"config": content}) if arguments.output == "json" else "\t".join(row.values())
        )


def export(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Write everything to a file."""
    content = client.export(_media_type(arguments.file))
    if arguments.file == Path("-"):
        sys.stdout.buffer.write(content)
    else:
        arguments.file.write_bytes(content)


def import_file(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Write everything that is in a file."""
    content = sys.stdin.buffer.read() if arguments.file == Path("-") else arguments.file.read_bytes()
    done = client.import_file(
        _shown(content),
        media_type=_media_type(arguments.file),
        replace=arguments.replace,
        dry_run=arguments.dry_run,
        reason=arguments.reason,
    )
    if arguments.output == "json":
        print_json(done)
        return
    for part in ("schemas", "configs"):
        counts = {key: len(done[part][key]) for key in ("created", "updated", "deleted")}
        counts["unchanged"] = done[part]["unchanged"]
        print_line(f"{part}: " + ", ".join(f"{count} {word}" for word, count in counts.items()))
    print_line(
        f"revision: {done['revision']}" + (" (dry run, nothing was written)" if done["dry_run"] else "")
    )


def _media_type(file: Path) -> str:
    return "application/yaml" if file.suffix in (".yaml", ".yml") else "application/json"


def _edited(text: str) -> str:
    editor = shlex.split(ENVIRONMENT.get("VISUAL") or ENVIRONMENT.get("EDITOR") or "vi")
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "metadata.json"
        file.write_text(text, "utf-8")
        subprocess.run([*editor, file], check=True)  # noqa: S603 the person's own editor
        return file.read_text("utf-8")


def _shown(content: bytes) -> Iterator[bytes]:
    """Send a file in parts, and tell a person how far it is."""
    for start in range(0, len(content), CHUNK):
        if sys.stderr.isatty():
            sys.stderr.write(f"\rsent {100 * start // len(content)} %")
        yield content[start : start + CHUNK]
    if sys.stderr.isatty():
        sys.stderr.write("\rsent 100 %; being written\n")
