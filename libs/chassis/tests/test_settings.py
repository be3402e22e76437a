import socket
import subprocess
import sys
from ipaddress import ip_network

import pytest
from pydantic import SecretStr, ValidationError

from chassis import ServiceSettings, load_settings


class Settings(ServiceSettings):
    """A service with a secret."""

    database_password: SecretStr | None = None
    api_key: SecretStr | None = None
    limit: int = 5


@pytest.fixture
def env(monkeypatch):
    """An environment of nothing but what is given."""

    def set_all(**variables):
        for name, value in {"SERVE_PORT": "8000", **variables}.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)

    return set_all


def refusal(capsys):
    with pytest.raises(SystemExit) as stop:
        load_settings(Settings)
    assert stop.value.code == 1
    out, err = capsys.readouterr()
    assert out == ""
    return err


def test_defaults_are_those_of_the_contract(env):
    env()
    settings = load_settings(Settings)
    assert (settings.serve_host, settings.root_path, settings.drain_seconds) == ("0.0.0.0", "", 5)
    assert (settings.log_level, settings.log_format, settings.metrics_port) == ("info", "json", None)
    assert settings.trusted_proxies == (ip_network("127.0.0.0/8"), ip_network("::1"))
    assert settings.forwarded_header == "x-forwarded-for"
    assert settings.otlp_traces_url is None
    assert settings.otel_traces_sampler == "parentbased_always_on"


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"AUTH_ISSUER": "https://a.example"}, "AUTH_AUDIENCE: must be set, since AUTH_ISSUER is"),
        ({"AUTH_ISSUER": "https://a.example", "AUTH_AUDIENCE": " , "}, "AUTH_AUDIENCE: must be set"),
        ({"AUTH_AUDIENCE": "me"}, "AUTH_AUDIENCE: is of no use without AUTH_ISSUER"),
        *(
            ({"AUTH_ISSUER": issuer, "AUTH_AUDIENCE": "me"}, "AUTH_ISSUER: no https URL such as https://")
            for issuer in (
                "http://login.example",
                "http://127.0.0.1.example",
                "login.example",
                "https://",
                "https://me:secret@login.example",
                "https://login.example/?realm=main",
                "https://login.example/#main",
                "https://login.example:port",
                "https://login.example/a b",
                "ftp://login.example",
                "https://[::1",
            )
        ),
    ],
)
def test_half_or_unsafe_authentication_is_refused(env, capsys, variables, said):
    env(**variables)
    (line,) = refusal(capsys).splitlines()
    assert line.startswith(said)
    assert "secret" not in line


@pytest.mark.parametrize(
    "issuer",
    ["https://login.example/realms/main", "http://127.0.0.1:8080/", "http://[::1]:8080", "http://localhost"],
)
def test_issuer_is_safe_to_ask(env, issuer):
    env(AUTH_ISSUER=issuer, AUTH_AUDIENCE="me, my-program")
    settings = load_settings(Settings)
    assert (settings.auth_issuer, settings.auth_audience) == (issuer, ("me", "my-program"))


def test_issuer_of_a_service_that_cannot_check_tokens_is_refused(env, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "Crypto", None)
    env(AUTH_ISSUER="https://login.example", AUTH_AUDIENCE="me")
    assert refusal(capsys) == (
        "AUTH_ISSUER: this service cannot check tokens; it is installed without chassis[auth]\n"
    )


def test_settings_do_not_change(env):
    env()
    with pytest.raises(ValidationError):
        load_settings(Settings).serve_port = 1


def test_missing_port_is_said_in_these_words(env, capsys):
    env(SERVE_PORT=None)
    assert refusal(capsys) == "SERVE_PORT must be set\n"


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SERVE_PORT", "http"),
        ("SERVE_PORT", "65536"),
        ("SERVE_PORT", "-1"),
        ("ROOT_PATH", "ip"),
        ("ROOT_PATH", "/a b"),
        ("ROOT_PATH", "/a//b"),
        ("ROOT_PATH", "/a?b"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("TRUSTED_PROXIES", "10.0.0.0/8, proxy.internal"),
        ("FORWARDED_HEADER", "x-real-ip"),
        ("LOG_LEVEL", "loud"),
        ("LOG_FORMAT", "xml"),
        ("METRICS_PORT", "none"),
        ("DRAIN_SECONDS", "soon"),
        ("DRAIN_SECONDS", "-1"),
        ("DRAIN_SECONDS", "nan"),
        ("DRAIN_SECONDS", "inf"),
        ("WEB_CONCURRENCY", "0"),
        ("LIMIT", "five"),
        ("OTEL_SDK_DISABLED", "perhaps"),
        ("OTEL_TRACES_EXPORTER", "zipkin"),
        ("OTEL_TRACES_SAMPLER", "sometimes"),
        ("OTEL_TRACES_SAMPLER_ARG", "2"),
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector"),
        ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "ftp://collector"),
        ("OTEL_EXPORTER_OTLP_TIMEOUT", "long"),
        ("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", "long"),
        ("OTEL_EXPORTER_OTLP_COMPRESSION", "zip"),
        ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "zip"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"),
        ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "grpc"),
        ("OTEL_BSP_SCHEDULE_DELAY", "0"),
        ("OTEL_BSP_MAX_QUEUE_SIZE", "0"),
        ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "x"),
        ("DATABASE_PASSWORD_FILE", "/nonexistent/secret"),
        ("API_KEY_FILE", "/"),
    ],
)
def test_wrong_value_is_one_line_that_names_the_variable(env, capsys, variable, value):
    env(**{variable: value})
    said = refusal(capsys)
    assert said.startswith(f"{variable}: ")
    assert said.count("\n") == 1


def test_each_wrong_variable_has_its_line(env, capsys):
    env(SERVE_PORT=None, LOG_LEVEL="loud", LIMIT="five")
    assert [line.partition(":")[0] for line in refusal(capsys).splitlines()] == [
        "SERVE_PORT must be set",
        "LOG_LEVEL",
        "LIMIT",
    ]


def test_empty_variable_counts_as_none(env):
    env(METRICS_PORT="", TRUSTED_PROXIES="", LOG_LEVEL="", DATABASE_PASSWORD="", DATABASE_PASSWORD_FILE="")
    settings = load_settings(Settings)
    assert (settings.metrics_port, settings.log_level, settings.database_password) == (None, "info", None)


def test_networks_are_read_as_a_list(env):
    env(TRUSTED_PROXIES=" 10.1.2.3/8 ,192.0.2.1,2001:db8::/32,")
    networks = [str(network) for network in load_settings(Settings).trusted_proxies]
    assert networks == ["10.0.0.0/8", "192.0.2.1/32", "2001:db8::/32"]


def test_names_of_choices_may_be_in_capitals(env):
    env(LOG_LEVEL="WARNING", LOG_FORMAT="JSON", FORWARDED_HEADER="X-Forwarded-For")
    settings = load_settings(Settings)
    assert (settings.log_level, settings.log_format) == ("warning", "json")
    assert settings.forwarded_header == "x-forwarded-for"


@pytest.mark.parametrize(("given", "kept"), [("/ip", "/ip"), ("/ip/", "/ip"), ("/", ""), ("/a/b", "/a/b")])
def test_root_path_ends_without_a_slash(env, given, kept):
    env(ROOT_PATH=given)
    assert load_settings(Settings).root_path == kept


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_secret_comes_from_a_file(env, tmp_path, end):
    path = tmp_path / "password"
    path.write_bytes(f" pass wörd {end}".encode())
    env(DATABASE_PASSWORD_FILE=str(path))
    assert load_settings(Settings).database_password.get_secret_value() == " pass wörd "


def test_variable_wins_over_its_file(env, tmp_path):
    path = tmp_path / "password"
    path.write_text("from-file")
    env(DATABASE_PASSWORD_FILE=str(path), DATABASE_PASSWORD="from-variable")
    assert load_settings(Settings).database_password.get_secret_value() == "from-variable"


def test_file_that_is_no_text_is_refused(env, capsys, tmp_path):
    path = tmp_path / "password"
    path.write_bytes(b"\xff\xfe")
    env(DATABASE_PASSWORD_FILE=str(path))
    assert refusal(capsys) == "DATABASE_PASSWORD_FILE: cannot read the file: not UTF-8 text\n"


def test_file_variable_of_an_open_setting_means_nothing(env, tmp_path):
    env(LIMIT_FILE=str(tmp_path / "nothing"))
    assert load_settings(Settings).limit == 5


def test_secrets_do_not_show(env, capsys):
    env(DATABASE_PASSWORD="hunter2")
    assert "hunter2" not in repr(load_settings(Settings))
    env(LIMIT="hunter2")
    assert "hunter2" not in refusal(capsys)


def test_traces_endpoint_is_used_as_it_is_and_the_base_gets_a_path():
    base = Settings(serve_port=0, otel_exporter_otlp_endpoint="http://collector:4318/base/")
    assert base.otlp_traces_url == "http://collector:4318/base/v1/traces"
    own = Settings(serve_port=0, otel_exporter_otlp_traces_endpoint="http://collector:4318/own")
    assert own.otlp_traces_url == "http://collector:4318/own"


@pytest.fixture(params=["sample_asgi", "sample_wsgi"])
def run(request, programs):
    """Runs a sample that is expected to end by itself, and gives its exit code and stderr."""

    def run(**variables):
        env = {"PYTHONPATH": str(programs), "SERVE_HOST": "127.0.0.1", "SERVE_PORT": "0", **variables}
        done = subprocess.run(  # noqa: S603
            [sys.executable, "-m", request.param], env=env, capture_output=True, text=True, timeout=20
        )
        return done.returncode, done.stderr + done.stdout

    return run


@pytest.fixture
def busy_port():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        yield str(taken.getsockname()[1])


def test_service_without_a_port_ends_with_one_line(run):
    assert run(SERVE_PORT="") == (1, "SERVE_PORT must be set\n")


@pytest.mark.parametrize("variable", ["SERVE_PORT", "METRICS_PORT"])
def test_busy_port_ends_with_one_line(run, variable, busy_port):
    code, said = run(**{variable: busy_port})
    assert (code, said) == (
        1,
        f"{variable}: cannot listen on 127.0.0.1 port {busy_port}: Address already in use\n",
    )


def test_unknown_address_ends_with_one_line(run):
    code, said = run(SERVE_HOST="host.invalid")
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("SERVE_HOST: cannot listen on host.invalid port 0: ")


def test_wrong_setting_ends_with_one_line(run):
    code, said = run(TRUSTED_PROXIES="everyone")
    assert (code, said) == (1, "TRUSTED_PROXIES: 'everyone' is no network such as 10.0.0.0/8\n")


def test_unreadable_secret_ends_with_one_line(run):
    code, said = run(SAMPLE_SECRET_FILE="/nonexistent")
    assert (code, said) == (1, "SAMPLE_SECRET_FILE: cannot read the file: No such file or directory\n")


def test_wrong_exporter_setting_ends_with_one_line(run):
    code, said = run(OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:1", OTEL_EXPORTER_OTLP_TIMEOUT="long")
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("OTEL_EXPORTER_OTLP_TIMEOUT: ")
