"""What the environment variables mean, and what is refused."""

from __future__ import annotations

import stat
import threading
from pathlib import Path
from typing import Any

import pytest

from threadline.environment import (
    SettingError,
    database_settings,
    email_settings,
    kept_secret,
    read_environment,
)


def read(tmp_path: Path, **env: str) -> Any:
    return read_environment({"DATA_DIR": str(tmp_path), **env})


def test_nothing_set_gives_a_safe_local_server(tmp_path: Path) -> None:
    found = read(tmp_path)
    assert (found.host, found.port, found.events_port) == ("127.0.0.1", 8000, 8001)
    assert found.base_url == "http://127.0.0.1:8000"
    assert found.allowed_hosts == ("127.0.0.1", "localhost", "[::1]")
    assert found.database_url == f"sqlite:///{tmp_path}/threadline.sqlite3"
    assert (found.debug, found.quick_passwords, found.trusted_proxies) == (False, False, 0)


def test_base_url_decides_hosts_and_https(tmp_path: Path) -> None:
    found = read(tmp_path, BASE_URL="https://line.example.org/", HOST="0.0.0.0")
    assert found.base_url == "https://line.example.org"
    assert found.https
    assert found.allowed_hosts[0] == "line.example.org"
    assert found.email_from == "Threadline <threadline@line.example.org>"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://localhost:9000"),
        ("::1", "http://[::1]:9000"),
        ("10.0.0.7", "http://10.0.0.7:9000"),
    ],
)
def test_address_people_can_open(tmp_path: Path, host: str, address: str) -> None:
    assert read(tmp_path, HOST=host, PORT="9000").base_url == address


def test_allowed_hosts_are_taken_as_given(tmp_path: Path) -> None:
    assert read(tmp_path, ALLOWED_HOSTS="a.example, b.example,").allowed_hosts == ("a.example", "b.example")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "80a"),
        ("PORT", "70000"),
        ("PORT", "-1"),
        ("PORT", "0"),
        ("PORT", "²"),
        ("TRUSTED_PROXIES", "many"),
        ("DEBUG", "perhaps"),
        ("BASE_URL", "threadline.example.org"),
        ("EVENTS_URL", "live.example.org"),
        ("EVENTS_URL", "https://live.example.org; script-src *"),
        ("EVENTS_URL", "https://live.example.org,https://evil.example"),
    ],
)
def test_nonsense_is_refused_by_name(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError, match=name):
        read(tmp_path, **{name: value})


def test_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "secret_key"
    first = kept_secret(path)
    assert len(first) > 60
    assert kept_secret(path) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [one.name for one in path.parent.iterdir()] == ["secret_key"]


def test_processes_that_start_together_agree_on_the_secret(tmp_path: Path) -> None:
    found: set[str] = set()
    threads = [threading.Thread(target=lambda: found.add(kept_secret(tmp_path / "secret_key"))) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 1


def test_secret_from_the_environment_leaves_no_file(tmp_path: Path) -> None:
    assert read(tmp_path, SECRET_KEY="given").secret_key == "given"
    assert list(tmp_path.iterdir()) == []


def test_sqlite_by_url() -> None:
    found = database_settings("sqlite:////srv/line%20one.sqlite3")
    assert (found["ENGINE"], found["NAME"]) == ("threadline.engine", "/srv/line one.sqlite3")


def test_postgresql_by_url() -> None:
    found = database_settings("postgres://ann:p%40ss@db.example:5433/line?sslmode=require")
    assert (found["USER"], found["PASSWORD"], found["HOST"], found["PORT"], found["NAME"]) == (
        "ann", "p@ss", "db.example", "5433", "line",
    )  # fmt: skip
    assert found["OPTIONS"] == {
        "options": "-c jit=off", "server_side_binding": True, "prepare_threshold": 3, "sslmode": "require",
    }  # fmt: skip


def test_postgresql_over_a_socket() -> None:
    found = database_settings("postgresql:///line?host=/run/postgresql")
    assert (found["HOST"], found["PORT"], found["NAME"]) == ("/run/postgresql", "", "line")


@pytest.mark.parametrize("url", ["mysql://a/b", "line.sqlite3", "sqlite://line.sqlite3", "sqlite:///"])
def test_other_databases_are_refused(url: str) -> None:
    with pytest.raises(SettingError, match="DATABASE_URL"):
        database_settings(url)


@pytest.mark.parametrize(
    ("url", "port", "direct", "starttls"),
    [
        ("smtp://mail.example", 25, False, False),
        ("smtp://mail.example:587", 587, False, True),
        ("smtp://mail.example:2525?tls=1", 2525, False, True),
        ("smtps://mail.example", 465, True, False),
    ],
)
def test_mail_servers(url: str, port: int, direct: bool, starttls: bool) -> None:
    found = email_settings(url)
    assert (found["EMAIL_PORT"], found["EMAIL_USE_SSL"], found["EMAIL_USE_TLS"]) == (port, direct, starttls)


def test_mail_credentials_are_unquoted() -> None:
    found = email_settings("smtp://ann%40x.example:a%2Fb@mail.example:587")
    assert (found["EMAIL_HOST_USER"], found["EMAIL_HOST_PASSWORD"]) == ("ann@x.example", "a/b")


def test_mail_goes_to_the_console_by_default(tmp_path: Path) -> None:
    assert email_settings(read(tmp_path).email_url)["EMAIL_BACKEND"].endswith("console.EmailBackend")


def test_other_mail_schemes_are_refused() -> None:
    with pytest.raises(SettingError, match="EMAIL_URL"):
        email_settings("imap://mail.example")


def test_an_old_pooler_can_be_spared_prepared_statements() -> None:
    found = database_settings("postgresql://db.example/threadline?prepare_threshold=0")
    assert found["OPTIONS"]["prepare_threshold"] is None
