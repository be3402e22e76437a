"""`make backup` and `make restore`: what was there is there again, after every volume is gone."""

import secrets

import pytest

from chassis.testing import free_port


@pytest.fixture
def own_stack(new_project, repository):
    """A stack whose volumes nobody else needs."""
    project = new_project(repository)
    try:
        project.up()
        yield project
    finally:
        project.down()


def write(stack):
    """Store something in each store, and tell how to find it."""
    with stack.client() as client:
        name = f"kept-{secrets.token_hex(8)}"
        assert client.post("/config/configs", json={"dcname": name, "metadata": {}}).status_code == 204
        address = f"198.51.100.{secrets.randbelow(256)}"
        assert client.get("/ip/get-ip", headers={"X-Forwarded-For": address}).status_code == 200
    return name, address


def has(stack, name, address):
    with stack.client() as client:
        addresses, documents = client.get("/ip/get-ip-list"), client.get("/config/configs")
    assert (addresses.status_code, documents.status_code) == (200, 200), addresses.text + documents.text
    names = {document["dcname"] for document in documents.json()}
    return name in names, address in addresses.text.split()


def make(stack, run, verb, folder):
    run("make", verb, f"BACKUP={folder}", folder=stack.folder, env=stack.settings)


def test_backup_outlives_every_volume(own_stack, run, tmp_path):
    kept = write(own_stack)
    make(own_stack, run, "backup", tmp_path / "backup")
    later = write(own_stack)
    own_stack.down()

    make(own_stack, run, "restore", tmp_path / "backup")
    assert has(own_stack, *kept) == (True, True)
    assert has(own_stack, *later) == (False, False)
    assert write(own_stack)

    with pytest.raises(AssertionError, match=r"backup exists already"):
        make(own_stack, run, "backup", tmp_path / "backup")


def test_broken_backup_changes_nothing(images, run, repository, tmp_path):
    (tmp_path / "mysql.sql.gz").write_bytes(b"no archive")
    with pytest.raises(AssertionError, match=r"not in gzip format"):
        run(
            "make", "restore", f"BACKUP={tmp_path}", folder=repository, env={"GATEWAY_PORT": str(free_port())}
        )
