"""Unicode's simple uppercase mapping: one code point to one code point."""


def shout(text: str) -> str:
    """Uppercase a text as SHOUTCLOUD does: `ß` stays, `ᾳ` becomes `ᾼ` (UnicodeData.txt, field 12)."""
    upper = text.upper()
    if len(upper) == len(text):  # the full mapping only ever lengthens, so nothing was special here
        return upper
    return "".join(map(_shout_one, text))


def _shout_one(character: str) -> str:
    candidates = (character.upper(), character.title(), character)
    return next(candidate for candidate in candidates if len(candidate) == 1)
