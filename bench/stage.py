"""What the operations need: the company, the people who call, and the records they call for."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client
from django.utils.crypto import get_random_string

from bench import company, words
from bench.bare import Bare
from bench.calling import Caller
from bench.timing import Meter
from threadline.house import tokens
from threadline.kernel import rows
from threadline.kernel.members import Member
from threadline.wsgi import application

_MANY = 10**9
_FIRST_NUMBER = 5_000_000  # records written at the limit are numbered from here on, out of our own way


class Stage:
    """One filled database, open twice: by the application, and by the plain driver."""

    def __init__(self) -> None:
        # The measurements are one caller that never stops; a limit on callers would end them.
        settings.API_UNITS_PER_MINUTE = _MANY
        self.slug = company.SLUG
        self.actor = company.actor()
        self.bare = Bare()
        self.meter = Meter(self._processes())
        self.key = self._key()
        self.api = Caller(application, settings.BASE_URL, {"Authorization": f"Bearer {self.key}"})
        self.web = Caller(application, settings.BASE_URL, {"Cookie": self._cookie()})
        self._writer = words.Writer(99)
        self._written = 0
        found = rows.fetch("SELECT number FROM inbound_feature ORDER BY number LIMIT %s", [company.TALKED_ABOUT])
        self.keys = [f"F-{number}" for (number,) in found]
        words.Writer(3).random.shuffle(self.keys)
        last = rows.fetch("SELECT max(number) FROM inbound_feature")[0][0]
        self.numbers = iter(range(max(_FIRST_NUMBER, last + 1), 10**9))
        self._people = [str(pk) for pk in Member.objects.values_list("pk", flat=True)]
        self._products = [str(rows.hexed(r[0])) for r in rows.fetch("SELECT id FROM kernel_product")]

    def new_values(self) -> dict[str, Any]:
        """Values for a new feature, as the API takes them; owned by somebody else, who is told."""
        self._written += 1
        values = company.feature_values(self._writer, self._written * 100, self._people[1:], self._products)
        return {name: value for name, value in values.items() if value is not None}

    def _processes(self) -> tuple[int, ...]:
        if not rows.is_postgres():
            return ()
        connection.ensure_connection()
        return (connection.connection.info.backend_pid, self.bare.process)

    def _key(self) -> str:
        return tokens.create(company.actor("cli"), name="bench", scopes=["write"])[1]

    def _cookie(self) -> str:
        client = Client()
        client.force_login(self.actor.member.user)
        session = client.cookies[settings.SESSION_COOKIE_NAME].value
        # A browser that has signed in has met a form, and so holds the secret against forgery as well.
        return f"{settings.SESSION_COOKIE_NAME}={session}; {settings.CSRF_COOKIE_NAME}={get_random_string(32)}"
