"""The front page in a real browser, over the services as they are."""

import re
import secrets

import pytest
from playwright.sync_api import Locator, Page, expect

SERVICES = ["ip", "config", "shout", "blog", "athlete"]
WITH_API = ["ip", "config", "shout", "athlete"]


@pytest.fixture(scope="module")
def portal(new_page, stack) -> Page:
    page = new_page()
    page.goto(stack.public_url)
    return page


def choose(page: Page, service: str, title: str) -> Locator:
    form = page.locator(f"#{service} form")
    form.get_by_role("radio", name=title, exact=True).check()
    return form


def fill(form: Locator, label: str, value: str) -> None:
    form.locator(".fields label", has=form.page.get_by_text(label, exact=True)).locator("[name]").fill(value)


def send(form: Locator) -> Locator:
    form.get_by_role("button", name="Send").click()
    expect(form).to_have_attribute("aria-busy", "false")
    return form.locator("[data-part=answer]")


def test_every_service_is_ready(portal):
    expect(portal.locator("#tally")).to_have_text("5 of 5 ready")
    for service in SERVICES:
        expect(portal.locator(f"#{service} .state")).to_have_text("Ready")


@pytest.mark.parametrize("service", WITH_API)
def test_version_is_shown(portal, service):
    expect(portal.locator(f"#{service} [data-part=version]")).to_have_text(re.compile(r"^\d+\.\d+\.\d+"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_link_leads_somewhere(portal, client, service):
    links = portal.locator(f"#{service} .links a").evaluate_all(
        "(all) => all.map((one) => one.getAttribute('href'))"
    )
    assert links
    answers = {link: client.get(link).status_code for link in links}
    assert {link: status for link, status in answers.items() if status != 200} == {}


@pytest.mark.parametrize(
    ("service", "title", "status", "answer"),
    [
        ("ip", "My address", "200 OK", r"^[\da-f.:]+\s*$"),
        ("ip", "All addresses", "200 OK", r"^([\da-f.:]+\s*){1,10}$"),
        ("ip", "What is known about me", "200 OK", r'"requests": \d+'),
        ("config", "List all", "200 OK", '"dcname": "datacenter-1"'),
        ("config", "Read one", "200 OK", '"dcname": "datacenter-1"'),
        ("config", "Search", "200 OK", '"dcname": "datacenter-1"'),
        ("shout", "Shout a text", "200 OK", '^"!DLROW ,OLLEH"$'),
        ("shout", "Shout several", "200 OK", '"data": "OLLEH"'),
        ("blog", "Say hello", "200 OK", "^Hello, World!$"),
        ("blog", "Read the posts' feed", "200 OK", '"title": ?"Blog"'),
        ("athlete", "Who is it?", "200 OK", '"myFavoriteAthlete": "Usain Bolt"'),
        ("athlete", "A method that is not accepted", "405 Method Not Allowed", "^Only GET method valid$"),
    ],
)
def test_form_answers(portal, service, title, status, answer):
    shown = send(choose(portal, service, title))
    expect(shown.get_by_role("status")).to_contain_text(status)
    expect(shown.locator("pre")).to_have_text(re.compile(answer))
    expect(shown.locator("[data-part=ids]")).to_contain_text(re.compile("[0-9a-f]{32}"))


def test_document_is_created_changed_and_deleted_by_the_forms(portal):
    name, markup = f"e2e-{secrets.token_hex(6)}", "<img src=x onerror=alert(1)>"
    form = choose(portal, "config", "Create")
    fill(
        form, "Body", f'{{"dcname": "{name}", "metadata": {{"limits": {{"cpu": {{"value": "{markup}"}}}}}}}}'
    )
    expect(send(form).get_by_role("status")).to_contain_text("204 No Content")
    for title, status in (("Change", "204 No Content"), ("Read one", "200 OK"), ("Delete", "204 No Content")):
        fill(choose(portal, "config", title), "Name", name)
        expect(send(form).get_by_role("status")).to_contain_text(status)
        if title == "Read one":
            expect(form.locator("pre")).to_contain_text(markup)
