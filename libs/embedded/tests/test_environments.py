import subprocess
import sys
from pathlib import Path

import pytest

from embedded import environments

ROOT = Path(__file__).parents[3]
SERVICES = [manifest.parent for manifest in ROOT.glob("services/*/embedded.toml")]
TOOLS = ("greenlet", "psutil", "watchfiles")  # libraries load them where they find them
MODULE = '"""Says what it is."""\nassert __name__ == "anything else"\nprint(__doc__)\n'


def python(program, variables, *arguments):
    command = [program, *map(str, arguments)]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


@pytest.mark.parametrize("folder", SERVICES, ids=lambda folder: folder.name)
def test_service_runs_without_the_tools(folder):
    program, variables = environments.runtime(ROOT, folder)
    search = f"import importlib.util as u; print([name for name in {TOOLS} if u.find_spec(name)])"
    assert python(program, variables, "-c", search) == "[]"


def test_service_without_a_lock_runs_in_the_environment_of_the_tools(tmp_path):
    assert environments.runtime(ROOT, tmp_path) == (sys.executable, {})


@pytest.fixture
def compiled(tmp_path):
    """The folder of a module, and the variables with which Python finds it compiled."""
    source, prefix = tmp_path / "source/module.py", tmp_path / "bytecode"
    source.parent.mkdir()
    source.write_text(MODULE)
    environments.compile_all(prefix, [source], optimize=2)
    return source, {"PYTHONPYCACHEPREFIX": str(prefix), "PYTHONPATH": str(source.parent)}


def test_compiled_module_has_no_docstrings_and_asserts(compiled):
    _, variables = compiled
    assert python(sys.executable, variables, "-c", "import module") == "None"


def test_changed_module_is_compiled_again(compiled):
    source, variables = compiled
    source.write_text('"""Another one."""\nprint(__doc__)\n')
    assert python(sys.executable, variables, "-c", "import module") == "Another one."


def test_file_with_two_names_is_compiled_once(tmp_path):
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    (folders[0] / "module.py").write_text("def where():\n    return where.__code__.co_filename\n")
    (folders[1] / "module.py").hardlink_to(folders[0] / "module.py")
    prefix = tmp_path / "bytecode"
    for _ in range(2):  # the second time over what is there
        environments.compile_all(prefix, [folder / "module.py" for folder in folders], optimize=2)
    files = [environments.compiled(prefix, folder / "module.py") for folder in folders]
    assert files[0].samefile(files[1])
    for folder in folders:
        variables = {"PYTHONPYCACHEPREFIX": str(prefix), "PYTHONPATH": str(folder)}
        said = python(sys.executable, variables, "-c", "import module; print(module.where())")
        assert said == str(folder / "module.py")
    assert files[0].samefile(files[1])


def test_module_that_cannot_be_read_is_left_out(tmp_path):
    (tmp_path / "module.py").write_text("print 'Python 2'\n")
    environments.compile_all(tmp_path / "bytecode", [tmp_path / "module.py"], optimize=2)
    assert not list(tmp_path.glob("bytecode/**/*.pyc"))


def test_service_runs_without_pydantic_of_version_1():
    program, variables = environments.runtime(ROOT, ROOT / "services/config-service")
    with pytest.raises(subprocess.CalledProcessError):
        python(program, variables, "-c", "import pydantic; from pydantic import v1")
