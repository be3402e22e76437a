"""The playbooks of k8s/eks, against moto's AWS."""

import json
import re
import subprocess
from hashlib import sha256

import pytest
import yaml

from .conftest import EKS, REPOSITORY

TEMPLATES = sorted(str(EKS / f"{name}.yaml") for name in ("cluster", "network", "registry"))
IMAGES = {"gateway", *(folder.name for folder in REPOSITORY.glob("services/*-service"))}
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ADDRESS = "123456789012.dkr.ecr.eu-central-1.amazonaws.com"


def changed(said: str) -> int:
    return int(re.search(r"changed=(\d+)", said)[1])


def lint(*command):
    done = subprocess.run(command, cwd=EKS, capture_output=True, text=True, check=False)  # noqa: S603 - a linter
    assert done.returncode == 0, done.stdout + done.stderr


def test_cfn_lint_finds_nothing(tools):
    lint(tools / "cfn-lint", "--include-checks", "I", "--", *TEMPLATES)


def test_ansible_lint_finds_nothing(tools, monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setenv("ANSIBLE_HOME", str(tmp_path))
    lint(tools / "ansible-lint", "--offline", "--profile=production", "deploy.yaml", "destroy.yaml")


def test_registry_has_a_repository_for_every_image(deployed):
    names = deployed.aws("ecr", "describe-repositories", "--query", "repositories[].repositoryName").split()
    assert set(names) == {f"quintet/{name}" for name in IMAGES}


def test_registry_goes_with_its_images():
    text = (EKS / "registry.yaml").read_text()
    assert text.count("EmptyOnDelete: true") == text.count("Type: AWS::ECR::Repository") == len(IMAGES)


def test_second_run_changes_nothing(deployed):
    assert changed(deployed.play("deploy", "--tags=infrastructure")) == 0


def test_subnets_lie_in_three_zones_and_tell_load_balancers_theirs(deployed):
    for role in ("elb", "internal-elb"):
        chosen = ("--filters", f"Name=tag:kubernetes.io/role/{role},Values=1")
        zones = deployed.aws(
            "ec2", "describe-subnets", *chosen, "--query", "Subnets[].AvailabilityZone"
        ).split()
        assert len(zones) == len(set(zones)) == 3  # moto takes them of another region


@pytest.mark.parametrize(
    ("role", "service_account"),
    [
        ("NetworkRole", "aws-node"),
        ("DisksRole", "ebs-csi-controller-sa"),
        ("BalancersRole", "aws-load-balancer-controller"),
    ],
)
def test_role_is_for_one_service_account(role, service_account):
    text = (EKS / "cluster.yaml").read_text()
    trust = text.partition(f"  {role}:\n")[2].partition("ManagedPolicyArns")[0]
    assert f'"system:serviceaccount:kube-system:{service_account}"' in trust
    assert '"${Host}:aud": "sts.amazonaws.com"' in trust


def test_commit_is_built_and_pushed_once(deployed):
    deployed.play("deploy", "--tags=release")
    commit = deployed.commit()
    calls = deployed.recorded("docker")
    assert f"login --username AWS --password-stdin {ADDRESS}" in calls
    assert {f"push --quiet {ADDRESS}/quintet/{name}:{commit}" for name in IMAGES} <= set(calls)
    for name in IMAGES:
        digest = f"sha256:{sha256(name.encode()).hexdigest()}"
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": {"digest": digest}, "layers": []}
        image = ("--repository-name", f"quintet/{name}", "--image-tag", commit)
        deployed.aws("ecr", "put-image", *image, "--image-manifest", json.dumps(manifest))
    deployed.play("deploy", "--tags=release")
    assert deployed.recorded("docker") == calls


def test_uncommitted_change_is_refused(deployed):
    change = deployed.repository / "new"
    change.touch()
    done = deployed.run("ansible-playbook", "k8s/eks/deploy.yaml", "--tags=release")
    change.unlink()
    assert "commit your changes first" in done.stdout
    assert done.returncode != 0


def test_destroy_asks_first(deployed):
    done = deployed.run("ansible-playbook", "k8s/eks/destroy.yaml")
    assert "--extra-vars confirm=quintet" in done.stdout
    assert done.returncode != 0


def test_changed_setting_changes_the_cluster_only_and_destroy_leaves_nothing(account):
    account.play("deploy", "--tags=infrastructure")
    more = ("--extra-vars", '{"nodes": {"min": 4, "max": 8}}')
    assert changed(account.play("deploy", "--tags=infrastructure", *more)) == 1
    account.play("destroy", "--extra-vars", "confirm=quintet")
    assert "delete namespace quintet" in " ".join(account.recorded("kubectl"))
    assert account.aws("cloudformation", "describe-stacks", "--query", "Stacks[].StackName") == ""
    assert account.aws("eks", "list-clusters", "--query", "clusters") == ""
    assert changed(account.play("destroy", "--extra-vars", "confirm=quintet")) == 0


def test_settings_hold_no_secret():
    for file in EKS.rglob("*.yaml"):
        assert not re.search(r"AKIA|aws_secret|_access_key", file.read_text()), file


def test_overlay_knows_the_network():
    vpc = re.search(r"CidrBlock: (10\.0\.0\.0/16)", (EKS / "network.yaml").read_text())[1]
    policy = yaml.safe_load((REPOSITORY / "k8s/overlays/eks/platform/network.yaml").read_text())
    assert {"ipBlock": {"cidr": vpc}} in policy["spec"]["ingress"][0]["from"]


def test_overlay_uses_the_class_of_the_disks():
    disks = yaml.safe_load((EKS / "storageclass.yaml").read_text())
    patch = yaml.safe_load((REPOSITORY / "k8s/overlays/eks/platform/storage.yaml").read_text())
    assert patch[0]["value"] == disks["metadata"]["name"]
