"""Throttles are the server's, not a process's: whoever meets another worker process has no more tries."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings

TRIES = 25
# What a worker process does with a request, as often as it may; the table is the one that `threadline migrate` makes.
WORKER = f"""
import json, django
django.setup()
from allauth.core.internal import ratelimit
from django.conf import settings
from django.test import RequestFactory
from threadline.faces.web import joining
from threadline.inbound.intake import form, webhook
request = RequestFactory().post("/", REMOTE_ADDR="192.0.2.7")
rates = {{
    "form": form._RATE, "unsigned": webhook._RATE, "join": joining._RATE,
    "login": settings.ACCOUNT_RATE_LIMITS, "signup": settings.ACCOUNT_RATE_LIMITS,
}}
print(json.dumps({{
    action: sum(bool(ratelimit.consume(request, app="t", action=action, config=c)) for _ in range({TRIES}))
    for action, c in rates.items()
}}))
"""


def test_two_worker_processes_count_together(tmp_path: Path) -> None:
    ours = {**os.environ, "DATA_DIR": str(tmp_path), "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    ours.pop("DATABASE_URL", None)
    made = [sys.executable, "-m", "django", "createcachetable"]
    subprocess.run(made, env=ours, check=True, capture_output=True)
    workers = [
        subprocess.Popen([sys.executable, "-c", WORKER], env=ours, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    found = [json.loads(one.communicate()[0]) for one in workers]
    allowed = {action: sum(one[action] for one in found) for action in found[0]}
    assert allowed == {"form": 6, "unsigned": 30, "join": 20, "login": 30, "signup": 10}
