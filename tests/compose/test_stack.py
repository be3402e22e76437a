"""`docker compose up`: everything healthy, hardened, and apart from what it need not reach."""

import json
import re

import pytest

from .targets import CALLS

RUNNING = {
    "athlete-service",
    "blog-service",
    "config-service",
    "gateway",
    "ip-service",
    "jaeger",
    "mysql",
    "redis",
    "shout-service",
    "shoutcloud-emulator",
}
STORES = {"redis": 6379, "mysql": 3306, "shoutcloud-emulator": 8000, "jaeger": 4318}
OWN = {
    "athlete-service": {"jaeger"},
    "blog-service": {"jaeger", "mysql"},
    "config-service": {"jaeger", "mysql"},
    "ip-service": {"jaeger", "redis"},
    "shout-service": {"jaeger", "shoutcloud-emulator"},
    "shoutcloud-emulator": {"jaeger", "shoutcloud-emulator"},
}
WRITABLE = {"opensearch", "dashboards"}  # their images write beside their programs
CONNECT = """
import json, socket
def reaches(host, port):
    try:
        socket.create_connection((host, port), 2).close()
    except OSError:
        return False
    return True
print(json.dumps([host for host, port in {stores}.items() if reaches(host, port)]))
"""
QUERY = """
import os, pymysql
from pathlib import Path
password = Path("/run/secrets/database-password").read_text()
connection = pymysql.connect(host="mysql", user="{user}", password=password, ssl={{"check_hostname": False}})
try:
    with connection.cursor() as cursor:
        cursor.execute("{statement}")
        print(cursor.fetchall())
except pymysql.MySQLError as exc:
    print(exc.args[0])
"""


def test_start_takes_less_than_a_minute(stack):
    assert stack.starts[0] < 60


def test_everything_is_healthy(stack):
    states = {
        each["Config"]["Labels"]["com.docker.compose.service"]: each["State"] for each in stack.containers()
    }
    healthy = {name for name, state in states.items() if state.get("Health", {}).get("Status") == "healthy"}
    assert healthy == RUNNING
    assert {states[name]["ExitCode"] for name in states.keys() - RUNNING} == {0}


def test_what_is_healthy_answers_through_the_gateway_at_once(stack, ask):
    for service in CALLS:
        stack.compose("stop", "--timeout=2", f"{service}-service")
        stack.up(f"{service}-service")
        assert ask(service).status_code == 200


def test_only_the_gateway_is_published_and_only_here(stack):
    published = [
        (each["Config"]["Labels"]["com.docker.compose.service"], binding["HostIp"])
        for each in stack.containers()
        for bindings in (each["NetworkSettings"]["Ports"] or {}).values()
        for binding in bindings or []
    ]
    assert published == [("gateway", "127.0.0.1")]


def test_containers_are_hardened(stack):
    for each in stack.containers():
        host, name = each["HostConfig"], each["Name"]
        assert host["ReadonlyRootfs"], name
        assert host["CapDrop"] == ["ALL"], name
        assert not host["CapAdd"], name
        assert host["SecurityOpt"] == ["no-new-privileges:true"], name
        assert 0 < host["Memory"] <= 512 * 2**20, name
        assert host["NanoCpus"] > 0, name
        assert 0 < host["PidsLimit"] <= 256, name
        assert host["LogConfig"]["Config"]["max-size"], name


def test_containers_of_profiles_are_hardened(stack):
    shown = json.loads(stack.compose("--profile=*", "config", "--format=json"))["services"]
    assert shown.keys() > {*RUNNING, "prometheus", "grafana", "fluent-bit", *WRITABLE}
    for name, each in shown.items():
        assert each.get("read_only", False) is (name not in WRITABLE), name
        assert each["cap_drop"] == ["ALL"], name
        assert each["security_opt"] == ["no-new-privileges:true"], name
        assert int(each["mem_limit"]) > 0, name
        assert each["cpus"] > 0, name
        assert each["pids_limit"] > 0, name
        assert each["logging"]["options"]["max-size"], name
        assert "restart" in each, name
        assert "stop_grace_period" in each or each["restart"] == "no", name
        assert {port["host_ip"] for port in each.get("ports", [])} <= {"127.0.0.1"}, name


def test_what_runs_is_started_again_and_has_time_to_stop(stack):
    for each in stack.containers(*RUNNING):
        assert each["HostConfig"]["RestartPolicy"]["Name"] == "unless-stopped"
        assert each["Config"]["StopTimeout"] >= 10
        assert int(each["Config"]["User"].partition(":")[0] or 0) > 0 or "jaeger" in each["Name"], each[
            "Name"
        ]


def test_no_secret_is_in_the_environment(stack):
    for each in stack.containers():
        for variable in each["Config"]["Env"]:
            name, _, value = variable.partition("=")
            assert not re.search("PASSWORD|SECRET|TOKEN|KEY", name) or name.endswith("_FILE"), variable
            assert not re.search(r"//[^/@]*:[^/@]+@", value), variable


def test_secrets_stay_when_it_is_started_again(stack):
    read = "print(open('/run/secrets/{}').read())"
    secrets = [
        ("blog-service", "flask-key"),
        ("config-service", "database-password"),
        ("ip-service", "redis-password"),
    ]
    before = [stack.python(service, read.format(name)) for service, name in secrets]
    assert len(set(before)) == 3
    stack.up("--force-recreate")
    assert [stack.python(service, read.format(name)) for service, name in secrets] == before


@pytest.mark.parametrize("service", OWN)
def test_service_reaches_its_own_store_alone(stack, service):
    code = CONNECT.replace("{stores}", str(STORES))
    assert set(json.loads(stack.python(service, code))) == OWN[service]


@pytest.mark.parametrize(
    ("statement", "answer"),
    [
        ("SELECT 1", "((1,),)"),
        ("SHOW DATABASES LIKE 'blog'", "()"),
        ("SELECT * FROM mysql.user", "1142"),
        ("CREATE TABLE config.extra (id INT)", "1142"),
        ("DROP TABLE config.configs", "1142"),
        ("CREATE DATABASE extra", "1044"),
    ],
)
def test_service_may_change_rows_of_its_database_alone(stack, statement, answer):
    assert stack.python("config-service", QUERY.format(user="config", statement=statement)) == answer


def test_blog_does_not_see_the_other_database(stack):
    statement = "SELECT * FROM config.configs"
    assert stack.python("blog-service", QUERY.format(user="blog", statement=statement)) == "1142"


def test_text_is_utf8_throughout(stack):
    assert stack.python(
        "config-service", QUERY.format(user="config", statement="SELECT @@character_set_server")
    ) == ("(('utf8mb4',),)")


@pytest.mark.parametrize("command", [["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "GET", "*"], ["ACL", "LIST"]])
def test_service_may_not_administrate_redis(stack, command):
    code = f"""
import redis, pathlib
password = pathlib.Path("/run/secrets/redis-password").read_text()
try:
    print(redis.Redis(host="redis", username="ip", password=password).execute_command(*{command}))
except redis.exceptions.NoPermissionError:
    print("refused")
"""
    assert stack.python("ip-service", code) == "refused"


def test_nobody_reads_redis_without_a_password(stack):
    answer = stack.compose("exec", "--no-TTY", "redis", "redis-cli", "GET", "x")
    assert answer.startswith("NOAUTH")


def test_portal_leads_to_jaeger(stack, client):
    assert client.get("/services.json").json()["jaeger_url"] == "/jaeger/"
    assert client.get("/jaeger/").status_code == 200


def test_all_of_it_fits_into_memory(stack, run):
    names = [each["Name"].strip("/") for each in stack.containers(*RUNNING)]
    used = run("docker", "stats", "--no-stream", "--format={{.MemUsage}}", *names).splitlines()
    units = {"KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
    sizes = [re.match(r"([\d.]+)(\w+)", line).groups() for line in used]
    assert len(sizes) == len(RUNNING)
    assert sum(float(number) * units[unit] for number, unit in sizes) < 1.3e9
