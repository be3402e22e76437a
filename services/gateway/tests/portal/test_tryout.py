"""The forms to try a service with: what is sent, and how the answer is shown."""

import json
import re
import shlex
import subprocess

import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser

HURRIED = (
    "{ const real = AbortSignal.timeout; AbortSignal.timeout = (ms) => real.call(AbortSignal, ms / 20); }"
)
HOSTILE = "<!doctype html><script>window.broken = 1</script><img src=/x onerror='broken = 1'><b>bold</b>"


def form(page: Page, service: str) -> Locator:
    return page.locator(f"#{service} form")


def choose(page: Page, service: str, title: str) -> Locator:
    form(page, service).get_by_role("radio", name=title, exact=True).check()
    return form(page, service)


def send(form: Locator) -> Locator:
    form.get_by_role("button", name="Send").click()
    return form.locator("[data-part=answer]")


def field(form: Locator, label: str) -> Locator:
    return form.locator(".fields label", has=form.page.get_by_text(label, exact=True)).locator("[name]")


def test_answer_is_shown_with_status_duration_size_and_ids(stage, open_portal):
    stage.play("/ip/get-ip", '{"client_ip": "203.0.113.7"}')
    answer = send(form(open_portal(), "ip"))
    expect(answer.get_by_role("status")).to_contain_text("200 OK")
    expect(answer.get_by_role("status")).to_have_text(re.compile(r"200 OK[\d.]+ ms28 Bapplication/json"))
    expect(answer.locator("pre")).to_have_text('{\n  "client_ip": "203.0.113.7"\n}')
    expect(answer.get_by_role("code").filter(has_text=stage.request_id)).to_be_visible()
    expect(answer.get_by_role("link", name=stage.trace_id)).to_have_attribute(
        "href", f"http://localhost:16686/trace/{stage.trace_id}"
    )


def test_trace_without_jaeger_is_no_link(stage, open_portal):
    stage.services["jaeger_url"] = None
    answer = send(form(open_portal(), "ip"))
    expect(answer.get_by_role("code").filter(has_text=stage.trace_id)).to_be_visible()
    expect(answer.get_by_role("link")).to_have_count(0)


def test_problem_is_an_answer_too(stage, open_portal):
    stage.play("/athlete/", '{"title": "Down", "status": 503}', status=503, type="application/problem+json")
    answer = send(form(open_portal(), "athlete"))
    expect(answer.get_by_role("status")).to_contain_text("503 Service Unavailable")
    expect(answer.locator("pre")).to_have_text('{\n  "title": "Down",\n  "status": 503\n}')


def test_headers_are_at_hand(stage, open_portal):
    stage.play("/ip/get-ip", "203.0.113.7\n", type="text/plain", headers={"RateLimit": '"default";r=19;t=60'})
    answer = send(form(open_portal(), "ip"))
    answer.get_by_text("Headers").click()
    expect(answer.get_by_text('"default";r=19;t=60')).to_be_visible()


@pytest.mark.parametrize(
    "content_type", ["text/html; charset=utf-8", "image/svg+xml", "text/plain", "application/json"]
)
def test_markup_in_an_answer_is_shown_as_source(stage, open_portal, content_type):
    stage.play("/blog/", HOSTILE, type=content_type)
    page = open_portal()
    answer = send(form(page, "blog"))
    expect(answer.locator("pre")).to_have_text(HOSTILE)
    assert answer.locator("pre").evaluate("(pre) => pre.childElementCount") == 0
    assert page.evaluate("window.broken") is None


def test_markup_in_headers_and_json_is_text(stage, open_portal):
    stage.trace_id = stage.request_id = "<img src=/x onerror='broken=1'>"
    stage.play("/ip/get-ip", json.dumps({"<script>broken = 1</script>": HOSTILE}))
    page = open_portal()
    answer = send(form(page, "ip"))
    expect(answer.locator("pre")).to_contain_text("<script>broken = 1</script>")
    assert answer.locator(":is(img, script, b)").count() == 0
    assert page.evaluate("window.broken") is None


def test_json_is_laid_out_without_a_change_to_its_values(stage, open_portal):
    stage.play("/ip/get-ip", '{"big":12345678901234567890,"one":1.0,"e":[],"o":{},"a":[1,"x, {y}: \\"z\\""]}')
    answer = send(form(open_portal(), "ip"))
    expected = "\n".join(
        [
            "{",
            '  "big": 12345678901234567890,',
            '  "one": 1.0,',
            '  "e": [],',
            '  "o": {},',
            '  "a": [',
            "    1,",
            '    "x, {y}: \\"z\\""',
            "  ]",
            "}",
        ]
    )
    expect(answer.locator("pre")).to_have_text(expected)
    assert answer.locator("pre").text_content() == expected


def test_broken_json_is_shown_as_it_came(stage, open_portal):
    stage.play("/ip/get-ip", '{"a": [1,')
    expect(send(form(open_portal(), "ip")).locator("pre")).to_have_text('{"a": [1,')


def test_long_answer_is_cut(stage, open_portal):
    stage.play("/ip/get-ip", "é" * 100_000, type="text/plain")
    answer = send(form(open_portal(), "ip"))
    expect(answer.get_by_text("Cut at 65.5 kB.")).to_be_visible()
    assert len(answer.locator("pre").text_content()) == 32_768


def test_binary_answer_is_described(stage, open_portal):
    stage.play("/ip/get-ip", bytes(range(256)), type="image/png")
    expect(send(form(open_portal(), "ip")).locator("pre")).to_have_text("256 B of image/png")


def test_empty_answer_says_so(stage, open_portal):
    stage.play("/config/configs/datacenter-3", status=204)
    answer = send(choose(open_portal(), "config", "Delete"))
    expect(answer.get_by_role("status")).to_contain_text("204 No Content")
    expect(answer.get_by_text("The answer has no body.")).to_be_visible()
    expect(answer.locator("pre")).to_be_hidden()


def test_redirect_is_followed_and_named(stage, open_portal):
    stage.play("/blog/", status=302, headers={"Location": "/blog/auth/login"})
    answer = send(form(open_portal(), "blog"))
    expect(answer.get_by_text("Redirected to /blog/auth/login.")).to_be_visible()


def test_slow_answer_leaves_the_page_usable_and_is_sent_once(stage, open_portal):
    stage.held.add("/ip/get-ip")
    page = open_portal()
    slow = form(page, "ip")
    send(slow)
    expect(slow).to_have_attribute("aria-busy", "true")
    send(slow)
    expect(send(form(page, "athlete")).get_by_role("status")).to_contain_text("200 OK")
    stage.released.set()
    expect(slow.get_by_role("status")).to_contain_text("200 OK")
    expect(slow).to_have_attribute("aria-busy", "false")
    assert [path for _, path, _, _ in stage.calls] == ["/ip/get-ip", "/athlete/"]


def test_answer_that_never_comes_is_given_up(stage, open_portal):
    stage.held.add("/ip/get-ip")
    page = open_portal(lambda page: page.add_init_script(HURRIED))
    expect(send(form(page, "ip")).get_by_role("status")).to_have_text("No answer in time")


def test_fields_go_where_they_belong(stage, open_portal):
    page = open_portal()
    field(form(page, "ip"), "Format").select_option("application/yaml")
    send(form(page, "ip"))
    field(listing := choose(page, "ip", "All addresses"), "At most").fill("5")
    expect(listing.locator(".target")).to_have_text("GET /ip/get-ip-list?limit=5")
    field(reading := choose(page, "config", "Read one"), "Name").fill("a b/é?")
    expect(reading.locator(".target")).to_have_text("GET /config/configs/a%20b%2F%C3%A9%3F")
    field(shouting := form(page, "shout"), "Text").fill('it\'s "loud"')
    expect(send(shouting).get_by_role("status")).to_contain_text("200")
    calls = {path: (method, headers, body) for method, path, headers, body in stage.calls}
    assert calls["/ip/get-ip"][1]["Accept"] == "application/yaml"
    method, headers, body = calls["/shout/v1"]
    assert (method, headers["Content-Type"], json.loads(body)) == (
        "POST",
        "application/json",
        {"data": 'it\'s "loud"'},
    )


def test_empty_query_field_is_left_out(open_portal):
    searching = choose(open_portal(), "config", "Search")
    expect(searching.locator(".target")).to_have_text("GET /config/search?metadata.monitoring.enabled=true")
    field(searching, "Monitoring enabled").select_option("")
    expect(searching.locator(".target")).to_have_text("GET /config/search")


def test_part_of_the_path_is_required(stage, open_portal):
    reading = choose(open_portal(), "config", "Read one")
    field(reading, "Name").fill("")
    reading.get_by_role("button", name="Send").click()
    assert field(reading, "Name").evaluate("(input) => input.validity.valueMissing")
    assert stage.calls == []


def test_body_is_sent_as_edited(stage, open_portal):
    creating = choose(open_portal(), "config", "Create")
    field(creating, "Body").fill('{"dcname": "x"')
    expect(send(creating).get_by_role("status")).to_contain_text("200")
    assert stage.calls[-1][3] == '{"dcname": "x"'


def test_header_that_no_browser_sends_is_refused_in_words(stage, open_portal):
    stage.services["services"][0]["examples"][0]["fields"][0] |= {"type": "text", "value": "日本"}
    expect(send(form(open_portal(), "ip")).get_by_role("status")).to_contain_text("No answer:")


def test_curl_line_does_the_same(stage, open_portal):
    page = open_portal()
    shouting = form(page, "shout")
    field(shouting, "Text").fill("it's $HOME\n`x`")
    line = shouting.locator("[data-part=curl]").text_content()
    subprocess.run(["/bin/sh", "-c", line], check=True, capture_output=True, timeout=10)  # noqa: S603 - its point
    method, path, headers, body = stage.calls[-1]
    assert (method, path, headers["Content-Type"]) == ("POST", "/shout/v1", "application/json")
    assert json.loads(body) == {"data": "it's $HOME\n`x`"}


def test_curl_line_can_be_copied(open_portal):
    page = open_portal(permissions=["clipboard-read", "clipboard-write"])
    form(page, "athlete").get_by_role("button", name="Copy").click()
    expect(form(page, "athlete").get_by_role("button", name="Copied")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert shlex.split(copied) == ["curl", "-i", f"{page.url}athlete/"]
