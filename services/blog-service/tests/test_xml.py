"""XML is written, never read: what could read it is not even loaded."""

import re
import secrets
import shutil
import subprocess
import sys
from io import BytesIO

import pytest
from PIL import Image, PngImagePlugin

from blog_service.images.worker import read_part, write_part
from chassis.testing import http_client, running_service

PARSERS = {"xml", "pyexpat", "_elementtree", "lxml", "defusedxml", "xmltodict", "html5lib", "bs4"}
SECRET = "what only the server may see"


@pytest.fixture
def xml(tmp_path):
    """A text that asks for a file of the server's."""
    (tmp_path / "secret").write_text(SECRET)
    head = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">]>'
    return f'{head}<svg xmlns="http://www.w3.org/2000/svg"><title>&e;</title></svg>'.encode()


def _packages(trace):
    """Tell what was imported; of a line of the trace, the last column is the module."""
    modules = [line.rpartition("|")[2] for line in trace.splitlines() if line.startswith("import time:")]
    return {module.strip().partition(".")[0] for module in modules}


@pytest.fixture
def http(tmp_path, migrated_sqlite):
    """A client of a blog that traces its imports; in the end there was no parser among them."""
    database = shutil.copy(migrated_sqlite, tmp_path / "blog.sqlite")
    env = {"DATABASE_URL": f"sqlite:///{database}", "FLASK_APP_SECRET_KEY": secrets.token_urlsafe()}
    with running_service("blog_service", tmp_path, {**env, "PYTHONPROFILEIMPORTTIME": "1"}) as service:
        with http_client(service.url) as http:
            yield http
        service.process.terminate()
        service.wait()
        packages = _packages(service.errors.read_text())
    assert "blog_service" in packages
    assert packages.isdisjoint(PARSERS)


@pytest.fixture
def send(http):
    """Send a form as somebody who is logged in."""

    def send(path, data, *, page="/account", **files):
        token = re.search(r'name="csrf_token" value="([^"]+)"', http.get(page).text)[1]
        return http.post(path, data={"csrf_token": token, **data}, files=files)

    for path in ("/auth/register", "/auth/login"):
        send(path, {"username": "Ann", "password": "correct horse battery"}, page=path)
    return send


def test_xml_is_no_request(http, send, xml):
    token = re.search(r"blog_[\w-]{43}", send("/account/tokens", {"name": "t"}).text)[0]
    headers = {"Content-Type": "application/xml", "Authorization": f"Bearer {token}"}
    expected = {
        ("GET", "/feed.atom"): 200,
        ("GET", "/feed.rss"): 200,
        ("GET", "/sitemap.xml"): 200,
        ("GET", "/api/v1/posts"): 200,
        ("POST", "/feed.atom"): 405,
        ("POST", "/create"): 400,
        ("POST", "/preview"): 400,
        ("POST", "/api/v1/posts"): 415,
    }
    answers = {each: http.request(*each, content=xml, headers=headers) for each in expected}
    assert {each: answer.status_code for each, answer in answers.items()} == expected
    assert not [each for each, answer in answers.items() if SECRET in answer.text]


def test_xml_is_no_archive_no_image_and_as_a_post_text(http, send, xml):
    uploads = [
        send("/account/import", {}, file=("posts.zip", xml, "application/zip")),
        send("/images", {}, file=("a.png", xml, "image/png")),
        send("/images", {}, file=("a.svg", xml, "image/svg+xml")),
    ]
    assert [answer.status_code for answer in uploads] == [422, 422, 422]
    assert not [answer for answer in uploads if SECRET in answer.text]
    assert send("/create", {"title": "a text", "body": xml.decode()}).status_code == 302
    for path in ("/posts/a-text", "/feed.atom"):
        shown = http.get(path).text
        assert "&amp;e;" in shown
        assert SECRET not in shown


@pytest.mark.parametrize("kind", ["png", "jpeg"])
def test_metadata_of_an_image_is_not_parsed(xml, kind):
    about = PngImagePlugin.PngInfo()
    about.add_itxt("XML:com.adobe.xmp", xml.decode())
    image, request = BytesIO(), BytesIO()
    Image.new("RGB", (4, 3)).save(image, kind, **({"pnginfo": about} if kind == "png" else {"xmp": xml}))
    assert xml in image.getvalue()
    write_part(request, image.getvalue())
    command = [sys.executable, "-X", "importtime", "-m", "blog_service.images.worker"]
    done = subprocess.run(command, input=request.getvalue(), capture_output=True, check=True)  # noqa: S603 - our own program
    answer = BytesIO(done.stdout)
    assert b"fault" not in read_part(answer)
    assert b"<svg" not in read_part(answer)
    packages = _packages(done.stderr.decode())
    assert "PIL" in packages
    assert packages.isdisjoint(PARSERS)
