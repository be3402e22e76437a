"""What the verbs of the Makefile do."""

import shutil
import sys

from embedded import stack
from embedded.errors import Failure
from embedded.folder import Folder
from embedded.manifest import find_services
from embedded.settings import Settings
from embedded.table import show


def up(settings: Settings) -> None:
    """Start everything in the background, unless it runs, and show the table."""
    folder = Folder(settings.data)
    folder.create()
    with folder.exclusive("command"):
        if not stack.find(settings):
            say_cleared(stack.clear(folder))
            stack.launch(settings)
    state = stack.find(settings)
    if state and not show(state):
        raise Failure("not everything is ready; make logs says more")


def say_cleared(count: int) -> None:
    """Mention what a killed run had left."""
    if count:
        print(f"ended {count} processes of a run that was killed")


def down(settings: Settings) -> None:
    """Stop everything; the data stay."""
    folder = Folder(settings.data)
    if not folder.run.is_dir():
        print("nothing runs")
        return
    with folder.exclusive("command"):
        state = stack.find(settings)
        if state:
            stack.halt(state, folder)
        cleared = stack.clear(folder)
    say_cleared(cleared)
    print("stopped" if state or cleared else "nothing runs")


def status(settings: Settings) -> None:
    """Show the table."""
    state = stack.find(settings)
    if state:
        show(state)
    elif left := stack.leftovers(Folder(settings.data)):
        print(f"a run was killed and left {len(left)} processes; make up starts afresh, make down ends them")
    else:
        print("nothing runs; make up starts it")


def reset(settings: Settings) -> None:
    """Remove all data, after asking."""
    folder = Folder(settings.data)
    if not folder.run.is_dir():
        print("there are no data")
        return
    with folder.exclusive("command"):
        if stack.find(settings):
            raise Failure("the services are running; make down first")
        stack.clear(folder)
        if not (settings.confirmed or confirm(folder)):
            raise Failure("nothing was removed")
        remove(settings, folder)
    print("all data removed")


def confirm(folder: Folder) -> bool:
    """Ask the person at the terminal."""
    if not sys.stdin.isatty():
        raise Failure("make reset asks first and there is no terminal; CONFIRM=yes removes without asking")
    return input(f"remove all data in {folder.path}? [y/N] ").strip().lower() in {"y", "yes"}


def remove(settings: Settings, folder: Folder) -> None:
    """Remove what the stack has made, and nothing else that may be in the folder."""
    programs = [manifest.name for manifest in find_services(settings.root)]
    for name in (*programs, "valkey", "gateway", "logs", "secrets", "run"):
        shutil.rmtree(folder.path / name, ignore_errors=True)
    if not any(folder.path.iterdir()):
        folder.path.rmdir()
