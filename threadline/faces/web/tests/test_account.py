"""One's own account on one page: sessions that can be ended, factors by name, keys of one's own."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.test import Client

from threadline.faces.web.sessions import browser_of
from threadline.faces.web.tests.conftest import Site, W
from threadline.kernel.testing import PASSWORD, fresh

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)


def browser(site: Site, agent: str, role: str = "product_manager") -> Client:
    client = Client(headers={"user-agent": agent})
    sent = {"login": site.world.user(role).email, "password": PASSWORD}
    assert client.post("/accounts/login/", sent).status_code == 302
    return client


@pytest.mark.parametrize(
    ("agent", "said"),
    [(FIREFOX, "Firefox on Linux"), (SAFARI, "Safari on an iPhone"), ("curl/8.5", "curl"), ("", "A browser that says")],
)
def test_browsers_are_named_as_people_know_them(agent: str, said: str) -> None:
    assert browser_of(agent).startswith(said)


def test_another_browser_can_be_signed_out(site: Site) -> None:
    here, there = browser(site, FIREFOX), browser(site, SAFARI)
    text = here.get(f"{W}profile").content.decode()
    assert text.index("Firefox on Linux") < text.index("Safari on an iPhone")
    found = re.search(r'action="([^"]+/sessions/\d+/end)"', text)
    assert found is not None
    assert here.post(found[1]).status_code == 303
    assert here.get(f"{W}profile").status_code == 200
    assert there.get(f"{W}profile").status_code == 302


def test_all_others_can_be_signed_out_at_once(site: Site) -> None:
    here, *others = (browser(site, agent) for agent in (FIREFOX, SAFARI, SAFARI))
    here.post(f"{W}profile/sessions/end")
    assert [c.get(f"{W}profile").status_code for c in (here, *others)] == [200, 302, 302]


def test_nobody_ends_the_session_of_somebody_else(site: Site) -> None:
    here, theirs = browser(site, FIREFOX), browser(site, SAFARI, "viewer")
    ident = UserSession.objects.get(user=site.world.user("viewer")).pk
    assert here.post(f"{W}profile/sessions/{ident}/end").status_code == 404
    assert theirs.get(f"{W}profile").status_code == 200


def test_one_cannot_end_the_session_one_is_in_by_this_way(site: Site) -> None:
    here = browser(site, FIREFOX)
    ident = UserSession.objects.get().pk
    assert here.post(f"{W}profile/sessions/{ident}/end").status_code == 404


def test_passkeys_are_shown_by_name_with_a_way_to_add_one(site: Site) -> None:
    assert "Only your password protects" in site.text("profile")
    user = site.world.user("product_manager")
    Authenticator.objects.create(user=user, type=Authenticator.Type.WEBAUTHN, data={"name": "Blue key"})
    text = site.text("profile")
    assert "Blue key" in text
    assert "/accounts/2fa/webauthn/add/" in text
    assert "Blue key" not in site.text("profile", "viewer")


def test_keys_of_ones_own_are_kept_and_shown(site: Site) -> None:
    assert (
        site.post("profile/keys", {"key.create": "n", "asked.shortcuts": "1", "shortcuts": "true"}).status_code == 303
    )
    kept = fresh(site.world.member("product_manager")).preferences
    assert (kept["keys"], kept["shortcuts"]) == ({"create": "n"}, True)
    assert '["create",["n"]' in site.text("features/")
    site.post("profile/keys", {"key.create": "n", "reset": "true"})
    assert fresh(site.world.member("product_manager")).preferences["keys"] == {}


def test_a_key_that_is_taken_is_refused_and_nothing_is_lost(site: Site) -> None:
    answer = site.post("profile/keys", {"key.create": "?", "key.help": "?"})
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Show the keys that work here” has this key" in text
    assert 'name="key.create" type="text" value="?"' in text
    assert "keys" not in fresh(site.world.member("product_manager")).preferences
