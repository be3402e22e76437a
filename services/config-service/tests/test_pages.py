import html
import re
import secrets
from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from chassis.fastapi import App
from chassis.testing import run_app
from config_service.app import create_app
from config_service.settings import Settings

pytestmark = pytest.mark.anyio

DC = "/pages/configs/datacenter-1"


async def edit(client: httpx.AsyncClient, **fields: str) -> httpx.Response:
    form = {
        "metadata": '{"monitoring": {"enabled": false}}',
        "schema": "datacenter",
        "revision": "1",
        **fields,
    }
    return await client.post(f"{DC}/edit", data=form)


async def test_documents_are_listed_and_found(client: httpx.AsyncClient) -> None:
    for index in range(51):
        await client.put(f"/v1/configs/a{index:02}", json={"metadata": {"x": index}})

    everything, found = await client.get("/"), await client.get("/", params={"where": "x=7"})
    (more,) = re.findall(r'href="(/\?[^"]*)">Next page', everything.text)

    assert everything.headers["content-type"].startswith("text/html")
    assert everything.text.count("/pages/configs/") == 50
    assert "datacenter-2" in (await client.get(html.unescape(more))).text
    assert re.findall(r"/pages/configs/([\w-]+)", found.text) == ["a07"]
    assert "No document fits" in (await client.get("/", params={"prefix": "zz"})).text
    assert "cannot be searched" in (await client.get("/", params={"where": "=1"})).text


async def test_document_is_shown_with_its_history(client: httpx.AsyncClient) -> None:
    await edit(client, reason="too <loud>")

    page, old = await client.get(DC), await client.get(DC, params={"revision": 1})
    compared = await client.get(f"{DC}/diff", params={"from": 1, "to": 3})

    assert "&#34;enabled&#34;: false" in page.text
    assert "too &lt;loud&gt;" in page.text
    assert "500m" in old.text
    assert '<span class="removed">-    &#34;enabled&#34;: true</span>' in compared.text
    assert '<span class="added">+    &#34;enabled&#34;: false</span>' in compared.text
    for path in ("/pages/configs/none", "/pages/configs/none/edit", f"{DC}?revision=2"):
        assert (await client.get(path)).status_code == 404


async def test_schema_is_shown_with_its_history(client: httpx.AsyncClient) -> None:
    path, page = "/v1/schemas/app", "/pages/schemas/app"
    await client.put(path, json={"minProperties": 1}, headers={"X-Change-Reason": "too <empty>"})
    await client.put(path, json=True)

    listed, now, old = [
        (await client.get(url)).text for url in ("/pages/schemas", page, f"{page}?revision=3")
    ]
    assert re.findall(r"/pages/schemas/(\w+)", listed) == ["app", "datacenter"]
    assert '<pre tabindex="0" aria-label="Schema">true</pre>' in now
    assert "too &lt;empty&gt;" in now
    assert "&#34;minProperties&#34;: 1" in old
    assert "500m" in (await client.get(DC)).text
    assert f'href="{page.replace("app", "datacenter")}"' in (await client.get(DC)).text

    await client.delete(path)
    assert "This revision deleted the schema" in (await client.get(page)).text
    assert "does not change" in (await client.get("/pages/schemas/datacenter")).text
    for absent in ("/pages/schemas/none", f"{page}?revision=2", "/pages/schemas/datacenter?revision=1"):
        assert (await client.get(absent)).status_code == 404


async def test_edit_saves_what_the_person_has_seen(client: httpx.AsyncClient) -> None:
    form = await client.get(f"{DC}/edit")
    saved = await edit(client)

    assert 'name="revision" value="1"' in form.text
    assert (saved.status_code, saved.headers["location"]) == (303, DC)
    (document,) = (await client.get("/configs/datacenter-1")).json()
    assert document["metadata"] == {"monitoring": {"enabled": False}}


async def test_conflict_keeps_both_texts_and_can_be_saved_again(client: httpx.AsyncClient) -> None:
    await client.put("/v1/configs/datacenter-1", json={"schema": "datacenter", "metadata": {"limits": {}}})

    refused = await edit(client)

    assert refused.status_code == 412
    assert "Someone else has changed this document" in refused.text
    assert "&#34;limits&#34;" in refused.text
    assert "&#34;monitoring&#34;" in refused.text
    assert 'name="revision" value="3"' in refused.text
    assert (await edit(client, revision="3")).status_code == 303


@pytest.mark.parametrize(
    ("fields", "status", "shown"),
    [
        ({"metadata": '{"limits": 1}'}, 422, "/metadata/limits"),
        ({"metadata": "{"}, 400, "Malformed JSON"),
        ({"metadata": "[]"}, 422, "/metadata"),
        ({"metadata": '{"x": "</textarea><script>"}', "schema": "none"}, 422, "/schema"),
    ],
)
async def test_fault_is_shown_beside_the_text(
    client: httpx.AsyncClient, fields: dict[str, str], status: int, shown: str
) -> None:
    response = await edit(client, **fields)

    assert response.status_code == status
    assert shown in response.text
    assert html.escape(fields["metadata"]).replace("&quot;", "&#34;") in response.text
    assert "<script" not in response.text


async def test_new_document_is_made_once(client: httpx.AsyncClient) -> None:
    form = {"name": "a", "metadata": '{"x": 1}', "schema": "", "reason": "new"}

    assert (await client.get("/pages/new")).status_code == 200
    assert (await client.post("/pages/new", data=form)).headers["location"] == "/pages/configs/a"
    again = await client.post("/pages/new", data=form)
    assert (again.status_code, "exists" in again.text) == (409, True)
    assert (await client.post("/pages/new", data={**form, "name": "-"})).status_code == 422


async def test_deleted_document_can_be_brought_back(client: httpx.AsyncClient) -> None:
    assert (await client.post(f"{DC}/delete", data={"revision": "9"})).status_code == 412
    assert (await client.post(f"{DC}/delete", data={"revision": "1"})).status_code == 303
    assert "The document is deleted" in (await client.get(DC)).text

    assert (await client.post(f"{DC}/rollback", data={"to": "1"})).status_code == 303
    assert (await client.get("/v1/configs/datacenter-1")).json()["revision"] == 4
    assert (await client.post(f"{DC}/rollback", data={"to": "x", "revision": "4"})).status_code == 422


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://evil.test"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 303),
        ({"Origin": "http://service.test"}, 303),
    ],
)
async def test_form_of_another_site_is_refused(
    client: httpx.AsyncClient, headers: dict[str, str], status: int
) -> None:
    response = await client.post(f"{DC}/delete", data={"revision": "1"}, headers=headers)

    assert response.status_code == status


async def test_json_is_no_form(client: httpx.AsyncClient) -> None:
    assert (await client.post(f"{DC}/delete", json={"revision": "1"})).status_code == 415


async def test_links_carry_the_public_prefix(app: App, settings: Settings) -> None:
    async with run_app(create_app(settings.model_copy(update={"root_path": "/config"}))) as client:
        page = await client.get("/config/")
        saved = await client.post("/config/pages/new", data={"name": "a", "metadata": "{}"})

    assert set(re.findall(r'(?:href|action)="(/\w*)', page.text)) == {"/config"}
    assert saved.headers["location"] == "/config/pages/configs/a"


async def test_policy_admits_nothing_from_elsewhere(client: httpx.AsyncClient) -> None:
    page = await client.get("/")

    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    assert "http://" not in page.text.replace("http://service.test", "")


@pytest.fixture
async def guarded(app: App, settings: Settings) -> AsyncIterator[tuple[httpx.AsyncClient, str]]:
    token = secrets.token_urlsafe()
    update = {"config_tokens": SecretStr(f"ann {token} write"), "config_read_auth": True}
    async with run_app(create_app(settings.model_copy(update=update))) as client:
        yield client, token


async def test_page_asks_for_a_token(guarded: tuple[httpx.AsyncClient, str]) -> None:
    client, token = guarded
    for response in (await client.get("/"), await client.get("/pages/schemas"), await edit(client)):
        assert (response.status_code, response.headers["location"]) == (303, "/pages/session")
    wrong = await client.post("/pages/session", data={"token": "wrong"})
    assert (wrong.status_code, "unknown" in wrong.text, wrong.cookies) == (401, True, {})

    right = await client.post("/pages/session", data={"token": token})
    cookie = right.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    for path in ("/", "/pages/schemas", "/pages/schemas/datacenter"):
        assert (await client.get(path)).status_code == 200
    assert (await edit(client)).status_code == 303
    (entry, _) = (
        await client.get(
            f"/v1{DC.removeprefix('/pages')}/revisions", headers={"Authorization": f"Bearer {token}"}
        )
    ).json()["items"]
    assert entry["author"] == "ann"
    assert (await client.put("/v1/configs/b", json={"metadata": {}})).status_code == 401

    await client.post("/pages/session", data={"token": ""})
    assert (await client.get("/")).status_code == 303
