"""Registration, login and logout, as the surface says."""

import threading

import pytest

PASSWORD = "correct horse battery"


def test_registration_leads_to_the_login(reader):
    answer = reader.register("Ann")
    assert (answer.status_code, answer.location) == (302, "/auth/login")
    assert "Your account is ready" in reader.get("/auth/login").text


def test_login_leads_to_the_front_page(reader):
    reader.register("Ann")
    answer = reader.log_in("Ann")
    assert (answer.status_code, answer.location) == (302, "/")
    assert "Ann" in reader.get("/").text
    assert "Log out" in reader.get("/").text


@pytest.mark.parametrize(
    ("username", "password", "message"),
    [
        ("", PASSWORD, "Username is required."),
        ("   ", PASSWORD, "Username is required."),
        ("Ann", "", "Password is required."),
        ("Ann", "short77", "Password must have at least 8 characters."),
        ("Ann", "x" * 1025, "Password must have at most 1024 characters."),
        ("x" * 65, PASSWORD, "Username must have at most 64 characters."),
        (" Ann", PASSWORD, "Username must not begin or end with a space."),
        ("Ann\u00a0", PASSWORD, "Username must not begin or end with a space."),
        ("An\x00n", PASSWORD, "Username must not contain control characters."),
        ("An\nn", PASSWORD, "Username must not contain control characters."),
        ("An\u202en", PASSWORD, "Username must not contain control characters."),
    ],
)
def test_refused_registration_says_why(reader, rows, username, password, message):
    answer = reader.register(username, password)
    assert answer.status_code == 200
    assert message in answer.text
    assert rows("SELECT * FROM user") == []


@pytest.mark.parametrize("fields", [{}, {"username": "Ann"}, {"password": PASSWORD}])
def test_registration_without_a_field_is_the_form_again(reader, fields):
    answer = reader.post("/auth/register", fields)
    assert answer.status_code == 200
    assert "is required." in answer.text


def test_eight_characters_are_enough(reader):
    assert reader.register("Ann", "12345678").status_code == 302


@pytest.mark.parametrize("name", ["x" * 64, "Ålesund", "李雷", "a b", "O'Brien", "a/b", "<b>", "日本🎌"])
def test_name_is_shown_as_typed(member, name):
    assert member(name).post("/create", {"title": "t"}).status_code == 302


@pytest.mark.parametrize(
    ("first", "second"), [("Ann", "ann"), ("Ann", "Ann"), ("ÄRGER", "ärger"), ("Σας", "σΑΣ")]
)
def test_name_is_taken_in_any_letter_case(reader, rows, first, second):
    reader.register(first)
    answer = reader.register(second)
    assert answer.status_code == 200
    assert f"User {second} is already registered." in answer.text
    assert len(rows("SELECT * FROM user")) == 1


def test_accent_makes_another_name(reader):
    assert reader.register("Jose").status_code == 302
    assert reader.register("José").status_code == 302


@pytest.mark.parametrize("typed", ["ann", "ANN", "Ann"])
def test_any_letter_case_logs_in(reader, typed):
    reader.register("Ann")
    assert reader.log_in(typed).status_code == 302


@pytest.mark.parametrize(
    ("username", "password"),
    [
        ("Ann", "wrong password"),
        ("Nobody", PASSWORD),
        ("", ""),
        ("Ann", ""),
        ("Ann", PASSWORD.upper()),
        ("A\x00", "x"),
    ],
)
def test_failed_login_does_not_say_what_was_wrong(reader, username, password):
    reader.register("Ann")
    answer = reader.log_in(username, password)
    assert answer.status_code == 200
    assert "Incorrect username or password." in answer.text
    assert "Log out" not in reader.get("/").text


@pytest.mark.parametrize("method", ["get", "post"])
def test_logout_ends_the_session(author, method):
    answer = getattr(author, method)("/auth/logout")
    assert (answer.status_code, answer.location) == (302, "/")
    assert "Log in" in author.get("/").text
    assert author.get("/create").status_code == 302


def test_logout_without_a_session_is_no_error(reader):
    assert reader.get("/auth/logout").status_code == 302


def test_typed_name_is_kept_and_password_is_not(reader):
    page = reader.register("Ann", "short77").text
    assert 'value="Ann"' in page
    assert "short77" not in page


def test_one_of_many_registrations_of_a_name_wins(app, rows):
    names = ["samename", "SameName", "SAMENAME", "sameName", "Samename", "SAMEname", "sAMENAME", "samenamE"]
    readers = [_ready(app) for _ in names]
    barrier, answers = threading.Barrier(len(names)), []

    def register(client, token, name):
        barrier.wait()
        form = {"csrf_token": token, "username": name, "password": PASSWORD}
        answers.append(client.post("/auth/register", data=form))

    threads = [
        threading.Thread(target=register, args=(*ready, n)) for ready, n in zip(readers, names, strict=True)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answer.status_code for answer in answers) == [200] * 7 + [302]
    assert len(rows("SELECT * FROM user")) == 1


def _ready(app):
    client = app.test_client()
    page = client.get("/auth/register").text
    return client, page.split('name="csrf_token" value="')[1].split('"')[0]
