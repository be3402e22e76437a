"""The component tls, with a certificate that nobody but these tests believes in place of cert-manager's."""

import ssl
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from .conftest import K8S, Cluster, ask_again, relative, run


def make_certificate(folder: Path, suffix: str) -> tuple[str, str]:
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    names = f"subjectAltName=DNS:{suffix},DNS:*.{suffix}"
    kind = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=quintet")
    run("openssl", "req", "-x509", *kind, "-addext", names, "-keyout", key, "-out", certificate)
    return key, certificate


def ingresses(documents: list[dict[str, Any]]) -> str:
    return yaml.safe_dump_all(document for document in documents if document["kind"] == "Ingress")


@pytest.fixture
def authority(
    deployed: Cluster, overlay: Path, render: Callable[[Path], list], tmp_path: Path, suffix: str
) -> Iterator[str]:
    """What the certificate of every Ingress is to be checked with."""
    key, certificate = make_certificate(tmp_path, suffix)
    options = ("apply", "--server-side", "--force-conflicts", "--filename=-")
    content = {
        "resources": [relative(overlay, tmp_path)],
        "components": [relative(K8S / "components/tls", tmp_path)],
    }
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump(content))
    deployed.kubectl("create", "secret", "tls", "quintet-tls", f"--cert={certificate}", f"--key={key}")
    deployed.kubectl(*options, text=ingresses(render(tmp_path)))
    yield certificate
    deployed.kubectl(*options, text=ingresses(render(overlay)))
    deployed.kubectl("delete", "secret", "quintet-tls")


@pytest.mark.parametrize(("name", "path"), [("ip.", "/get-ip"), ("blog.", "/hello"), ("", "/config/configs")])
def test_certificate_is_that_of_the_secret(deployed, authority, suffix, name, path):
    context = ssl.create_default_context(cafile=authority)
    host = f"{name}{suffix}"

    def is_answered() -> bool:
        with httpx.Client(verify=context, trust_env=False, timeout=15) as client:
            request = client.build_request(
                "GET", f"https://{deployed.address()}{path}", headers={"Host": host}
            )
            request.extensions["sni_hostname"] = host
            try:
                return client.send(request).status_code == 200
            except httpx.ConnectError:  # the controller has not read the Secret yet
                return False

    ask_again(is_answered, 60)
