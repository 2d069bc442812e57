"""Fixtures for every test: the browser, and what a test may not change for the next one."""

from __future__ import annotations

import gc
import os
import subprocess
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import caches
from django.core.management.commands import flush
from django.db.backends.base.creation import BaseDatabaseCreation
from django.db.backends.postgresql import base as postgresql
from django.db.backends.signals import connection_created
from django.db.backends.sqlite3 import base as sqlite3
from hypothesis import settings as hypothesis_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from whitenoise.middleware import WhiteNoiseMiddleware

from tests.template import built_once
from threadline.kernel.registry import kinds
from threadline.kernel.testing import World

ROOT = Path(__file__).parent
_KINDS = [declared.kind for declared in kinds()]

# Nothing here asserts wall time: a busy machine must not fail a property.
hypothesis_settings.register_profile("threadline", deadline=None)
hypothesis_settings.load_profile("threadline")

# Playwright keeps an event loop in the thread of the tests; Django then suspects every
# query of blocking it. The loop only serves Playwright, so nothing is blocked.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_addoption(parser: pytest.Parser) -> None:
    """``--some-types``: what is tried on every record type is tried on an eighth of them, each test on others."""
    parser.addoption("--some-types", action="store_true", help="try each test of all record types on an eighth of them")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What waits for a browser or another process gets a second run, which the summary tells (decision 0011)."""
    if config.getoption("--some-types"):
        left_out = [item for item in items if _of_a_type_left_out(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in {*left_out}]
    for item in items:
        waits = item.get_closest_marker("browser") or item.get_closest_marker("slow")
        if waits and "security" not in item.path.parts:
            item.add_marker(pytest.mark.flaky(reruns=1))


def pytest_collection_finish() -> None:
    """Thousands of tests stand in memory to the end: the collector need not walk them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def _of_a_type_left_out(item: pytest.Item) -> bool:
    params = item.callspec.params if isinstance(item, pytest.Function) and hasattr(item, "callspec") else {}
    of = params.get("declared", params.get("kind"))
    kind = getattr(of, "kind", of)
    if kind not in _KINDS:
        return False
    return (_KINDS.index(kind) + zlib.crc32(item.originalname.encode())) % 8 != 0


QUIET = [
    "--no-sandbox",  # test runs in containers are often root's
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
]


# What migrating writes, and no test changes.
_MIGRATED = frozenset({"django_content_type", "auth_permission"})


@pytest.fixture(scope="session", autouse=True)
def _flush_empties_what_tests_fill() -> Iterator[None]:
    """Empty the search table, which is no model, where a test's tables are emptied; keep what migrating wrote.

    Django would have it written anew by telling every app that tables were migrated: half a browser test's time.
    """
    on_postgres, on_sqlite = postgresql.DatabaseOperations.sql_flush, sqlite3.DatabaseOperations.sql_flush

    def cascading(self: Any, style: Any, tables: Any, **options: Any) -> Any:
        return on_postgres(self, style, _filled(tables), **{**options, "allow_cascade": True})

    def all_of_them(self: Any, style: Any, tables: Any, **options: Any) -> Any:
        return on_sqlite(self, style, [*_filled(tables), "kernel_search"] if tables else [], **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(postgresql.DatabaseOperations, "sql_flush", cascading)
        patch.setattr(sqlite3.DatabaseOperations, "sql_flush", all_of_them)
        patch.setattr(flush, "emit_post_migrate_signal", lambda *_, **__: None)
        yield


def _filled(tables: Any) -> list[str]:
    return [table for table in tables if table not in _MIGRATED]


@pytest.fixture(scope="session", autouse=True)
def _static_files_are_looked_for_once() -> Iterator[None]:
    """Every test client makes the middleware anew, and WhiteNoise reads all static files each time: a sixth of it."""
    usual, found = WhiteNoiseMiddleware.add_files_from_finders, {}

    def once(self: Any) -> None:
        if not found:
            usual(self)
            found.update(self.files)
        self.files.update(found)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", once)
        yield


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Keep the embedded database in a file, as it is for everybody who runs the product.

    In memory, connections share one cache, where a reader in another thread (a live server's)
    refuses a writer at once instead of letting it wait.
    """
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("engine"):
        worker = os.environ.get("PYTEST_XDIST_WORKER", "alone")
        database["TEST"]["NAME"] = str(Path(os.environ["DATA_DIR"]) / f"tests-{worker}.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _no_commit_waits_for_the_disk() -> Iterator[None]:
    """The embedded database of the tests need not survive a power cut; what those promise has databases of its own."""

    def hurry(connection: Any, **_: Any) -> None:
        if connection.vendor == "sqlite" and Path(str(connection.settings_dict["NAME"])).name.startswith("tests-"):
            connection.connection.execute("PRAGMA synchronous = OFF")

    connection_created.connect(hurry)
    yield
    connection_created.disconnect(hurry)


@pytest.fixture(scope="session", autouse=True)
def _built_once() -> Iterator[None]:
    """Migrate an embedded database once for each version of the tables; every test process copies it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseCreation, "create_test_db", built_once(BaseDatabaseCreation.create_test_db))
        yield


@pytest.fixture(autouse=True)
def _fresh_process_cache() -> Iterator[None]:
    """Nobody's rate limit or remembered value reaches the next test."""
    yield
    caches["process"].clear()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser a test process. Without one the test fails: it is never skipped."""
    found = subprocess.run([ROOT / "tools" / "browser"], capture_output=True, text=True, check=False)
    path = found.stdout.strip()
    assert found.returncode == 0, f"no browser to test with: {found.stderr}"
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, headless=True, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def browser_context(browser: Browser) -> Iterator[BrowserContext]:
    """A visitor of their own: cookies and storage end with the test."""
    made = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB", timezone_id="UTC")
    made.set_default_timeout(10_000)
    yield made
    made.close()


@pytest.fixture
def page(browser_context: BrowserContext) -> Page:
    """A blank page in a context of its own."""
    return browser_context.new_page()


@pytest.fixture
def world(db: None) -> World:
    """Two companies, six roles, one stranger; see threadline/kernel/testing.py."""
    return World()
