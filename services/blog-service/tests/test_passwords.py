"""Password hashes: today's, and those of older databases."""

import pytest
from werkzeug.security import generate_password_hash

from blog_service.accounts import passwords

PASSWORD = "correct horse battery"
OLD = ["pbkdf2:sha256:1000", "pbkdf2:sha1:1000", "scrypt:1024:8:1"]


@pytest.fixture(autouse=True)
def quick_hashes():
    """None here: these tests are about the real ones."""
    passwords._nobodys_hash.cache_clear()


def test_new_hash_is_argon2id(reader, rows):
    reader.register("Ann")
    assert rows("SELECT password FROM user")[0]["password"].startswith("$argon2id$")


@pytest.mark.parametrize("method", OLD)
def test_old_hash_logs_in_and_is_made_anew(reader, rows, method):
    reader.register("Ann")
    rows("UPDATE user SET password = :old", old=generate_password_hash("old password", method))
    assert reader.log_in("Ann", "wrong password").status_code == 200
    assert reader.log_in("Ann", "old password").status_code == 302
    assert rows("SELECT password FROM user")[0]["password"].startswith("$argon2id$")
    assert reader.log_in("Ann", "old password").status_code == 302


def test_weaker_argon2_hash_is_made_anew(reader, rows):
    reader.register("Ann")
    weak = passwords.PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash("weak password")
    rows("UPDATE user SET password = :weak", weak=weak)
    assert reader.log_in("Ann", "weak password").status_code == 302
    assert "m=19456,t=2,p=1" in rows("SELECT password FROM user")[0]["password"]


@pytest.mark.parametrize(
    "stored", ["", "x", "plain$$secret", "md5$a$b", "pbkdf2:sha256:x$a$b", "$argon2id$broken", "$$"]
)
def test_broken_hash_lets_nobody_in(reader, rows, stored):
    reader.register("Ann")
    rows("UPDATE user SET password = :stored", stored=stored)
    assert reader.log_in("Ann", "secret").status_code == 200


def test_unknown_user_costs_the_same_work(reader, monkeypatch):
    """Counted, not timed: one verification of one argon2id hash with the same parameters."""
    reader.register("Ann")
    seen = []
    matches = passwords._matches

    def count(stored, password):
        seen.append(stored.rsplit("$", 2)[0])
        return matches(stored, password)

    monkeypatch.setattr(passwords, "_matches", count)
    reader.log_in("Ann", "wrong password")
    reader.log_in("Nobody", "wrong password")
    assert len(seen) == 2
    assert seen[0] == seen[1]


@pytest.mark.parametrize("password", ["pässwörd 🎌", "x" * 1024, "a\x00b-----", "  spaces  ", "<b>&amp;</b>"])
def test_any_characters_make_a_password(reader, password):
    assert reader.register("Ann", password).status_code == 302
    assert reader.log_in("Ann", password).status_code == 302
