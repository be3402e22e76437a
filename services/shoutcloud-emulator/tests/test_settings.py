import pytest

from shoutcloud_emulator.settings import Settings, load_settings


def test_port_and_host_come_from_the_environment():
    assert load_settings({"SERVE_PORT": "8080", "SERVE_HOST": "::1"}) == Settings(8080, "::1")


def test_host_has_a_default():
    assert load_settings({"SERVE_PORT": "8080"}).serve_host == "0.0.0.0"


@pytest.mark.parametrize(
    ("port", "message"), [("", "SERVE_PORT must be set"), ("http", "SERVE_PORT"), ("65536", "SERVE_PORT")]
)
def test_wrong_port_ends_the_start_with_one_line(port, message):
    with pytest.raises(SystemExit, match=message):
        load_settings({"SERVE_PORT": port})
