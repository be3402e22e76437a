"""`python -m embedded VERB`: what the Makefile calls."""

import argparse
import sys

from embedded import commands
from embedded.errors import one_line
from embedded.logs import follow
from embedded.settings import load_settings

INTERRUPTED = 130  # as a shell says it


def main() -> int:
    """Run one verb; whatever is wrong is said in one line."""
    arguments = parse()
    try:
        return one_line(lambda: run(arguments))
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:  # whoever read the output has seen enough
        sys.stderr.close()
        return 0


def parse() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="embedded")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb in ("up", "down", "status", "dev", "reset"):
        verbs.add_parser(verb)
    verbs.add_parser("logs").add_argument("service", nargs="?")
    verbs.add_parser("supervise").add_argument("writer", type=int)
    return parser.parse_args()


def run(arguments: argparse.Namespace) -> None:
    """Call what the verb stands for."""
    settings = load_settings()
    match arguments.verb:
        case "logs":
            follow(settings, arguments.service)
        case "supervise":
            from embedded.runners import supervise  # noqa: PLC0415 - the other verbs start in half the time

            supervise(settings, arguments.writer)
        case "dev":
            from embedded.runners import develop  # noqa: PLC0415 - see above

            develop(settings)
        case verb:
            getattr(commands, verb)(settings)


if __name__ == "__main__":
    sys.exit(main())
