import pytest

from chassis import load_settings
from shout_service.settings import Settings


def test_defaults_are_those_of_the_contract(monkeypatch):
    monkeypatch.setenv("SERVE_PORT", "8080")
    settings = load_settings(Settings)
    assert str(settings.shoutcloud_url) == "http://api.shoutcloud.io/V1/SHOUT"
    assert (settings.shout_deadline, settings.shout_fallback) == (3, True)


@pytest.mark.parametrize(("value", "is_on"), [("on", True), ("off", False)])
def test_fallback_is_on_or_off(monkeypatch, value, is_on):
    monkeypatch.setenv("SERVE_PORT", "8080")
    monkeypatch.setenv("SHOUT_FALLBACK", value)
    assert load_settings(Settings).shout_fallback is is_on


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SHOUTCLOUD_URL", "shoutcloud"),
        ("SHOUTCLOUD_URL", "ftp://x/y"),
        ("SHOUT_DEADLINE", "0"),
        ("SHOUT_DEADLINE", "nan"),
        ("SHOUT_FALLBACK", "maybe"),
        ("SHOUT_CACHE_BYTES", "-1"),
        ("SHOUT_CACHE_TTL", "soon"),
        ("SHOUT_CONCURRENCY", "0"),
        ("SHOUT_QUEUE_SECONDS", "-1"),
        ("SHOUT_SLOW_CALL", "0"),
        ("SHOUT_BREAKER_SECONDS", "inf"),
    ],
)
def test_wrong_value_ends_the_start_with_one_line(monkeypatch, capsys, name, value):
    monkeypatch.setenv("SERVE_PORT", "8080")
    monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as caught:
        load_settings(Settings)
    assert caught.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{name}: ")
