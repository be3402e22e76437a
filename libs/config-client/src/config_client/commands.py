"""The commands of `configctl`."""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import asdict
from pathlib import Path

from config_client.client import ConfigClient
from config_client.errors import UnavailableError
from config_client.output import print_json, print_line, print_rows, print_written, shown

ENVIRONMENT = os.environ  # noqa: TID251 a command's settings
CHUNK = 64 * 1024
STANDARD = Path("-")


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


def schema(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Show a JSON Schema, or what a revision made of it."""
    if arguments.revision:
        print_json(client.schema_revision(arguments.name, arguments.revision))
    else:
        print_json(client.schema(arguments.name))


def schema_history(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """List the changes of a JSON Schema."""
    print_rows(arguments.output, map(asdict, client.schema_history(arguments.name, limit=arguments.limit)))


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
    """Write everything to a file, which is replaced once all of it has come."""
    parts = shown("received", client.export_parts(_media_type(arguments.file)))
    if arguments.file == STANDARD:
        sys.stdout.buffer.writelines(parts)
        return
    part = arguments.file.with_name(f"{arguments.file.name}.part")
    try:
        with part.open("wb") as file:
            file.writelines(parts)
        part.replace(arguments.file)
    finally:
        part.unlink(missing_ok=True)


def import_file(client: ConfigClient, arguments: argparse.Namespace) -> None:
    """Write everything that is in a file."""
    with nullcontext(sys.stdin.buffer) if arguments.file == STANDARD else arguments.file.open("rb") as file:
        size = None if arguments.file == STANDARD else arguments.file.stat().st_size
        done = client.import_file(
            shown("sent", iter(lambda: file.read(CHUNK), b""), size, then="being written"),
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
