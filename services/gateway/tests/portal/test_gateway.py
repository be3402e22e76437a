"""The portal as the real gateway serves it, with the list that it renders from the routing table."""

import pytest
from playwright.sync_api import expect

import gateway

pytestmark = pytest.mark.browser

SERVICES = gateway.load_table().services


def test_gateway_serves_a_page_that_works(door, open_portal):
    page = open_portal(origin=door.url)
    expect(page.get_by_role("heading", level=2)).to_have_text([service.title for service in SERVICES])
    expect(page.locator("#tally")).to_have_text(f"{len(SERVICES)} of {len(SERVICES)} ready")
    assert page.locator("svg.icon").first.evaluate("(icon) => icon.firstElementChild.getBBox().width > 0")


def test_every_example_can_be_sent(door, open_portal):
    page = open_portal(origin=door.url)
    for service in SERVICES:
        form = page.locator(f"#{service.name} form")
        for example in service.examples:
            form.get_by_role("radio", name=example.title, exact=True).check()
            with page.expect_response(f"**{service.prefix}/**") as caught:
                form.get_by_role("button", name="Send").click()
            assert (caught.value.request.method, caught.value.status) == (example.method, 200)
            assert "%7B" not in caught.value.url
            expect(form).to_have_attribute("aria-busy", "false")


def test_page_without_scripts_has_the_list(door, open_portal):
    page = open_portal(origin=door.url, java_script_enabled=False)
    for service in SERVICES:
        link = page.get_by_role("link", name=service.title, exact=True)
        expect(link).to_have_attribute("href", service.prefix + service.home)
    expect(page.get_by_role("listitem")).to_have_count(len(SERVICES))
    expect(page.get_by_role("button")).to_have_count(0)
