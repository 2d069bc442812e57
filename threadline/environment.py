"""Reads the environment variables Threadline knows, once, into one frozen value.

Everything an operator may set is a field here, so ``docs`` and ``threadline check``
can list it, and nothing else in the code reads ``os.environ``.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

TRUE_WORDS = frozenset({"1", "true", "yes", "on"})
FALSE_WORDS = frozenset({"", "0", "false", "no", "off"})
LOCAL_HOSTS = ("localhost", "127.0.0.1", "[::1]")


class SettingError(ValueError):
    """An environment variable holds something that cannot be meant."""


@dataclass(frozen=True)
class Environment:
    """What the operator chose. Paths are absolute; URLs carry no trailing slash."""

    data_dir: Path
    database_url: str
    host: str
    port: int
    events_port: int
    events_url: str
    base_url: str
    allowed_hosts: tuple[str, ...]
    email_url: str
    email_from: str
    trusted_proxies: int
    fetch_allowed_hosts: tuple[str, ...]
    fetch_ports: tuple[int, ...]
    embeddings_url: str
    embeddings_model: str
    embeddings_key: str
    embeddings_dimensions: int
    recording_mb: int
    debug: bool
    quick_passwords: bool
    secret_key: str

    @property
    def https(self) -> bool:
        """Whether people reach this server over HTTPS, as BASE_URL says."""
        return self.base_url.startswith("https://")


def read_environment(env: Mapping[str, str]) -> Environment:
    """Read every variable; raise SettingError naming the one that is wrong."""
    data_dir = Path(env.get("DATA_DIR") or "data").expanduser().resolve()
    host = env.get("HOST") or "127.0.0.1"
    port = _whole_number(env, "PORT", 8000, 1, 65535)
    base_url = _base_url(env, host, port)
    name = urlsplit(base_url).hostname or "localhost"
    named = _words(env, "ALLOWED_HOSTS")
    return Environment(
        data_dir=data_dir,
        database_url=env.get("DATABASE_URL") or f"sqlite:///{data_dir / 'threadline.sqlite3'}",
        host=host,
        port=port,
        events_port=_whole_number(env, "EVENTS_PORT", port + 1 if port < 65535 else port - 1, 1, 65535),
        events_url=_address(env, "EVENTS_URL"),
        base_url=base_url,
        allowed_hosts=named or tuple(dict.fromkeys((name, *LOCAL_HOSTS))),
        email_url=env.get("EMAIL_URL") or "console://",
        email_from=env.get("EMAIL_FROM") or f"Threadline <threadline@{name}>",
        trusted_proxies=_whole_number(env, "TRUSTED_PROXIES", 0, 0, 16),
        fetch_allowed_hosts=_words(env, "FETCH_ALLOWED_HOSTS"),
        fetch_ports=_ports(env, "FETCH_PORTS"),
        embeddings_url=_address(env, "EMBEDDINGS_URL"),
        embeddings_model=env.get("EMBEDDINGS_MODEL") or "",
        embeddings_key=env.get("EMBEDDINGS_KEY") or "",
        embeddings_dimensions=_whole_number(env, "EMBEDDINGS_DIMENSIONS", 0, 0, 8_192),
        recording_mb=_whole_number(env, "RECORDING_MB", 500, 25, 20_000),
        debug=_yes_or_no(env, "DEBUG"),
        quick_passwords=_yes_or_no(env, "QUICK_PASSWORDS"),
        secret_key=env.get("SECRET_KEY") or kept_secret(data_dir / "secret_key"),
    )


def kept_secret(path: Path) -> str:
    """Return the secret kept at `path`, making it first when there is none.

    Two processes may start at once: the file is written aside and linked into place,
    so both end up reading the same complete secret.
    """
    try:
        return path.read_text("ascii").strip()
    except FileNotFoundError:
        pass
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, aside = tempfile.mkstemp(dir=path.parent, prefix=".secret_key-")  # mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as out:
            out.write(secrets.token_urlsafe(64))
        os.link(aside, path)
    except FileExistsError:
        pass
    finally:
        os.unlink(aside)
    return path.read_text("ascii").strip()


def database_settings(url: str) -> dict[str, Any]:
    """Turn a database URL into Django's dictionary for one connection.

    ``sqlite:///relative.sqlite3``, ``sqlite:////absolute.sqlite3`` or
    ``postgres://user:password@host:port/name?sslmode=require``; a host left empty with
    ``?host=/directory`` names a directory of Unix sockets.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return _sqlite_settings(parts, url)
    if parts.scheme in {"postgres", "postgresql"}:
        return _postgresql_settings(parts)
    raise SettingError(f"DATABASE_URL begins with {parts.scheme or 'nothing'}: use sqlite:// or postgres://")


def email_settings(url: str) -> dict[str, Any]:
    """Turn EMAIL_URL into Django's EMAIL_* settings.

    ``console://`` prints mails, ``memory://`` keeps them for tests,
    ``smtp://user:password@host:587`` uses STARTTLS when the port is 587 or ``?tls=1``,
    ``smtps://`` speaks TLS from the first byte.
    """
    parts = urlsplit(url)
    backends = {"console": "console", "memory": "locmem", "smtp": "smtp", "smtps": "smtp"}
    if parts.scheme not in backends:
        raise SettingError(f"EMAIL_URL begins with {parts.scheme or 'nothing'}: use console://, smtp:// or smtps://")
    found: dict[str, Any] = {"EMAIL_BACKEND": f"django.core.mail.backends.{backends[parts.scheme]}.EmailBackend"}
    if parts.scheme not in {"smtp", "smtps"}:
        return found
    direct = parts.scheme == "smtps"
    port = parts.port or (465 if direct else 25)
    query = dict(parse_qsl(parts.query))
    return found | {
        "EMAIL_HOST": parts.hostname or "localhost",
        "EMAIL_PORT": port,
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": direct,
        "EMAIL_USE_TLS": not direct and (port == 587 or query.get("tls") in TRUE_WORDS),
        "EMAIL_TIMEOUT": 20,
    }


def _sqlite_settings(parts: SplitResult, url: str) -> dict[str, Any]:
    name = unquote(parts.path[1:]) if parts.path.startswith("/") else ""
    if parts.netloc or not name:
        raise SettingError(f"DATABASE_URL {url}: write sqlite:/// and then the path of the file")
    return {
        "ENGINE": "threadline.engine",
        "NAME": name if name == ":memory:" else str(Path(name).resolve()),
        # One connection a thread, kept: opening one costs more than most queries.
        "CONN_MAX_AGE": None,
        # Said aloud, because parallel test runs guess otherwise for an engine they do not know.
        "TEST": {"NAME": ":memory:"},
    }


def _postgresql_settings(parts: SplitResult) -> dict[str, Any]:
    query = dict(parse_qsl(parts.query))
    host = query.pop("host", None) or parts.hostname or ""
    prepare = int(query.pop("prepare_threshold", "3")) or None
    # Compiling a plan costs more than the short queries of a web page take.
    server = f"-c jit=off {query.pop('options', '')}".strip()
    return {
        "ENGINE": "threadline.engine.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "threadline",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or ""),
        # A connection a thread, kept and checked at its first use in a request. A pool
        # would add threads to every worker and save nothing at two threads each.
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # Planning our statements costs the server more than running them, so they are prepared.
        # PgBouncer keeps them too from 1.21 on; for an older one say ?prepare_threshold=0.
        "OPTIONS": {"options": server, "server_side_binding": True, "prepare_threshold": prepare, **query},
    }


def _base_url(env: Mapping[str, str], host: str, port: int) -> str:
    given = _address(env, "BASE_URL")
    if given:
        return given
    shown = "localhost" if host in {"0.0.0.0", "::"} else host  # noqa: S104 - compared, not bound
    return f"http://{f'[{shown}]' if ':' in shown else shown}:{port}"


def _address(env: Mapping[str, str], name: str) -> str:
    given = (env.get(name) or "").strip().rstrip("/")
    parts = urlsplit(given)
    # It also stands in a header, where blanks, commas and semicolons would end it.
    odd = any(c in given for c in " ,;'\"") or not given.isascii() or not given.isprintable()
    if given and (parts.scheme not in {"http", "https"} or not parts.hostname or odd or parts.query or parts.fragment):
        raise SettingError(f"{name} is {given}: write it like https://threadline.example.org")
    return given


def _whole_number(env: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    text = env.get(name, "").strip()
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and low <= int(text) <= high):
        raise SettingError(f"{name} is {text}: it must be a whole number from {low} to {high}")
    return int(text)


def _words(env: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in env.get(name, "").split(",") if part.strip())


def _ports(env: Mapping[str, str], name: str) -> tuple[int, ...]:
    return tuple(_whole_number({name: word}, name, 0, 1, 65535) for word in _words(env, name))


def _yes_or_no(env: Mapping[str, str], name: str) -> bool:
    word = env.get(name, "").strip().lower()
    if word in TRUE_WORDS:
        return True
    if word in FALSE_WORDS:
        return False
    raise SettingError(f"{name} is {word}: write yes or no")
