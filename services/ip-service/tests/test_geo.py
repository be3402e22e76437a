from pathlib import Path

import pytest

from chassis import load_settings
from chassis.testing import run_app
from ip_service.app import create_app
from ip_service.geo import Origin, open_geo
from ip_service.settings import Settings

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(
    ("address", "origin"),
    [
        ("203.0.113.7", Origin("NZ", 64500, "Examplenet")),
        ("203.0.113.200", Origin("NZ", None, None)),
        ("2001:db8::1", Origin("NO", None, None)),
        ("192.0.2.1", Origin(None, None, None)),
        ("198.51.100.1", Origin(None, None, None)),
    ],
)
def test_databases_complete_each_other(databases: tuple[Path, Path], address: str, origin: Origin):
    with open_geo(databases) as geo:
        assert geo.find(address) == origin


async def test_items_have_an_origin(client, settings: Settings, databases: tuple[Path, Path]):
    await client.get("/get-ip", "203.0.113.7")
    known = {"country": "NZ", "asn": 64500, "organization": "Examplenet"}
    app = create_app(settings.model_copy(update={"geo_database": databases}))
    async with run_app(app) as http:
        assert (await http.get("/v1/ips/203.0.113.7")).json()["origin"] == known
        (item,) = (await http.get("/v1/ips")).json()["items"]
        assert item["origin"] == known
        me = (await http.get("/v1/ips/me")).json()
    assert me["origin"] == {"country": None, "asn": None, "organization": None}


async def test_without_databases_there_is_no_origin(client):
    await client.get("/get-ip", "203.0.113.7")
    assert "origin" not in (await client.get("/v1/ips/203.0.113.7")).json()


def test_several_files_come_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, databases: tuple[Path, Path]
):
    monkeypatch.setenv("SERVE_PORT", "0")
    monkeypatch.setenv("GEO_DATABASE", ", ".join(map(str, databases)))
    assert load_settings(Settings).geo_database == databases


@pytest.mark.parametrize("content", [None, b"", b"{}" * 100])
def test_what_is_no_database_ends_the_start_with_one_line(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    content: bytes | None,
):
    path = tmp_path / "other.mmdb"
    if content is not None:
        path.write_bytes(content)
    monkeypatch.setenv("SERVE_PORT", "0")
    monkeypatch.setenv("GEO_DATABASE", str(path))
    with pytest.raises(SystemExit):
        load_settings(Settings)
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("GEO_DATABASE: ")
    assert str(path) in line
