"""A: isolation on every page, from the URL table and from what the pages themselves offer.

Each route is met by walking the product as its people do (site.py). What a walk does not
meet is tried with every id of North's; what cannot be met at all fails, unless it stands in
NOT_MET with the test that covers it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import product

import pytest
from django.test import Client

from tests.dump import dump
from tests.security.attack import Outcome, send
from tests.security.html import Form
from tests.security.routes import Route, routes
from tests.security.scene import FOREIGN, HIDDEN, OWN, ROLES, Scene
from tests.security.site import Binding, Site
from threadline.kernel import rows, verbs
from threadline.kernel.registry import kinds, type_of

ROUTES = routes()
IN_WORKSPACE = [r for r in ROUTES if "slug" in r.params]
WITH_PARTS = [r for r in ROUTES if set(r.params) - {"slug"}]
# Reached only with a secret from a mail or a device; the tests that hold the secret cover them.
NOT_MET = {
    "/accounts/confirm-email/<key>/": "allauth's; a signed key that only the mail holds",
    "/accounts/password/reset/key/<uidb36>-<key>/": "test_b_identity.py: B9",
    "/accounts/2fa/webauthn/keys/<pk>/remove/": "test_b_identity.py: somebody else's passkey",
    "/accounts/2fa/webauthn/keys/<pk>/edit/": "test_b_identity.py: somebody else's passkey",
    "/w/<slug>/profile/sessions/<ident>/end": "faces/web/tests/test_account.py: somebody else's session",
    "/w/<slug>/settings/backups/<name>": "faces/web/tests/test_backups.py: who may have an archive",
    "/w/<slug>/settings/backups/<name>/remove": "faces/web/tests/test_backups.py: who may have an archive",
    "/join/<secret>": "test_b_identity.py: B3",
    "/<place>/<token>": "intake/tests/test_webhook.py, test_form.py, surveys/tests/test_outside.py: F1, F5, C9",
    "/welcome/join/<ident>": "test_b_identity.py: B3",
    "/w/<slug>/start/<place>": "faces/web/tests/test_start.py: a step by name, no id",
}
MOST_BINDINGS = 3  # ways to meet a route that are tried: other forms, other roles


def bindings(scene: Scene, site: Site, route: Route) -> list[Binding]:
    """Ways in which somebody of North reaches the route; by trying ids when no page leads there."""
    met, shapes = [], set()
    for one in site.of(route):
        shape = (one.role, one.form is None, *(v for v in one.values.values() if not scene.twins(v)))
        if shape not in shapes:
            shapes.add(shape)
            met.append(one)
    if not met and route.name not in NOT_MET:
        if route not in site.guessed:
            site.guessed[route] = next(_guessed(scene, route), None)
        met = [one for one in [site.guessed[route]] if one is not None]
    return met[:MOST_BINDINGS]


def _guessed(scene: Scene, route: Route) -> Iterator[Binding]:
    """Each part is one of the words that the table gives it, a type's path, or something of North's."""
    choices: list[list[str]] = []
    for part in route.params:
        if part == "slug":
            choices.append(["north"])
        elif part == "path":
            choices.append([next(iter(kinds())).path])
        else:
            choices.append(route.words(part) or scene.some_of_north())
    for tried in product(*choices):
        values = dict(zip(route.params, tried, strict=True))
        address = route.at(**values)
        for role in ("owner", "product_manager"):
            if address and any(send(scene.browser(role), m, address).status != 404 for m in ("GET", "POST")):
                yield Binding(role, values)


def sent(form: Form | None) -> dict[str, list[str]]:
    """What a browser would send with the form."""
    return form.sent() if form is not None else {}


def methods(binding: Binding) -> list[str]:
    """A form is sent as its page would; a link is loaded, and sent as an empty form too."""
    return [binding.form.method.upper()] if binding.form is not None else ["GET", "POST"]


@pytest.mark.parametrize("route", WITH_PARTS, ids=lambda r: r.name)
def test_souths_ids_under_norths_name_are_not_there(scene: Scene, site: Site, route: Route) -> None:
    """A1, A4, A6, A9, A12, A14: South's id in each part of the address; the answer is that of an id nobody has."""
    found = bindings(scene, site, route)
    if not found:
        assert route.name in NOT_MET, "no page leads here and no id of North's opens it: who is this for?"
        return
    tried = 0
    for binding in found:
        for part, value in binding.values.items():
            for foreign in scene.twins(value)[:1]:
                address = route.at(**{**binding.values, part: foreign})
                missing = route.at(**{**binding.values, part: nobodys(foreign)})
                for method in methods(binding):
                    tried += 1
                    seen = {}
                    for role in ROLES:
                        browser = scene.browser(role)
                        seen[role] = send(browser, method, address, sent(binding.form))
                        assert seen[role].refused, (role, method, address, str(seen[role]))
                    same = send(scene.browser(binding.role), method, missing, sent(binding.form))
                    assert_same(seen[binding.role], same, foreign)
    words_only = not any(scene.twins(v) for b in found for v in b.values.values())
    assert tried or words_only


def nobodys(value: str) -> str:
    """A key or id of the same form that nobody has."""
    return f"{value.partition('-')[0]}-99999999" if value[:1].isupper() else str(rows.new_id())


def assert_same(foreign: Outcome, missing: Outcome, value: str) -> None:
    """A12: nothing tells what is foreign from what is not there, but the value that was asked for."""
    assert foreign.status == missing.status
    assert re.sub(r"[A-Z]+-\d+", "", foreign.body) == re.sub(r"[A-Z]+-\d+", "", missing.body), value


@pytest.mark.parametrize("route", IN_WORKSPACE, ids=lambda r: r.name)
def test_a_stranger_finds_nothing_of_norths(scene: Scene, site: Site, route: Route) -> None:
    """A1: every page of North's for South's product manager, loaded and sent: nothing is there."""
    for binding in bindings(scene, site, route):
        for method in methods(binding):
            told = send(scene.stranger, method, route.at(**binding.values), sent(binding.form))
            assert told.status == 404, str(told)
            assert not told.moved
            assert OWN not in told.body.lower()


@pytest.mark.parametrize("route", IN_WORKSPACE, ids=lambda r: r.name)
def test_souths_pages_are_not_there_for_anybody_of_norths(scene: Scene, site: Site, route: Route) -> None:
    """A1: South's name and South's ids, for North's owner and viewer; no member of both is here."""
    for binding in bindings(scene, site, route):
        theirs = {p: next(iter(scene.twins(v)), v) for p, v in binding.values.items()} | {"slug": "south"}
        for role, method in product(("owner", "viewer"), methods(binding)):
            told = send(scene.browser(role), method, route.at(**theirs), sent(binding.form))
            assert told.status == 404, (role, method, str(told))
            assert told.refused


@pytest.mark.parametrize("route", IN_WORKSPACE, ids=lambda r: r.name)
def test_nobody_is_sent_to_sign_in_first(scene: Scene, site: Site, route: Route) -> None:
    """A1: without signing in there is only the way to sign in, whether the workspace exists or not."""
    for binding in bindings(scene, site, route):
        for method in methods(binding):
            told = send(Client(), method, route.at(**binding.values), sent(binding.form))
            other = send(Client(), method, route.at(**{**binding.values, "slug": "nowhere"}), sent(binding.form))
            if told.status == 401:  # asked by a script, which cannot follow the way to a form
                assert "Sign in again." in told.body
                assert (other.status, other.body, told.moved) == (401, told.body, ())
                continue
            assert (told.status, told.moved) == (302, ()), str(told)
            assert told.where.startswith("/accounts/login/?next=/w/north/")
            assert other.where.replace("nowhere", "north") == told.where


def test_what_is_kept_for_others_is_on_no_page(scene: Scene, site: Site) -> None:
    """A7, A8, A9, A10: neither South's words nor what North's owner keeps for herself are on any page of others."""
    assert len(site.pages) > 100
    for page in site.pages:
        assert FOREIGN not in page.text.lower(), (page.role, page.address)
        if page.role != "owner":
            assert HIDDEN not in page.text.lower(), (page.role, page.address)
    assert any(HIDDEN in page.text.lower() for page in site.pages if page.role == "owner")


@pytest.mark.parametrize("role", [r for r in ROLES if r != "owner"])
def test_a_record_kept_for_named_people_has_no_page_for_others(scene: Scene, site: Site, role: str) -> None:
    """A1, A6, A9: every page below a record, asked for a hidden one: as if it were not there."""
    browser = scene.browser(role)
    of_records = [r for r in IN_WORKSPACE if "key" in r.params]
    assert len(of_records) > 5
    hidden = scene.hidden["feature"] if "feature" in scene.hidden else next(iter(scene.hidden.values()))
    for route in of_records:
        for binding in bindings(scene, site, route):
            if not binding.values["key"].startswith(hidden.prefix):
                continue
            for method in methods(binding):
                told = send(browser, method, route.at(**{**binding.values, "key": hidden.key}), sent(binding.form))
                assert told.refused, (route.name, method, str(told))
                assert HIDDEN not in told.body


def test_no_page_may_be_kept_by_a_proxy(site: Site) -> None:
    """A13: a page of one person's is never somebody else's."""
    for page in site.pages:
        kept = page.headers.get("Cache-Control", "")
        assert "no-store" in kept, (page.address, kept)
        assert "private" in kept, (page.address, kept)
        assert "cookie" in page.headers.get("Vary", "").lower(), page.address


@pytest.mark.parametrize("kind", [t.kind for t in kinds()])
def test_what_was_put_away_or_moved_keeps_the_rights_of_where_it_is(scene: Scene, kind: str) -> None:
    """A14: a hidden record by its old key after it went to the trash and came back, for every role and face."""
    hidden, declared = scene.hidden[kind], type_of(kind)
    verbs.archive(scene.north.owner, kind, hidden.pk)
    for _ in range(2):
        for role in (r for r in ROLES if r != "owner"):
            headers = {"Authorization": f"Bearer {scene.keys[role]}"}
            one = f"/api/v1/{declared.path}/{hidden.key}"
            for told in (
                send(scene.browser(role), "GET", f"/w/north/{hidden.key}"),
                send(scene.browser(role), "POST", f"/w/north/{hidden.key}/restore", {}),
                send(Client(), "GET", one, headers=headers),
                send(Client(), "POST", f"{one}/restore", headers=headers),
                send(Client(), "GET", f"/api/v1/{declared.path}?archived=true&q={HIDDEN}", headers=headers),
                send(scene.browser(role), "GET", "/w/north/trash"),
            ):
                assert HIDDEN not in told.body.lower().replace(f"q={HIDDEN}", "") or told.status == 403, str(told)
                assert not told.moved, str(told)
        verbs.restore(scene.north.owner, kind, hidden.pk)


def test_loading_a_page_writes_nothing(site: Site) -> None:
    """C9: a GET that writes could be sent by any image of any page."""
    # allauth notes the address of an account that was made by invitation or command, once, as unverified.
    assert [w for w in site.writing if not w.startswith("GET /accounts/email/ ")] == []


def test_the_walk_met_the_product(scene: Scene, site: Site) -> None:
    """Otherwise the tests above would prove nothing."""
    unmet = {r.name for r in IN_WORKSPACE if not bindings(scene, site, r)}
    assert unmet <= set(NOT_MET)
    assert {b.role for found in site.bindings.values() for b in found} >= {"owner", "product_manager", "viewer"}
    assert all(page.status == 200 for page in site.pages), [p.address for p in site.pages if p.status != 200]
    assert set(dump()) >= {"kernel_card", "kernel_search"}
