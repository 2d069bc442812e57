"""One field changed where it stands: asked for, saved, refused, overtaken."""

from __future__ import annotations

import re

from threadline.faces.web.tests.conftest import Site
from threadline.kernel import verbs
from threadline.kernel.testing import fresh

JSON = {"accept": "application/json"}


def test_a_field_is_asked_for_alone_and_saved(site: Site) -> None:
    feature = site.world.make("feature", title="Rejoin", hypothesis="More stay.")
    page = site.text(feature.key)
    assert f'data-edit="/w/north/{feature.key}/field/hypothesis"' in page
    alone = site.client().get(f"/w/north/{feature.key}/field/hypothesis", headers={"x-part": "field"}).content.decode()
    assert "More stay." in alone
    assert "<html" not in alone
    version = re.search(r'name="version" value="(\d+)"', alone)
    assert version is not None
    sent = {"hypothesis": "Half as many leave.", "version": version[1]}
    said = site.client().post(f"/w/north/{feature.key}/field/hypothesis", sent, headers=JSON).json()
    assert fresh(feature).hypothesis == "Half as many leave."
    assert said["undo"].startswith("/w/north/undo/")


def test_without_a_script_it_is_a_page_with_one_field(site: Site) -> None:
    feature = site.world.make("feature", title="Rejoin")
    assert '<form class="form"' in site.text(f"{feature.key}/field/title")
    answer = site.post(f"{feature.key}/field/title", {"title": ""})
    assert (answer.status_code, fresh(feature).title) == (422, "Rejoin")
    answer = site.post(f"{feature.key}/field/title", {"title": "Come back in"})
    assert (answer.status_code, answer["Location"]) == (303, f"/w/north/{feature.key}")
    assert fresh(feature).title == "Come back in"


def test_a_reader_with_an_older_version_overwrites_nothing(site: Site) -> None:
    feature = site.world.make("feature", title="Rejoin")
    verbs.update(site.world.owner, "feature", feature, {"title": "From Olga"})
    sent = {"title": "From Petra", "version": feature.version}
    answer = site.client().post(f"/w/north/{feature.key}/field/title", sent, headers=JSON)
    assert answer.status_code == 409
    assert fresh(feature).title == "From Olga"


def test_what_is_not_to_be_changed_has_no_control(site: Site) -> None:
    feature = site.world.make("feature", title="Rejoin")
    for name in ("score", "created_at", "state", "nonsense"):
        assert site.get(f"{feature.key}/field/{name}").status_code == 404, name
    assert site.get(f"{feature.key}/field/title", "viewer").status_code == 403
    assert "data-edit" not in site.text(feature.key, "viewer")


def test_blanks_are_offered_to_be_filled_in(site: Site) -> None:
    feature = site.world.make("feature", title="Rejoin")
    assert "more to fill in" in site.text(feature.key)
