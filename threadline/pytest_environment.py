"""Gives a test run its own environment, before Django reads its settings.

pytest loads this first (``-p`` in pyproject.toml): pytest-django reads the settings before
any conftest.py is loaded. DATABASE_URL alone is passed on, for the runs on PostgreSQL.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

OWN = (
    *("ALLOWED_HOSTS", "DEBUG", "EMAIL_FROM", "EVENTS_PORT", "EVENTS_URL", "FETCH_ALLOWED_HOSTS", "FETCH_PORTS"),
    *("HOST", "PORT", "TRUSTED_PROXIES"),
)

for name in OWN:
    os.environ.pop(name, None)

_directory = tempfile.mkdtemp(prefix="threadline-tests-")
atexit.register(shutil.rmtree, _directory, ignore_errors=True)

os.environ.update(
    DATA_DIR=_directory,
    BASE_URL="http://testserver",
    EMAIL_URL="memory://",
    QUICK_PASSWORDS="yes",
    SECRET_KEY="for tests only, never for a server that people reach",  # noqa: S106
)
