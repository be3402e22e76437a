"""athlete-service: one answer, and one method to ask for it."""

import pytest

WAYS = [
    ("athlete", ""),
    ("athlete", "localhost"),
    ("athlete", "127.0.0.1.nip.io"),
    ("favourite-athlete", "localhost"),
    ("favourite-athlete", "127.0.0.1.nip.io"),
]


@pytest.fixture(scope="module")
def athlete(new_client):
    return new_client("athlete")


@pytest.mark.parametrize(("name", "suffix"), WAYS)
def test_favourite_is_told_by_path_and_by_host_name(new_client, name, suffix):
    answer = new_client(name, suffix).get("/")
    assert (answer.status_code, answer.json()) == (200, {"myFavoriteAthlete": "Usain Bolt"})
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["cache-control"] == "public, max-age=60"


def test_prefix_without_a_slash_answers_the_same(client):
    assert client.get("/athlete").content == client.get("/athlete/").content


def test_known_answer_is_not_sent_again(athlete):
    etag = athlete.get("/").headers["etag"]
    answer = athlete.get("/", headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content) == (304, b"")


def test_head_is_get_without_a_body(athlete):
    got, head = athlete.get("/"), athlete.head("/")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-length"] == got.headers["content-length"]


def test_options_tells_the_methods(athlete):
    answer = athlete.options("/")
    assert (answer.status_code, answer.headers["allow"]) == (204, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "QUERY", "LINK"])
def test_other_method_is_refused_in_words(athlete, method):
    answer = athlete.request(method, "/")
    assert (answer.status_code, answer.text) == (405, "Only GET method valid")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["allow"] == "GET, HEAD, OPTIONS"


def test_other_method_is_a_problem_for_who_asks_for_json(athlete):
    answer = athlete.post("/", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (405, "application/problem+json")
    assert answer.json()["status"] == 405
