from pathlib import Path

import pytest

from embedded import isolated
from embedded.bootstrap import split_lock

ROOT = Path(__file__).parents[3]
PYTEST = {"execnet", "iniconfig", "packaging", "pluggy", "pygments", "pytest", "pytest-xdist"}
HTTPX = {"anyio", "certifi", "h11", "httpcore", "httpx", "idna", "typing-extensions"}
PROJECT = """
[project]
name = "tiny-service"
version = "1.0"
dependencies = []
[build-system]
requires = ["uv-build>=0.9"]
build-backend = "uv_build"
"""


@pytest.fixture
def root(tmp_path):
    service = tmp_path / "services/tiny-service"
    for folder in ("src/tiny_service/migrations", "tests"):
        (service / folder).mkdir(parents=True)
    (service / "pyproject.toml").write_text(PROJECT)
    (service / "requirements.lock").write_text("")
    (service / "src/tiny_service/__init__.py").write_text("")
    (service / "src/tiny_service/migrations/__init__.py").write_text("")
    (service / "src/tiny_service/migrations/env.py").write_text("raise RuntimeError('Alembic runs this')")
    (service / "tests/test_tiny.py").write_text("import tiny_service, httpx\ndef test_it(): pass\n")
    blocks = split_lock((ROOT / isolated.TEST_LOCK).read_text()).items()
    small = "".join(block for name, block in blocks if name in PYTEST | HTTPX)
    (tmp_path / isolated.TEST_LOCK).write_text(small)
    return tmp_path


def test_tests_may_use_what_the_test_lock_has(root):
    isolated.check_all(root)
    assert not list(root.glob(f"{isolated.CACHE}/tiny-service/lib/*/site-packages/tests.pth"))  # only they


def test_undeclared_import_fails_even_when_the_tests_bring_the_package(root, capfd):
    isolated.check_all(root)
    (root / "services/tiny-service/src/tiny_service/app.py").write_text("import httpx\n")
    with pytest.raises(isolated.Failure, match="tiny-service"):
        isolated.check_all(root)
    assert "No module named 'httpx'" in capfd.readouterr().out


def test_failing_test_fails(root):
    (root / "services/tiny-service/tests/test_tiny.py").write_text("def test_it(): assert False\n")
    with pytest.raises(isolated.Failure, match="tiny-service"):
        isolated.check_all(root)


def test_environment_is_kept_until_the_lock_changes(root):
    folder = root / "services/tiny-service"
    marker = isolated.make_environment(root, folder) / "marker"
    marker.touch()
    isolated.make_environment(root, folder)
    assert marker.exists()
    (folder / "requirements.lock").write_text("# other\n")
    isolated.make_environment(root, folder)
    assert not marker.exists()


def test_every_service_has_a_lock_and_depends_on_no_other():
    for service in isolated.services(ROOT):
        assert (service / "requirements.lock").is_file()
        depends_on = isolated.dependencies(ROOT, service)
        assert {path.parent.name for path in depends_on} <= {"libs"}


def test_services_with_the_most_tests_come_first(root, monkeypatch):
    for name, size in (("a", 1), ("big", 3), ("c", 2)):
        folder = root / f"services/{name}-service"
        (folder / "tests").mkdir(parents=True)
        (folder / "pyproject.toml").write_text("")
        (folder / "tests/test_it.py").write_text("x" * size * 1000)
    checked = []
    monkeypatch.setattr(isolated, "make_test_packages", lambda root: root)
    monkeypatch.setattr(isolated, "AT_ONCE", 1)
    monkeypatch.setattr(isolated, "check", lambda root, packages, folder: checked.append(folder.name) or True)
    isolated.check_all(root)
    assert checked == ["big-service", "c-service", "a-service", "tiny-service"]
