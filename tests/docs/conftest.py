"""What the documents show, one case a command, a link or a verb."""

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FENCE = re.compile(r"^( *)(```+)(\S*)\n(.*?)^\1\2 *$", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(`+)(.+?)\1", re.DOTALL)
LINK = re.compile(r"\]\(<?([^()\s>]+)>?(?: \"[^\"]*\")?\)|^\[[^\]]+\]: (\S+)", re.MULTILINE)
HEADING = re.compile(r"^#{1,6} +(.+?) *#*$", re.MULTILINE)


@dataclass(frozen=True)
class Document:
    """A Markdown file of the repository."""

    path: Path

    def __str__(self) -> str:
        return str(self.path.relative_to(ROOT))

    @property
    def text(self) -> str:
        return self.path.read_text()

    @property
    def prose(self) -> str:
        """The text without blocks of code."""
        return FENCE.sub("", self.text)

    def blocks(self, language: str) -> list[str]:
        """The blocks of code in a language."""
        return [found[4] for found in FENCE.finditer(self.text) if found[3] == language]

    def code(self) -> str:
        """All that is set as code."""
        blocks = [found[4] for found in FENCE.finditer(self.text)]
        return "\n".join(blocks + [found[2] for found in SPAN.finditer(self.prose)])

    def links(self) -> list[str]:
        """Where its links lead, but those out of the repository."""
        targets = ["".join(found) for found in LINK.findall(SPAN.sub("", self.prose))]
        return [target for target in targets if not re.match(r"[a-z]+:", target)]

    def anchors(self) -> set[str]:
        """The names of its headings, as GitHub makes them."""
        names: list[str] = []
        for heading in HEADING.findall(self.prose):
            plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
            name = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
            names.append(f"{name}-{names.count(name)}" if name in names else name)
        return set(names)


@dataclass(frozen=True)
class Command:
    """A command and what it is shown to answer; None: nothing is shown."""

    document: Document
    text: str
    answer: str | None

    def __str__(self) -> str:
        return f"{self.document}: {self.text}"


def find_documents() -> list[Document]:
    listing = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.md"]
    done = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True)  # noqa: S603 - constant words
    names = done.stdout.split()
    return [Document(ROOT / name) for name in sorted(set(names)) if (ROOT / name).exists()]


def find_commands(document: Document) -> Iterator[Command]:
    """Read the sessions at a terminal, and the rows of tables that show a call and its answer."""
    for block in document.blocks("console"):
        for entry in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            text, _, answer = re.sub(r"\\\n>? *", "", entry).partition("\n")
            yield Command(document, text, answer.strip() or None)
    for text, answer in re.findall(r"\| `(curl [^`]+)` \| `([^`]+)` \|", document.prose):
        yield Command(document, text, answer)


README = ROOT / "README.md"
STREAM = re.compile(r"curl .*-s?N ")  # never ends
DOCUMENTS = find_documents()
COMMANDS = [command for document in DOCUMENTS for command in find_commands(document)]
CALLS = [
    command
    for command in COMMANDS
    if re.search(r"curl .*localhost:8080/", command.text)
    and not STREAM.search(command.text)
    and command.document.path != README
]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for name, cases in (("document", DOCUMENTS), ("call", CALLS)):
        if name in metafunc.fixturenames:
            metafunc.parametrize(name, cases, ids=str)


@pytest.fixture(scope="session")
def readme() -> list[Command]:
    """The commands of the first page, from top to bottom."""
    return [command for command in COMMANDS if command.document.path == README]
