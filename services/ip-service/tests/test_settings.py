import pytest
from pydantic import ValidationError

from chassis import RateLimit, load_settings
from ip_service.settings import Settings


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("REDIS_URL", "http://localhost", "REDIS_URL: no URL such as redis://localhost:6379"),
        ("REDIS_URL", "redis://localhost:port", "REDIS_URL: no URL such as redis://localhost:6379"),
        ("RATE_LIMIT", "many", "RATE_LIMIT: 'many' is no rate limit such as 20/minute"),
        ("RATE_LIMIT", "0/minute", "RATE_LIMIT: '0/minute' is no rate limit"),
        ("RETENTION_DAYS", "0", "RETENTION_DAYS: "),
        ("RETENTION_DAYS", "nan", "RETENTION_DAYS: "),
        ("RETENTION_DAYS", "soon", "RETENTION_DAYS: "),
        ("ADMIN_SCOPE", "ip admin", "ADMIN_SCOPE: "),
        ("ADMIN_SCOPE", 'ip"admin', "ADMIN_SCOPE: "),
        ("ADMIN_TOKEN_FILE", "/nowhere/token", "ADMIN_TOKEN_FILE: cannot read the file"),
    ],
)
def test_wrong_value_ends_the_start_with_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], variable: str, value: str, said: str
):
    monkeypatch.setenv("SERVE_PORT", "0")
    monkeypatch.setenv(variable, value)
    with pytest.raises(SystemExit) as ended:
        load_settings(Settings)
    assert ended.value.code == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(said)


def test_limit_may_be_switched_off(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("SERVE_PORT", "0")
    monkeypatch.setenv("RATE_LIMIT", "off")
    assert load_settings(Settings).rate_limit is None


def test_limit_and_password_come_from_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path):
    secret = tmp_path / "password"
    secret.write_text("open sesame\n")
    monkeypatch.setenv("SERVE_PORT", "0")
    monkeypatch.setenv("RATE_LIMIT", "5 per 2 hours")
    monkeypatch.setenv("REDIS_PASSWORD_FILE", str(secret))
    settings = load_settings(Settings)
    assert settings.rate_limit == RateLimit(5, 7200)
    assert settings.redis_password is not None
    assert settings.redis_password.get_secret_value() == "open sesame"
    assert "sesame" not in repr(settings)


def test_settings_do_not_change():
    with pytest.raises(ValidationError):
        Settings(serve_port=0).redis_url = "redis://elsewhere"
