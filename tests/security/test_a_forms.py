"""A2, A3, A5: South's things inside the forms of pages: choices, ticks, hidden ids, suggested names.

The forms are those that the walk met, so a form that is added later is attacked without a word here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from tests.security.attack import Outcome, send
from tests.security.html import Control, Form
from tests.security.scene import FOREIGN, Scene
from tests.security.site import Site
from threadline.kernel import rows

# An import that is being matched keeps what was chosen for its columns, also when that is refused.
DRAFTS = {"exchange_importrun"}
Attack = tuple[str, Form, str, str, str]  # role, form, control, value of North's, value of South's


def values_of(control: Control) -> list[str]:
    """What a person could send with a control without typing."""
    return [v for v in dict.fromkeys([control.value, *control.options]) if v]


def attacks(scene: Scene, site: Site) -> Iterator[Attack]:
    """Every control whose value is something of North's, with South's counterpart."""
    seen = set()
    for role, form in site.forms:
        for control in form.controls:
            ours = next((v for v in values_of(control) if scene.twins(v)), None)
            if form.action.endswith("/cancel"):
                continue  # the form around it is the one that matches columns; this button leaves it
            shape = (role, form.page.partition("?")[0].count("/"), form.action.rpartition("/")[2], control.name, ours)
            if ours is not None and form.method == "post" and shape not in seen:
                seen.add(shape)
                yield role, form, control.name, ours, scene.twins(ours)[0]


def submit(scene: Scene, role: str, form: Form, name: str, value: str) -> Outcome:
    """The form with one value in it, everything else as its page has it."""
    data: dict[str, Any] = {**form.sent(), name: [value]}
    for file in form.files:
        data[file] = SimpleUploadedFile("words.csv", b"title\nSome words\n")
    return send(scene.browser(role), "POST", form.action, data)


def test_souths_things_in_a_form_are_refused(scene: Scene, site: Site) -> None:
    """Nothing is written, or nothing of South's is: the answer is that for a thing nobody has."""
    found = list(attacks(scene, site))
    assert len(found) > 20
    for role, form, name, _, theirs in found:
        told = submit(scene, role, form, name, theirs)
        nobody = f"{theirs.partition('-')[0]}-99999999" if theirs[:1].isupper() else str(rows.new_id())
        missing = submit(scene, role, form, name, nobody)
        place = (role, form.page, form.action, name)
        assert FOREIGN not in told.body.lower(), place
        assert (told.status, told.moved) == (missing.status, missing.moved), (place, str(told), str(missing))
        assert not set(told.moved) - DRAFTS, (place, str(told))
        assert told.status >= 400 or not told.moved, (place, str(told))


def test_the_same_forms_do_something_with_norths_own(scene: Scene, site: Site) -> None:
    """Otherwise the attack proves nothing: most of these forms write when they are sent as they stand."""
    writing, tried = set(), set()
    for role, form, name, ours, theirs in attacks(scene, site):
        tried.add((form.action, name))
        if (form.action, name) in writing or form.action.endswith("/bulk"):
            continue  # told already; a bulk form waits for a verb to be chosen, which its page does by script
        others = [v for v in scene.some_of_north() if theirs in scene.twins(v) and v != ours]
        if any(submit(scene, role, form, name, value).moved for value in (ours, *others)):
            writing.add((form.action, name))
    blunt = sorted(one for one in tried - writing if not one[0].endswith("/bulk"))
    assert len(blunt) * 4 < len(tried), blunt


def test_what_a_form_does_not_have_it_does_not_take(scene: Scene, site: Site) -> None:
    """A3, B2: who owns it, where it belongs, who made it and when, sent with each form that writes a record."""
    more = {"workspace": str(scene.south.workspace.pk), "workspace_id": str(scene.south.workspace.pk), "id": "1",
            "number": "1", "version_": "9", "revision": "9", "created_at": "2001-01-01", "archived_at": "2001-01-01",
            "is_staff": "on", "role": "owner", "created_by": str(scene.world.stranger.member_id), "custom": "{}",
            "owner_id": str(scene.world.stranger.member_id), "member": str(scene.world.stranger.member_id)}  # fmt: skip
    tried = 0
    for role, form in site.forms:
        if form.method != "post":
            continue
        own = {c.name for c in form.controls}
        plain = submit_all(scene, role, form, {})
        told = submit_all(scene, role, form, {n: [v] for n, v in more.items() if n not in own})
        tried += bool(plain.moved)
        assert (told.status, told.moved) == (plain.status, plain.moved), (role, form.action, str(told), str(plain))
    assert tried > 20


def submit_all(scene: Scene, role: str, form: Form, more: dict[str, list[str]]) -> Outcome:
    """The form as its page has it, with more in it."""
    data: dict[str, Any] = {**form.sent(), **more}
    for file in form.files:
        data[file] = SimpleUploadedFile("words.csv", b"title\nSome words\n")
    return send(scene.browser(role), "POST", form.action, data)
