"""The services as the portal shows them: state, version, links."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser

PATIENT = (
    "{ const real = AbortSignal.timeout; AbortSignal.timeout = (ms) => real.call(AbortSignal, ms / 20); }"
)
HIDE = """(hidden) => {
  Object.defineProperty(document, "hidden", { value: hidden, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def asked(stage, path):
    return sum(requested == path for _, requested, _, _ in stage.requests)


def test_every_service_of_the_list_is_shown(stage, open_portal):
    page = open_portal()
    titles = [service["title"] for service in stage.services["services"]]
    expect(page.get_by_role("heading", level=2)).to_have_text(titles)
    expect(page.locator(".card .name")).to_have_text(titles)
    expect(page.locator("#ip .summary")).to_have_text(stage.services["services"][0]["summary"])


@pytest.mark.parametrize(
    ("status", "state"), [(200, "Ready"), (503, "Not ready"), (502, "Unreachable"), (404, "Unreachable")]
)
def test_state_follows_the_readiness_answer(stage, open_portal, status, state):
    stage.readiness["shout"] = status
    page = open_portal()
    expect(page.locator("#shout .state")).to_have_text(state)
    expect(page.locator('.card[href="#shout"] .state')).to_contain_text(state)
    expect(page.locator("#tally")).to_have_text("5 of 5 ready" if status == 200 else "4 of 5 ready")


def test_service_that_does_not_answer_is_checking_then_unreachable(stage, open_portal):
    stage.held.add("/blog/readyz")
    page = open_portal(lambda page: page.add_init_script(PATIENT.replace("/ 20", "/ 2")))
    expect(page.locator("#athlete .state")).to_have_text("Ready")
    expect(page.locator("#blog .state")).to_have_text("Checking")
    expect(page.locator("#tally")).to_have_text("Checking")
    expect(page.locator("#blog .state")).to_have_text("Unreachable")
    expect(page.locator("#tally")).to_have_text("4 of 5 ready")


def test_state_refreshes_by_itself(stage, open_portal):
    stage.readiness["ip"] = 503
    page = open_portal(lambda page: page.clock.install())
    expect(page.locator("#ip .state")).to_have_text("Not ready")
    stage.readiness["ip"] = 200
    page.clock.fast_forward(5100)
    expect(page.locator("#ip .state")).to_have_text("Ready")
    expect(page.locator('.card[href="#ip"] .history [data-state]')).to_have_count(2)


def test_hidden_page_does_not_ask(stage, open_portal):
    page = open_portal(lambda page: page.clock.install())
    expect(page.locator("#tally")).to_have_text("5 of 5 ready")
    page.evaluate(HIDE, True)
    for _ in range(3):
        page.clock.fast_forward(5100)
        page.evaluate("fetch('/ip/later').then((response) => response.text())")
    assert asked(stage, "/ip/readyz") == 1
    with page.expect_response("**/ip/readyz"):
        page.evaluate(HIDE, False)


def test_version_is_read_once_and_again_after_a_restart(stage, open_portal):
    stage.versions["ip"] = "1.4.0"
    page = open_portal(lambda page: page.clock.install())
    version = page.locator("#ip [data-part=version]")
    expect(version).to_have_text("1.4.0")
    page.clock.fast_forward(5100)
    expect(page.locator('.card[href="#ip"] .history [data-state]')).to_have_count(2)
    for status, state in ((503, "Not ready"), (200, "Ready")):
        stage.readiness["ip"], stage.versions["ip"] = status, "1.5.0"
        page.clock.fast_forward(5100)
        expect(page.locator("#ip .state")).to_have_text(state)
    expect(version).to_have_text("1.5.0")
    assert asked(stage, "/ip/openapi.json") == 2


def test_service_without_a_version_shows_a_dash(stage, open_portal):
    del stage.services["services"][0]["openapi"]
    page = open_portal()
    expect(page.locator("#ip .state")).to_have_text("Ready")
    expect(page.locator("#ip [data-part=version]")).to_have_text("\N{EN DASH}")


def test_links_lead_to_docs_and_the_host_name(stage, open_portal):
    page = open_portal()
    blog = page.locator("#blog")
    expect(blog.get_by_role("link", name="Documentation")).to_have_attribute("href", "/blog/docs")
    expect(blog.get_by_role("link", name="Open the blog")).to_have_attribute("href", "/blog/")
    port = stage.url.rpartition(":")[2]
    expect(page.locator("#ip").get_by_role("link", name=f"ip.localhost:{port}")).to_have_attribute(
        "href", f"http://ip.localhost:{port}/get-ip"
    )
    expect(page.get_by_role("link", name="Traces in Jaeger")).to_have_attribute(
        "href", "http://localhost:16686/"
    )


@pytest.mark.parametrize(
    ("protocol", "hostname", "port", "address"),
    [
        ("http:", "localhost", "8080", "http://ip.localhost:8080"),
        ("http:", "192.168.49.2", "", "http://ip.192.168.49.2.nip.io"),
        ("https:", "quintet.example.org", "8443", "https://ip.quintet.example.org:8443"),
    ],
)
def test_host_name_fits_the_address_of_the_page(open_portal, protocol, hostname, port, address):
    page = open_portal()
    here = {"protocol": protocol, "hostname": hostname, "port": port}
    script = "async (here) => (await import('/service.js')).hostAddress('ip', here)"
    assert page.evaluate(script, here) == address


def test_markup_in_the_list_stays_text(stage, open_portal):
    stage.services["services"][0] |= {"title": "<img src=x onerror=alert(1)>", "summary": "<b>bold</b>"}
    page = open_portal()
    expect(page.locator("#ip h2")).to_have_text("<img src=x onerror=alert(1)>")
    assert page.locator("#services :is(img, b)").count() == 0


def test_missing_list_is_said(open_portal):
    page = open_portal(lambda page: page.route("**/services.json", lambda route: route.fulfill(status=502)))
    expect(page.get_by_role("alert")).to_contain_text("did not load: the gateway answered 502")


def test_documented_list_can_be_shown(stage, open_portal):
    readme = (Path(__file__).parents[2] / "portal" / "README.md").read_text()
    stage.services = json.loads(readme.partition("```json")[2].partition("```")[0])
    page = open_portal()
    expect(page.locator("#shout .state")).to_have_text("Ready")
    expect(page.locator("#shout .target")).to_have_text("POST /shout/v1")
