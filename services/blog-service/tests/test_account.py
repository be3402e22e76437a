"""The account page: another password, and the end of an account."""

import pytest

PASSWORD = "correct horse battery"


def _change(person, current, new):
    return person.post("/account/password", {"current_password": current, "new_password": new})


def test_changed_password_ends_the_other_sessions(author, reader):
    reader.log_in(author.name)
    assert _change(author, PASSWORD, "another password").location == "/account"
    assert author.get("/account").status_code == 200
    assert reader.get("/account").status_code == 302
    assert reader.log_in(author.name).status_code == 200
    assert reader.log_in(author.name, "another password").status_code == 302


@pytest.mark.parametrize(
    ("current", "new", "message"),
    [
        ("wrong password", "another password", "Incorrect password."),
        (PASSWORD, "short", "Password must have at least 8 characters."),
        (PASSWORD, "", "Password is required."),
    ],
)
def test_refused_change_says_why(author, reader, current, new, message):
    answer = _change(author, current, new)
    assert answer.status_code == 200
    assert message in answer.text
    assert reader.log_in(author.name).status_code == 302


def test_guessing_the_current_password_is_throttled(author):
    for _ in range(5):
        _change(author, "wrong password", "another password")
    assert _change(author, PASSWORD, "another password").status_code == 429


def test_deleted_account_takes_its_data_along(author, member, reader, rows):
    other = member()
    author.write("mine", tags="one")
    other.write("theirs")
    answer = author.post("/account/delete", {"password": PASSWORD})
    assert (answer.status_code, answer.location) == (302, "/")
    assert "Your account is deleted, with all your posts and images." in author.get("/").text
    assert reader.get("/posts/mine").status_code == 404
    assert reader.get("/posts/theirs").status_code == 200
    assert reader.log_in(author.name).status_code == 200
    assert author.get("/account").status_code == 302
    assert [row["username"] for row in rows("SELECT * FROM user")] == [other.name]
    assert rows("SELECT * FROM post_tag") == []


def test_account_stays_without_the_password(author, rows):
    answer = author.post("/account/delete", {"password": "wrong password"})
    assert "Incorrect password." in answer.text
    assert len(rows("SELECT * FROM user")) == 1
