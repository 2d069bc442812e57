"""A survey of each method, and people who answer it at its address in a browser without cookies."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client

from threadline.inbound.surveys import queries, rules
from threadline.inbound.surveys.models import Survey, SurveyAnswer
from threadline.kernel import verbs
from threadline.kernel.testing import World

WORDS = ("Sign in without a password", "Search that forgives typing", "Dark pages", "Export to a sheet")
_OPENED = re.compile(r'name="opened" value="([^"]*)"')
Choose = Callable[[str], tuple[str, str]]


class Asked:
    """One survey as those outside meet it."""

    def __init__(self, world: World, method: str, *, opened: bool = True, **values: Any) -> None:
        self.world = world
        self.features = [world.make("feature", title=f"Secret name {n}") for n, _ in enumerate(WORDS)]
        lines = "\n".join(f"{f.key}: {w}" for f, w in zip(self.features, WORDS, strict=True))
        given = {"title": "What matters to you?", "method": method, "items": lines, **values}
        made = verbs.create(world.pm, "survey", given)
        assert isinstance(made, Survey)
        self.survey = made
        if opened:
            self.survey = rules.open_survey(world.pm, survey=made.key)
        self.address = f"/survey/{queries.key_of(made)}"
        self.browser = Client(enforce_csrf_checks=True)

    def get(self, query: str = "") -> HttpResponse:
        return self.browser.get(self.address + query)

    def begin(self, **values: str) -> HttpResponse:
        shown = _OPENED.search(self.get().content.decode())
        sent = {"agree": "yes", "segment": "", "email": "", "website": "", "opened": shown[1] if shown else ""}
        return self.browser.post(self.address, sent | values)

    def token(self, **values: str) -> str:
        answer = self.begin(**values)
        assert answer.status_code == 303, answer.content.decode()
        return answer["Location"].partition("?a=")[2]

    def say(self, token: str, number: int, first: str, second: str) -> HttpResponse:
        return self.browser.post(f"{self.address}?a={token}", {"n": str(number), "first": first, "second": second})

    def sheet(self, token: str) -> SurveyAnswer:
        found = queries.sheet(self.survey, token)
        assert found is not None
        return found

    def fill(self, choose: Callable[[Any], tuple[str, str]], *, after: int = 300, **values: str) -> SurveyAnswer:
        """Somebody answers all of it; ``choose`` is given what is asked: an item's number, or a set of them."""
        token = self.token(**values)
        plan = self.sheet(token).plan
        for number, what in enumerate(plan, 1):
            first, second = choose(what)
            assert self.say(token, number, first, second).status_code == 303
        sheet = self.sheet(token)
        assert sheet.finished_at is not None
        SurveyAnswer.objects.filter(pk=sheet.pk).update(began_at=sheet.finished_at - timedelta(seconds=after))
        return self.sheet(token)

    def close(self) -> None:
        self.survey = rules.close_survey(self.world.pm, survey=self.survey.key)


@pytest.fixture
def kano(world: World) -> Asked:
    return Asked(world, "kano")


@pytest.fixture
def maxdiff(world: World) -> Asked:
    return Asked(world, "maxdiff")


@pytest.fixture
def opportunity(world: World) -> Asked:
    return Asked(world, "opportunity")
