"""Sessions as they are read."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session

from threadline.house.sessions import SessionStore
from threadline.kernel import rows

pytestmark = pytest.mark.django_db


def kept(**data: str) -> str:
    store = SessionStore()
    store.update(data)
    store.save()
    assert store.session_key is not None
    return store.session_key


def test_what_was_kept_is_read_again() -> None:
    assert SessionStore(kept(colour="plum"))["colour"] == "plum"


def test_a_session_that_has_ended_is_empty_and_loses_its_key() -> None:
    key = kept(colour="plum")
    Session.objects.filter(pk=key).update(expire_date=rows.now() - timedelta(seconds=1))
    store = SessionStore(key)
    assert store.get("colour") is None
    assert store.session_key is None


def test_an_unknown_key_is_not_taken_on() -> None:
    store = SessionStore("x" * 32)
    assert store.load() == {}
    assert store.session_key is None
