import subprocess
import sys

import pytest

import chassis
import chassis.fastapi
import chassis.flask

FRAMEWORKS = {"fastapi", "starlette", "uvicorn", "flask", "werkzeug", "granian"}
STORES = {"redis", "sqlalchemy", "httpx"}


def imported_by(statement):
    code = f"{statement}; import sys; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)  # noqa: S603
    return set(run.stdout.split())


def test_core_imports_no_framework_and_no_store():
    assert not imported_by("import chassis") & (FRAMEWORKS | STORES)


@pytest.mark.parametrize(("adapter", "other"), [("fastapi", "flask"), ("flask", "fastapi")])
def test_adapter_imports_only_its_own_framework(adapter, other):
    found = imported_by(f"import chassis.{adapter}")

    assert adapter in found
    assert other not in found


@pytest.mark.parametrize("adapter", ["fastapi", "flask"])
def test_adapter_imports_nothing_that_checks_tokens(adapter):
    assert not imported_by(f"import chassis.{adapter}") & {"Crypto", "jwt"}


@pytest.mark.parametrize("module", [chassis, chassis.fastapi, chassis.flask])
def test_public_names_exist_and_are_described(module):
    for name in module.__all__:
        assert getattr(module, name).__doc__, name


def test_what_a_service_starts_with_is_spared_by_garbage_collections(service):
    assert service.get("/whoami").json()["objects_spared"] > 10_000
