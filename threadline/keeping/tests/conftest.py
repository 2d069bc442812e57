"""Databases of their own for whole runs of the program: made once, copied, thrown away."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

ROOT = Path(__file__).parents[3]
SERVER = os.environ.get("DATABASE_URL", "")  # a PostgreSQL, when the tests run on one


@dataclass
class Place:
    """A data directory and a database of its own."""

    directory: Path
    url: str = ""

    @property
    def env(self) -> dict[str, str]:
        """The environment in which the program works here."""
        database = {"DATABASE_URL": self.url} if self.url else {}
        given = {"DATA_DIR": str(self.directory), "SECRET_KEY": "for tests only", "QUICK_PASSWORDS": "yes"}
        return {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), **given, **database}

    def run(self, *words: str, code: int = 0) -> Any:
        """Run ``threadline`` here with ``--json``; what it printed. Fails on another exit code."""
        told = self.start([sys.executable, "-m", "threadline", *words, "--json"])
        out, err = told.communicate(timeout=120)
        assert told.returncode == code, f"{words}: exit code {told.returncode}\n{out}\n{err}"
        return json.loads(out or err) if (out or err).strip() else None

    def python(self, code: str, *words: str) -> str:
        """Run a script here with Django ready; its output."""
        begin = "import os, sys, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'threadline.settings'; django.setup()\n"
        told = self.start([sys.executable, "-c", begin + code, *words])
        out, err = told.communicate(timeout=120)
        assert told.returncode == 0, err
        return out

    def start(self, command: list[str]) -> subprocess.Popen[str]:
        """Start a process here."""
        return subprocess.Popen(
            command, env=self.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )


def _on_server(statement: str) -> None:
    with psycopg.connect(SERVER, autocommit=True) as connection:
        connection.execute(statement.encode())


def _database_url(name: str) -> str:
    return urlunsplit(urlsplit(SERVER)._replace(path=f"/{name}"))


@pytest.fixture(scope="session")
def server_places(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Place]]:
    """Empty places on the PostgreSQL under test; ``template`` names a database to copy."""
    made: list[str] = []

    def make(template: str = "") -> Place:
        name = f"keeping_{uuid.uuid4().hex[:12]}"
        _on_server(f"CREATE DATABASE {name}" + (f" TEMPLATE {template}" if template else ""))
        made.append(name)
        return Place(tmp_path_factory.mktemp("place"), _database_url(name))

    yield make
    for name in made:
        _on_server(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An SQLite database with tables and nothing in them."""
    place = Place(tmp_path_factory.mktemp("template"))
    place.run("migrate")
    return place


@pytest.fixture
def sqlite_place(tmp_path: Path, sqlite_template: Place) -> Place:
    """A migrated SQLite place, whatever the engine under test."""
    return _copy(sqlite_template, tmp_path / "sqlite")


def _copy(place: Place, directory: Path) -> Place:
    directory.mkdir()
    shutil.copy(place.directory / "threadline.sqlite3", directory)
    return Place(directory)


@pytest.fixture(scope="session")
def server_template(request: pytest.FixtureRequest) -> Place:
    """A PostgreSQL database with tables and nothing in them."""
    make: Callable[..., Place] = request.getfixturevalue("server_places")
    place = make()
    place.run("migrate")
    return place


@pytest.fixture
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """A migrated place on the engine under test."""
    if not SERVER:
        return _copy(request.getfixturevalue("sqlite_template"), tmp_path / "place")
    template: Place = request.getfixturevalue("server_template")
    make: Callable[..., Place] = request.getfixturevalue("server_places")
    return make(urlsplit(template.url).path.lstrip("/"))


FILL = """
from threadline.house import filing
from threadline.kernel import verbs
from threadline.kernel.access import actor_of
from threadline.kernel.members import Member
actor = actor_of(Member.objects.filter(role="owner").first())
for number in range(3):
    values = {"title": f"Füller {number}", "reach": 0.1 + number, "body": "[[F-1]] @nobody"}
    record = verbs.create(actor, "feature", values)
    filing.attach(actor, record.pk, f"note {number}.txt", [b"bytes of ", str(number).encode()])
verbs.archive(actor, "feature", record.pk)
"""


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Place) -> Place:
    """An SQLite place with the sample company and some files in it. Read only."""
    found = _copy(sqlite_template, tmp_path_factory.mktemp("company") / "place")
    found.run("demo")
    found.python(FILL)
    return found


@pytest.fixture(scope="session")
def archive(company: Place, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of the company."""
    path = tmp_path_factory.mktemp("archive") / "company.zip"
    company.run("backup", str(path))
    return path
