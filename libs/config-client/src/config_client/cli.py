"""`configctl`: the config-service at the command line."""

import argparse
import sys
from pathlib import Path
from typing import Any

from config_client import commands
from config_client.client import ConfigClient
from config_client.commands import ENVIRONMENT
from config_client.errors import (
    ConfigError,
    ConflictError,
    InvalidError,
    NotAllowedError,
    NotFoundError,
    UnavailableError,
)

EXIT_CODES: dict[type[ConfigError], int] = {
    NotFoundError: 3,
    ConflictError: 4,
    InvalidError: 5,
    NotAllowedError: 6,
    UnavailableError: 7,
}
EPILOG = """CONFIG_URL and CONFIG_TOKEN stand for --url and the token.
Exit codes: 0 done, 1 failed, 2 wrong usage, 3 not found, 4 conflict, 5 invalid, 6 not allowed,
7 the service is away."""


Option = tuple[str, dict[str, Any]]

NAME: Option = ("name", {})
PREFIX: Option = ("--prefix", {"default": ""})
SCHEMA: Option = ("--schema", {})
REVISION: Option = ("revision", {"type": int})
OF_REVISION: Option = ("--revision", {"type": int, "help": "what it made"})
REASON: Option = ("--reason", {"help": "why it is changed; kept in the history"})
IF_REVISION: Option = ("--if-revision", {"type": int, "help": "what the document must be at; 0: absent"})
FILE: Option = ("file", {"type": Path, "help": "*.json, *.yaml or - (JSON)"})
METADATA: Option = (
    "file",
    {"type": argparse.FileType(encoding="utf-8"), "help": "the metadata; - is standard input"},
)
WHERE: Option = ("--where", {"action": "append", "default": [], "metavar": "PATH=VALUE"})
ONLY_METADATA: Option = ("--metadata", {"action": "store_true", "help": "only that"})
REPLACE: Option = ("--replace", {"action": "store_true", "help": "remove what is not in the file"})
LIMIT: Option = ("--limit", {"type": int, "default": 100})
NEW: Option = ("new", {"type": int, "nargs": "?"})

COMMANDS: dict[str, tuple[Any, tuple[Option, ...]]] = {
    "get": (commands.get, (NAME, OF_REVISION, ONLY_METADATA)),
    "list": (commands.find, (PREFIX, SCHEMA, WHERE)),
    "set": (commands.put, (NAME, METADATA, SCHEMA, IF_REVISION, REASON)),
    "edit": (commands.edit, (NAME, REASON)),
    "delete": (commands.delete, (NAME, IF_REVISION, REASON)),
    "history": (commands.history, (NAME, LIMIT)),
    "schema": (commands.schema, (NAME, OF_REVISION)),
    "schema-history": (commands.schema_history, (NAME, LIMIT)),
    "diff": (commands.diff, (NAME, ("old", {"type": int}), NEW)),
    "rollback": (commands.roll_back, (NAME, REVISION, IF_REVISION, REASON)),
    "watch": (commands.watch, (PREFIX, ("--since", {"default": ""}))),
    "export": (commands.export, (FILE,)),
    "import": (commands.import_file, (FILE, REPLACE, ("--dry-run", {"action": "store_true"}), REASON)),
}


def main() -> None:
    """Run one command and end with its exit code."""
    arguments = _parser().parse_args()
    try:
        with ConfigClient(arguments.url, token=_token(arguments)) as client:
            arguments.run(client, arguments)
    except ConfigError as exc:
        _complain(str(exc), *(f"  {error.get('pointer')}: {error.get('detail')}" for error in exc.errors))
        sys.exit(EXIT_CODES.get(type(exc), 1))
    except (OSError, ValueError) as exc:
        _complain(str(exc))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        "configctl", description=__doc__, epilog=EPILOG, formatter_class=formatter
    )
    url = ENVIRONMENT.get("CONFIG_URL", "http://localhost:8080/config")
    parser.add_argument("--url", default=url, help="of the service (%(default)s)")
    parser.add_argument("--token-file", type=Path, help="file that holds the token")
    parser.add_argument("--output", "-o", choices=("table", "json"), default="table")
    words = parser.add_subparsers(required=True, metavar="COMMAND")
    for word, (run, options) in COMMANDS.items():
        command = words.add_parser(word, help=run.__doc__, description=run.__doc__)
        command.set_defaults(run=run)
        for option, settings in options:
            command.add_argument(option, **settings)
    return parser


def _token(arguments: argparse.Namespace) -> str | None:
    if arguments.token_file:
        return str(arguments.token_file.read_text("utf-8").strip())
    return ENVIRONMENT.get("CONFIG_TOKEN")


def _complain(*lines: str) -> None:
    sys.stderr.write("configctl: " + "\n".join(lines) + "\n")
