"""Bearer tokens: who may write, who may read, and which documents."""

import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import blake2b
from typing import Self

from chassis import Forbidden, Unauthorized
from config_service.schemas import NAME_CHARACTERS

CHALLENGE = 'Bearer realm="config-service"'


@dataclass(frozen=True, slots=True)
class Token:
    """A token without its text.

    Attributes:
        name: of who bears it; the author of what is written with it.
        digest: of its text.
        writes: whether it may write.
        prefix: what the names of its documents begin with.
    """

    name: str
    digest: bytes
    writes: bool
    prefix: str

    @classmethod
    def parse(cls, line: str) -> Self:
        """Read a line `<name> <token> <read|write> [prefix]`.

        Raises:
            ValueError: it is none; the message leaves the token out.
        """
        words = line.split()
        if len(words) not in (3, 4) or words[2] not in ("read", "write"):
            raise ValueError("a line must be <name> <token> <read|write> [prefix]")
        prefix = words[3] if len(words) == 4 else ""
        if not NAME_CHARACTERS.issuperset(prefix):
            raise ValueError("a prefix has only the characters of a name")
        if len(words[0]) > 128:
            raise ValueError("a name has at most 128 characters")
        return cls(words[0], _digest(words[1]), words[2] == "write", prefix)


class Access:
    """Decides what a request may do.

    Args:
        tokens: that are known; none: everybody may do everything.
        read_auth: whether reading needs a token as well.
    """

    def __init__(self, tokens: Iterable[Token], *, read_auth: bool) -> None:
        self._tokens = tuple(tokens)
        self._read_auth = read_auth

    @property
    def open(self) -> bool:
        """Whether everybody may do everything."""
        return not self._tokens

    def knows(self, text: str) -> bool:
        """Whether there is such a token."""
        digest = _digest(text)
        return any(hmac.compare_digest(token.digest, digest) for token in self._tokens)

    def writer(self, text: str | None) -> Token | None:
        """Return whose token it is; None where none is needed.

        Args:
            text: of the token, None without one.

        Raises:
            Unauthorized: the token is missing or unknown.
            Forbidden: it may only read.
        """
        if self.open:
            return None
        token = self._identify(text)
        if not token.writes:
            raise Forbidden("This token may only read.")
        return token

    def check_reader(self, text: str | None, names: str | None) -> None:
        """Refuse to read what a token is not for.

        Args:
            text: of the token, None without one.
            names: the name that is read, or the prefix of all that are; None for what every token may read.

        Raises:
            Unauthorized: the token is missing, or unknown.
            Forbidden: it is for other documents.
        """
        if self.open or not self._read_auth:
            return
        token = self._identify(text)
        if names is not None and not names.startswith(token.prefix):
            raise Forbidden(f"This token reads only documents whose names begin with {token.prefix}.")

    def _identify(self, text: str | None) -> Token:
        if text is None:
            raise Unauthorized("This needs a bearer token.", headers={"WWW-Authenticate": CHALLENGE})
        digest = _digest(text)
        found = [token for token in self._tokens if hmac.compare_digest(token.digest, digest)]
        if not found:
            challenge = f'{CHALLENGE}, error="invalid_token"'
            raise Unauthorized("This token is unknown.", headers={"WWW-Authenticate": challenge})
        return found[0]


def parse_tokens(text: str) -> tuple[Token, ...]:
    """Read tokens, one a line; empty lines and lines that begin with # are skipped.

    Raises:
        ValueError: a line is none, or a token is there twice; the message leaves tokens out.
    """
    tokens = []
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                tokens.append(Token.parse(line))
            except ValueError as exc:
                raise ValueError(f"line {number}: {exc}") from exc
    if len({token.digest for token in tokens}) < len(tokens):
        raise ValueError("a token is there twice")
    return tuple(tokens)


def bearer(authorization: str | None) -> str | None:
    """Return the token of an Authorization header (RFC 6750 §2.1); None without one."""
    scheme, _, token = (authorization or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None


def _digest(text: str) -> bytes:
    return blake2b(text.encode("utf-8", "surrogateescape"), digest_size=32).digest()
