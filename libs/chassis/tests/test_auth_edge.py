"""What a service that asks who calls says to whom, on either framework."""

import re

import pytest

from chassis.testing import wait_until
from chassis.testing.issuer import AUDIENCE, make_key, running_issuer

REALM = 'Bearer realm="chassis"'


@pytest.fixture(scope="module")
def issuer():
    with running_issuer() as running:
        yield running


@pytest.fixture(scope="module", params=["guarded_asgi", "guarded_wsgi"])
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def service(kind, start_guarded, issuer):
    env = {"AUTH_ISSUER": issuer.url, "AUTH_AUDIENCE": AUDIENCE, "ROOT_PATH": "/sample"}
    with start_guarded(kind, **env) as running:
        yield running


def bearer(token):
    return {"Authorization": f"Bearer {token}"}


def test_who_may_call_what(service, issuer):
    for path in ("/me", "/reports/1", "/fast", "/nowhere", "/sample/me", "/me/"):
        answer = service.get(path)
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, REALM)
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.json()["title"] == "Unauthorized"
    headers = bearer(issuer.token())
    assert service.get("/me", headers=headers).json() == {"subject": "alice"}
    assert service.get("/fast", headers=headers).text == "fast"
    assert service.request("HEAD", "/fast", headers=headers).status_code == 200
    assert service.get("/nowhere", headers=headers).status_code == 404
    assert service.request("PUT", "/me", headers=headers).status_code == 405


def test_scope_that_a_route_asks_for(service, issuer):
    refused = service.get("/reports/7", headers=bearer(issuer.token(scope="reports:write")))
    assert refused.status_code == 403
    assert refused.headers["www-authenticate"] == (
        f'{REALM}, error="insufficient_scope", '
        'error_description="This takes the scope reports:read.", scope="reports:read"'
    )
    given = service.get("/reports/7", headers=bearer(issuer.token(scope="openid reports:read")))
    assert given.json() == {"number": 7}


def test_invalid_token_is_401_with_its_reason(service, issuer):
    for token, reason in (
        (issuer.token(exp=1), "The token has expired."),
        (issuer.token(key=make_key(kid=issuer.keys[0].kid)), "The token's signature is wrong."),
        (issuer.token(aud="x"), "The token is meant for another service."),
        ("nonsense", "The token is malformed."),
    ):
        answer = service.get("/me", headers=bearer(token))
        assert (answer.status_code, answer.json()["detail"]) == (401, reason)
        expected = f'{REALM}, error="invalid_token", error_description="{reason}"'
        assert answer.headers["www-authenticate"] == expected
        assert token not in answer.text


def test_probes_metrics_and_documents_stay_open(service, kind):
    paths = ["/livez", "/readyz", "/metrics"] + ["/openapi.json", "/docs"] * (kind == "guarded_asgi")
    for path in paths:
        assert service.get(path).status_code == 200
    options = service.request("OPTIONS", "/me")
    assert (options.status_code, {*options.headers["allow"].split(", ")}) == (204, {"GET", "HEAD", "OPTIONS"})


def test_document_tells_how_to_say_who_calls(start_guarded, issuer):
    env = {"AUTH_ISSUER": issuer.url, "AUTH_AUDIENCE": AUDIENCE}
    with start_guarded("guarded_asgi", **env) as service:
        document = service.get("/openapi.json").json()
    (requirement,) = document["security"]
    (name,) = requirement
    assert document["components"]["securitySchemes"][name] == {
        "type": "openIdConnect",
        "openIdConnectUrl": f"{issuer.url}/.well-known/openid-configuration",
    }
    assert {"200", "401", "503"} <= set(document["paths"]["/me"]["get"]["responses"])
    assert document["paths"]["/open"]["get"]["security"] == []


def test_open_route_takes_everybody_and_decides_itself(service, issuer):
    assert service.get("/open").status_code == 200
    assert service.request("HEAD", "/open").status_code == 200
    assert service.get("/open", headers=bearer("nonsense")).status_code == 200
    missing = service.request("DELETE", "/open")
    assert (missing.status_code, missing.headers["www-authenticate"]) == (401, REALM)
    wrong = service.request("DELETE", "/open", headers=bearer(issuer.token(exp=1)))
    assert (wrong.status_code, wrong.json()["detail"]) == (401, "The token has expired.")
    assert service.request("DELETE", "/open", headers=bearer(issuer.token())).status_code == 403
    allowed = bearer(issuer.token(scope="notices:erase"))
    assert service.request("DELETE", "/open", headers=allowed).status_code == 200


def test_body_of_a_stranger_is_not_read(service):
    answer = service.request("POST", "/reports", content=b"x" * 1000)
    assert answer.status_code == 401


def test_subject_is_in_the_access_line_and_on_the_span(service, issuer, request_id):
    answer = service.get("/me", headers={**bearer(issuer.token(sub="b\nob")), "X-Request-ID": request_id})
    (line,) = [line for line in service.log(request_id) if line["logger"] == "access"]
    assert line["subject"] == "b\nob"
    (server,) = [span for span in service.spans(answer) if span.name == "GET /me"]
    assert server.attributes["enduser.id"] == "b\nob"


def test_stranger_has_no_subject_and_a_known_route(service, request_id):
    service.get("/reports/3", headers={"X-Request-ID": request_id})
    (line,) = service.log(request_id)
    assert "subject" not in line
    assert (line["route"], line["status"]) == ("/reports/{number}", 401)


def test_token_is_never_logged(service, issuer, request_id):
    tokens = [issuer.token(), issuer.token(exp=1)]
    for token in tokens:
        service.get("/me", headers={**bearer(token), "X-Request-ID": request_id})
    service.log(request_id, 2)
    logged = service.process.log.read_text()
    assert not any(part in logged for token in tokens for part in token.split("."))


def test_reading_the_keys_is_measured(service, issuer):
    service.get("/me", headers=bearer(issuer.token()))
    labels = {"dependency": "issuer", "operation": "GET", "outcome": "ok"}
    assert service.metric("dependency_request_duration_seconds_count", **labels) == 2


def test_keys_that_were_never_read_are_503_until_they_are(kind, start_guarded):
    with running_issuer(make_key("EdDSA")) as issuer:
        token = issuer.token()
        issuer.stop()
        env = {"AUTH_ISSUER": issuer.url, "AUTH_AUDIENCE": AUDIENCE}
        with start_guarded(kind, **env) as service:
            answer = service.get("/me", headers=bearer(token))
            assert (answer.status_code, answer.json()["title"]) == (503, "Service Unavailable")
            assert int(answer.headers["retry-after"]) >= 1
            assert "127.0.0.1" not in answer.text
            assert service.get("/readyz").status_code == 200
            assert service.get("/open").status_code == 200
            assert service.request("DELETE", "/open", headers=bearer(token)).status_code == 503
            issuer.start()
            wait_until(lambda: service.get("/me", headers=bearer(token)).status_code == 200)
            issuer.stop()
            assert service.get("/me", headers=bearer(token)).status_code == 200


def test_service_without_issuer_asks_nobody(kind, start_guarded):
    with start_guarded(kind) as service:
        for header in ({}, bearer("nonsense")):
            assert service.get("/me", headers=header).json() == {"subject": None}
            assert service.get("/reports/1", headers=header).status_code == 200
            assert service.request("DELETE", "/open", headers=header).status_code == 200


def test_browser_gets_a_page(service):
    answer = service.get("/me", headers={"Accept": "text/html"})
    assert answer.status_code == 401
    assert re.search("<h1>401 Unauthorized</h1>", answer.text)
