"""Rules that learn to make a URL when the first one is asked for."""

from __future__ import annotations

from collections.abc import Callable

import werkzeug.routing


class Rule(werkzeug.routing.Rule):
    """Werkzeug's rule, which compiles two functions that make URLs, but only those that are called.

    For all rules of an application it takes more time than all else that makes the application.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        name = "_build_unknown" if append_unknown else "_build"
        compile_now = super()._compile_builder

        def build(rule: Rule, /, **values: object) -> tuple[str, str]:
            compiled = compile_now(append_unknown).__get__(rule)
            setattr(rule, name, compiled)  # from now on it is called itself
            made: tuple[str, str] = compiled(**values)
            return made

        return build
