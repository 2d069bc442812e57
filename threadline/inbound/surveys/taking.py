"""Keeping what strangers answer: their own sheet and nothing else, found again by the token in their address."""

from __future__ import annotations

import secrets
import time
from typing import Any

from django.db import transaction

from threadline.inbound.intake import sealing
from threadline.inbound.surveys import queries
from threadline.inbound.surveys.models import Survey, SurveyAnswer
from threadline.kernel import rows

LONGEST_OPEN = 24 * 3_600  # seconds that the welcome may stay open


def stamp(key: str) -> str:
    """When the welcome was shown, signed."""
    return sealing.stamp(key, time.time())


def begin(survey: Survey, key: str, sent: dict[str, str]) -> str:
    """A new sheet for somebody who agreed; gives the token that leads back to it."""
    token = sealing.new_key()
    rows.insert(
        rows.blank(
            SurveyAnswer,
            workspace_id=survey.workspace_id,
            survey_id=survey.pk,
            token_hash=sealing.mark_of(token),
            plan=queries.plan_of(survey, secrets.randbits(32)),
            said={},
            segment=sent["segment"],
            email=sent["email"].strip() if survey.ask_email else "",
            doubt=_doubt(key, sent),
        )
    )
    return token


def _doubt(key: str, sent: dict[str, str]) -> str:
    """Why it looks like a machine's; blank for what seems a person's. It is set apart and not thrown away."""
    opened = sealing.opened_at(key, sent["opened"])
    if sent["website"]:
        return "Filled in a field that people do not see."
    if opened is None or not -60 <= time.time() - opened <= LONGEST_OPEN:
        return "Did not come from a page of the survey that was open lately."
    return ""


def open_step(sheet: SurveyAnswer) -> int:
    """The first question without an answer."""
    return next((n for n in range(len(sheet.plan)) if str(n) not in sheet.said), max(len(sheet.plan) - 1, 0))


def keep(sheet: SurveyAnswer, step: int, said: list[Any]) -> None:
    """Keep the answer to one question; the last one ends the sheet. Two at once do not lose each other's."""
    with transaction.atomic():
        now = SurveyAnswer.objects.select_for_update().get(pk=sheet.pk)
        if now.finished_at is not None:
            return
        now.said = {**now.said, str(step): said}
        if len(now.said) >= len(now.plan):
            now.finished_at = rows.now()
        rows.update(now, ["said", "finished_at"])
