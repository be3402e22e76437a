"""The suites of the services that keep tables, on the MySQL that the stack uses."""

import secrets
import sys

import pytest

PASSWORD = secrets.token_hex()
OPTIONS = ["--performance-schema=OFF", "--disable-log-bin", "--innodb-flush-log-at-trx-commit=0"]


@pytest.fixture(scope="module")
def mysql_url(run, inspect, until):
    """A MySQL in memory, and its address as root."""
    run_options = ["--detach", "--tmpfs=/var/lib/mysql:uid=999,gid=999", "--publish=127.0.0.1::3306"]
    environment = f"--env=MYSQL_ROOT_PASSWORD={PASSWORD}"
    container = run("docker", "run", *run_options, environment, "mysql:9.7", *OPTIONS).strip()
    try:
        until(lambda: answers(run, container), 120)
        port = inspect(container)[0]["NetworkSettings"]["Ports"]["3306/tcp"][0]["HostPort"]
        yield f"mysql+pymysql://root:{PASSWORD}@127.0.0.1:{port}/mysql"
    finally:
        state, said = inspect(container)[0]["State"], run("sh", "-c", f"docker logs {container} 2>&1")
        run("docker", "rm", "--force", "--volumes", container)
    assert state["Running"], f"MySQL ended by itself with exit code {state['ExitCode']}:\n{said[-8000:]}"


def answers(run, container):
    try:
        run("docker", "exec", container, "mysqladmin", "ping", "--silent", "--host=127.0.0.1")
    except AssertionError:
        return False
    return True


@pytest.mark.parametrize(
    ("variable", "suites"),
    [
        ("BLOG_TEST_MYSQL_URL", ["services/blog-service"]),
        ("CONFIG_TEST_MYSQL_URL", ["services/config-service", "libs/config-client/tests/test_watch.py"]),
    ],
    ids=["blog", "config"],
)
def test_suite_passes_on_mysql(mysql_url, repository, run, variable, suites):
    options = ["-p", "no:cacheprovider", "-q", "-n2", "-k", "mysql", *suites]
    environment = {variable: mysql_url}
    done = run(sys.executable, "-m", "pytest", *options, folder=repository, env=environment)
    assert " passed" in done
