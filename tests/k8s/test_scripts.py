"""The shell scripts of the whole repository, and how those of k8s/scripts may be called."""

import shutil

import pytest

from .conftest import K8S, REPOSITORY, run, setting

SHELLS = (b"#!/bin/sh", b"#!/usr/bin/env bash", b"#!/bin/bash")


def scripts():
    files = map(REPOSITORY.joinpath, run("git", "-C", str(REPOSITORY), "ls-files").stdout.splitlines())
    return [str(file) for file in files if file.is_file() and file.read_bytes().startswith(SHELLS)]


def test_shellcheck_finds_nothing():
    if not shutil.which("shellcheck"):
        pytest.skip("shellcheck is not installed")
    assert str(K8S / "scripts/deploy") in scripts()
    run("shellcheck", *scripts())


@pytest.mark.parametrize("name", ["deploy", "destroy"])
def test_script_says_how_it_is_called(name):
    script = str(K8S / "scripts" / name)
    assert run(script, "--help").stdout.startswith(f"k8s/scripts/{name}")
    assert run(script, check=False).returncode == 2


@pytest.mark.parametrize("arguments", [["mars"], ["kind", "minikube"], ["--fast"], ["kind", "--tag"]])
def test_deploy_refuses_what_makes_no_sense(arguments):
    done = run(str(K8S / "scripts/deploy"), *arguments, check=False)
    assert done.returncode == 1
    assert done.stderr.startswith("deploy: ")


def test_deploy_may_be_run_again_and_asks_through_the_ingress(deployed, suffix):
    options = ["--no-test", "--no-build", "--tag", setting("TAG", "test"), "--address", "ingress"]
    for more, said in ([], "serverside-applied"), (["--if-changed"], "nothing to change"):
        done = run(str(K8S / "scripts/deploy"), "test", *options, *more, KUBECONFIG=deployed.kubeconfig)
        assert said in done.stdout
        assert f"200 http://favourite-athlete.{suffix}/readyz" in done.stdout
