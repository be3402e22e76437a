import pytest
import werkzeug.routing
from werkzeug.routing import BuildError, Map

from chassis.flask._rule import Rule

PATHS = ["/", "/posts/<int:id>", "/a b/<path:rest>/<name>", "/tagged/<rule>/<self>"]
VALUES = [{}, {"id": 7}, {"rest": "ü/b", "name": "c d"}, {"rule": "1", "self": "2"}]


def adapter(rule_class):
    rules = [rule_class(path, endpoint=path) for path in PATHS]
    first = rule_class("/pages/", endpoint="page", defaults={"number": 1})
    return Map([*rules, first, rule_class("/pages/<int:number>", endpoint="page")]).bind("localhost", "/blog")


def build(rule_class, endpoint, **values):
    try:
        return adapter(rule_class).build(endpoint, values)
    except BuildError:
        return None


@pytest.mark.parametrize("more", [{}, {"q": "ä&b", "page": 2}])
@pytest.mark.parametrize("values", [*VALUES, {"number": 1}, {"number": 2}])
@pytest.mark.parametrize("endpoint", [*PATHS, "page", "nowhere"])
def test_urls_are_those_of_werkzeug(endpoint, values, more):
    expected = build(werkzeug.routing.Rule, endpoint, **values, **more)
    assert build(Rule, endpoint, **values, **more) == expected


def test_function_is_compiled_once_when_it_is_needed(monkeypatch):
    compiled = []
    plain = werkzeug.routing.Rule._compile_builder

    def compile_builder(rule, append_unknown=True):
        compiled.append(rule.rule)
        return plain(rule, append_unknown)

    monkeypatch.setattr(werkzeug.routing.Rule, "_compile_builder", compile_builder)
    urls = adapter(Rule)
    assert compiled == []
    assert [urls.build("/posts/<int:id>", {"id": number}) for number in (1, 2)] == [
        "/blog/posts/1",
        "/blog/posts/2",
    ]
    assert compiled == ["/posts/<int:id>"]
