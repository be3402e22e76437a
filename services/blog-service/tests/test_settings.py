"""Settings: the MYSQL_* variables, DATABASE_URL, files, and what is required."""

import subprocess
import sys

import pytest
from pydantic import ValidationError

from blog_service.settings import MigrationSettings, Settings
from chassis import load_settings

GOOD = {"SERVE_PORT": "8000", "DATABASE_URL": "sqlite:///x.sqlite", "FLASK_APP_SECRET_KEY": "key of a test"}
MYSQL = {
    "MYSQL_HOSTNAME": "db",
    "MYSQL_DB_NAME": "blog",
    "MYSQL_FLASK_USER": "flask",
    "MYSQL_FLASK_PASSWORD": "p@ss/w:rd",
}


@pytest.fixture
def environment(monkeypatch):
    def set_all(values):
        for name in (*GOOD, *MYSQL, "MYSQL_PORT", *S3, "BLOG_IMAGES"):
            monkeypatch.delenv(name, raising=False)
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return set_all


def test_mysql_variables_make_the_address(environment):
    environment({**MYSQL, "MYSQL_PORT": "3307"})
    url = load_settings(MigrationSettings).database
    assert (url.drivername, url.host, url.port, url.database) == ("mysql+pymysql", "db", 3307, "blog")
    assert (url.username, url.password) == ("flask", "p@ss/w:rd")


def test_mysql_port_has_a_default(environment):
    environment(MYSQL)
    assert load_settings(MigrationSettings).database.port == 3306


def test_database_url_goes_first_and_gets_its_driver(environment):
    environment({**MYSQL, "DATABASE_URL": "mysql://a:b@c/d"})
    url = load_settings(MigrationSettings).database
    assert (url.drivername, url.host) == ("mysql+pymysql", "c")


@pytest.mark.parametrize("name", ["MYSQL_FLASK_PASSWORD", "FLASK_APP_SECRET_KEY", "DATABASE_URL"])
def test_secret_may_be_in_a_file(environment, tmp_path, name):
    values = {**GOOD, **MYSQL}
    file = tmp_path / "secret"
    file.write_text(values.pop(name) + "\n")
    environment({**values, f"{name}_FILE": str(file)})
    settings = load_settings(Settings)
    assert getattr(settings, name.lower()).get_secret_value() == {**GOOD, **MYSQL}[name]


@pytest.mark.parametrize(
    ("missing", "line"),
    [
        ("FLASK_APP_SECRET_KEY", "FLASK_APP_SECRET_KEY must be set"),
        ("SERVE_PORT", "SERVE_PORT must be set"),
        ("DATABASE_URL", "DATABASE_URL or MYSQL_HOSTNAME must be set"),
    ],
)
def test_missing_variable_stops_the_start(missing, line):
    variables = {name: value for name, value in GOOD.items() if name != missing}
    run = subprocess.run(
        [sys.executable, "-m", "blog_service"],
        env=variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert run.returncode == 1
    assert line in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("missing", ["MYSQL_DB_NAME", "MYSQL_FLASK_USER", "MYSQL_FLASK_PASSWORD"])
def test_mysql_needs_all_its_variables(environment, capsys, missing):
    environment({name: value for name, value in MYSQL.items() if name != missing})
    with pytest.raises(SystemExit):
        load_settings(MigrationSettings)
    assert f"{missing} must be set" in capsys.readouterr().err


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql://a:secret@b/c", "mysql+nosuch://a:secret@b/c", "sqlite", ""]
)
def test_wrong_database_url_is_named_and_not_shown(url):
    with pytest.raises(ValidationError) as caught:
        Settings(serve_port=0, database_url=url, flask_app_secret_key="x")
    assert "secret" not in str(caught.value)


def test_empty_secret_key_is_refused():
    with pytest.raises(ValidationError):
        Settings(serve_port=0, database_url="sqlite://", flask_app_secret_key="")


def test_password_minimum_is_a_setting():
    assert Settings(serve_port=0, database_url="sqlite://", flask_app_secret_key="x").password_min_length == 8


def test_secrets_are_not_in_the_representation():
    settings = Settings(
        serve_port=0, database_url="mysql://u:hidden-word@h/d", flask_app_secret_key="hidden-word"
    )
    assert "hidden-word" not in repr(settings)


S3 = {"S3_ACCESS_KEY_ID": "key", "S3_SECRET_ACCESS_KEY": "a secret"}


@pytest.mark.parametrize("place", ["/data/images", "s3://bucket", "s3://my.bucket-1/a/folder"])
def test_place_of_images_is_a_folder_or_a_bucket(environment, place):
    environment({**GOOD, **S3, "BLOG_IMAGES": place})
    assert load_settings(Settings).blog_images == place


@pytest.mark.parametrize(
    ("values", "line"),
    [
        ({"BLOG_IMAGES": "images"}, "BLOG_IMAGES: must be a folder's whole path"),
        ({"BLOG_IMAGES": "s3://"}, "BLOG_IMAGES: must be"),
        ({"BLOG_IMAGES": "s3://b/a?x=y"}, "BLOG_IMAGES: must be"),
        ({"BLOG_IMAGES": "https://bucket"}, "BLOG_IMAGES: must be"),
        ({"BLOG_IMAGES": "s3://bucket", "S3_ACCESS_KEY_ID": ""}, "S3_ACCESS_KEY_ID must be set"),
        ({"BLOG_IMAGES": "s3://bucket", "S3_ENDPOINT": "minio:9000"}, "S3_ENDPOINT"),
        ({"BLOG_IMAGES": "s3://bucket", "S3_REGION": "eu central"}, "S3_REGION"),
    ],
)
def test_wrong_place_of_images_stops_the_start(environment, capsys, values, line):
    environment({**GOOD, **S3, **values})
    with pytest.raises(SystemExit):
        load_settings(Settings)
    told = capsys.readouterr().err
    assert line in told
    assert "a secret" not in told
    assert len(told.splitlines()) == 1
