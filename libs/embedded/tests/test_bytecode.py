import subprocess
import sys

import pytest

from embedded import bytecode

MODULE = '''"""Says what it is."""
assert __name__ == "anything else"
print(__doc__)
def where():
    return where.__code__.co_filename
'''


def python(variables, program):
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, env=variables, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


@pytest.fixture
def compiled(tmp_path):
    """The folder of a module, and the variables with which Python finds it compiled."""
    source, prefix = tmp_path / "source/module.py", tmp_path / "bytecode"
    source.parent.mkdir()
    source.write_text(MODULE)
    bytecode.compile_small(prefix, [source])
    return source, {"PYTHONPYCACHEPREFIX": str(prefix), "PYTHONPATH": str(source.parent)}


def test_small_module_has_no_docstrings_and_asserts(compiled):
    _, variables = compiled
    assert python(variables, "import module") == "None"


def test_small_module_has_no_columns(compiled):
    _, variables = compiled
    program = "import module; print({column for *_, column in module.where.__code__.co_positions()})"
    assert python(variables, program) == "None\n{None}"


def test_changed_module_is_compiled_again(compiled):
    source, variables = compiled
    source.write_text('"""Another one."""\nprint(__doc__)\n')
    assert python(variables, "import module") == "Another one."


def test_file_with_two_names_is_compiled_once(tmp_path):
    folders = [tmp_path / name for name in ("a", "b")]
    for folder in folders:
        folder.mkdir()
    (folders[0] / "module.py").write_text("def where():\n    return where.__code__.co_filename\n")
    (folders[1] / "module.py").hardlink_to(folders[0] / "module.py")
    prefix = tmp_path / "bytecode"
    for _ in range(2):  # the second time over what is there
        bytecode.compile_all(prefix, [folder / "module.py" for folder in folders], optimize=2)
    files = [bytecode.compiled(prefix, folder / "module.py") for folder in folders]
    assert files[0].samefile(files[1])
    for folder in folders:
        variables = {"PYTHONPYCACHEPREFIX": str(prefix), "PYTHONPATH": str(folder)}
        said = python(variables, "import module; print(module.where())")
        assert said == str(folder / "module.py")
    assert files[0].samefile(files[1])


def test_module_that_cannot_be_read_is_left_out(tmp_path):
    (tmp_path / "module.py").write_text("print 'Python 2'\n")
    bytecode.compile_all(tmp_path / "bytecode", [tmp_path / "module.py"], optimize=2)
    assert not list(tmp_path.glob("bytecode/**/*.pyc"))
