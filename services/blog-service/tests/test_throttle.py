"""The login throttle: limits per pair, per address and per account."""

PASSWORD = "correct horse battery"


def _log_in(reader, name, password, address):
    headers = {"X-Forwarded-For": address}
    return reader.post("/auth/login", {"username": name, "password": password}, headers=headers)


def _fail(reader, name, address, times=1):
    for _ in range(times):
        assert _log_in(reader, name, "wrong words", address).status_code == 200


def test_sixth_failure_of_a_pair_has_to_wait(reader, clock):
    reader.register("Ann")
    _fail(reader, "Ann", "192.0.2.1", 5)
    answer = _log_in(reader, "Ann", PASSWORD, "192.0.2.1")
    assert answer.status_code == 429
    assert 890 <= int(answer.headers["Retry-After"]) <= 900
    assert "Too many failed logins." in answer.text
    assert "Incorrect" not in answer.text


def test_wait_is_over_after_fifteen_minutes(reader, clock):
    reader.register("Ann")
    _fail(reader, "Ann", "192.0.2.1", 5)
    clock.turn(minutes=15)
    assert _log_in(reader, "Ann", PASSWORD, "192.0.2.1").status_code == 302


def test_other_address_is_not_locked_out(reader):
    reader.register("Ann")
    _fail(reader, "Ann", "192.0.2.1", 5)
    assert _log_in(reader, "Ann", PASSWORD, "192.0.2.2").status_code == 302


def test_letter_case_is_no_way_around(reader):
    reader.register("Ann")
    for name in ("Ann", "ann", "ANN", "aNN", "anN"):
        _fail(reader, name, "192.0.2.1")
    assert _log_in(reader, "AnN", "wrong words", "192.0.2.1").status_code == 429


def test_unknown_name_is_limited_like_a_known_one(reader):
    _fail(reader, "Nobody", "192.0.2.1", 5)
    assert _log_in(reader, "Nobody", "wrong words", "192.0.2.1").status_code == 429


def test_refused_tries_do_not_count(reader, clock, rows):
    _fail(reader, "Ann", "192.0.2.1", 5)
    for _ in range(3):
        clock.turn(minutes=4)
        assert _log_in(reader, "Ann", "wrong words", "192.0.2.1").status_code == 429
    assert len(rows("SELECT * FROM login_failure")) == 5
    clock.turn(minutes=4)
    assert _log_in(reader, "Ann", "wrong words", "192.0.2.1").status_code == 200


def test_good_login_clears_the_pair(reader, rows):
    reader.register("Ann")
    _fail(reader, "Ann", "192.0.2.1", 4)
    _fail(reader, "Ann", "192.0.2.9", 1)
    assert _log_in(reader, "Ann", PASSWORD, "192.0.2.1").status_code == 302
    assert [row["address"] for row in rows("SELECT * FROM login_failure")] == ["192.0.2.9"]


def _insert(rows, app, clock, pairs):
    for account, address in pairs:
        rows(
            "INSERT INTO login_failure (account_hash, address, failed) VALUES (:a, :b, :c)",
            a=account,
            b=address,
            c=f"{clock():%Y-%m-%d %H:%M:%S.%f}",
        )


def test_address_has_twenty_failures(reader, app, clock, rows):
    _insert(rows, app, clock, [(f"account-{number}", "192.0.2.1") for number in range(20)])
    assert _log_in(reader, "Ann", "wrong words", "192.0.2.1").status_code == 429
    assert _log_in(reader, "Ann", "wrong words", "192.0.2.2").status_code == 200


def test_ipv6_address_counts_by_its_network(reader):
    for number in range(5):
        _fail(reader, "Ann", f"2001:db8::{number + 1:x}")
    assert _log_in(reader, "Ann", "wrong words", "2001:db8::ffff:1").status_code == 429
    assert _log_in(reader, "Ann", "wrong words", "2001:db8:0:1::1").status_code == 200


def test_account_has_a_hundred_failures_from_anywhere(reader, app, clock, rows):
    _fail(reader, "Ann", "192.0.2.1")
    digest = rows("SELECT account_hash FROM login_failure")[0]["account_hash"]
    _insert(rows, app, clock, [(digest, f"198.51.100.{number}") for number in range(98)])
    _fail(reader, "Ann", "192.0.2.2")
    assert _log_in(reader, "Ann", "wrong words", "192.0.2.3").status_code == 429


def test_typed_name_is_not_kept(reader, rows):
    _fail(reader, "my secret, typed in the wrong field", "192.0.2.1")
    assert "secret" not in str(rows("SELECT * FROM login_failure"))


def test_old_failures_are_deleted(reader, clock, rows):
    _fail(reader, "Ann", "192.0.2.1", 3)
    clock.turn(minutes=16)
    _fail(reader, "Bob", "192.0.2.1")
    assert len(rows("SELECT * FROM login_failure")) == 1
