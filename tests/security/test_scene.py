"""The scene holds what the attacks need; otherwise they would prove nothing."""

from __future__ import annotations

from django.db import connection

from tests.dump import Writes, dump, moved
from tests.security.scene import FOREIGN, Scene, of_workspaces
from threadline.kernel import verbs
from threadline.kernel.cards import Card
from threadline.kernel.registry import kinds
from threadline.kernel.verbs import comment

# Tables that need no row in both workspaces, each with the reason.
WITHOUT = {"inbound.PlanRun": "holds what one run of the planner was asked and found; read through its plan alone"}


def test_every_table_of_a_workspace_has_a_row_in_both(scene: Scene) -> None:
    """A new table must be furnished before the attacks can say that it is safe."""
    for place in (scene.north, scene.south):
        empty = {label for label, ids in place.rows().items() if not ids}
        assert sorted(empty) == sorted(WITHOUT)
    assert len(of_workspaces()) > 20


def test_no_key_is_in_both_workspaces(scene: Scene) -> None:
    north, south = (
        set(Card.objects.filter(workspace=place.workspace).values_list("key", flat=True))
        for place in (scene.north, scene.south)
    )
    assert len(north) > 3 * len(list(kinds())) < len(south)
    assert not north & south


def test_everything_of_souths_carries_the_word(scene: Scene) -> None:
    titles = Card.objects.filter(workspace=scene.south.workspace).values_list("title", flat=True)
    plain = sorted({t for t in titles if FOREIGN not in t.lower() and " of a" not in t})
    assert not plain, "; ".join(plain)


def test_a_dump_sees_one_word_and_forgets_what_was_taken_back(scene: Scene) -> None:
    before = dump()
    comment(scene.world.pm, scene.north.full["feature"], "One word")
    assert set(moved(before)) >= {"kernel_comment", "kernel_change"}


def test_what_the_engine_tells_of_writes_is_what_two_dumps_find(scene: Scene) -> None:
    """The attacks look only at tables that were written to, as the engine names them."""
    before = dump()
    with Writes() as writes:
        comment(scene.world.pm, scene.north.full["feature"], "Two words")
        verbs.update(scene.world.pm, "feature", scene.north.full["feature"].pk, {"title": "Told apart"})
    assert {"kernel_comment", "kernel_search", "kernel_card"} <= set(moved(before))
    assert writes.tables is None or set(moved(before)) <= writes.tables
    with Writes() as reading:
        list(Card.objects.all()[:3])
    assert not reading.tables


def test_rows_are_only_counted_where_nothing_but_adding_was_done(scene: Scene) -> None:
    """Elsewhere as many rows may be other rows."""
    if connection.vendor == "postgresql":
        return  # there every table is looked at
    with Writes() as writes:
        comment(scene.world.pm, scene.north.full["feature"], "Three words")
        verbs.update(scene.world.pm, "feature", scene.north.full["feature"].pk, {"title": "Told apart again"})
    assert "kernel_change" in writes.grown
    assert not {"kernel_card", "kernel_search", "inbound_feature"} & writes.grown
    tag = "INSERT INTO threadline_cache (cache_key, value, expires) VALUES ('k', 'v', '2026-01-01')"
    for more in ("", " ON CONFLICT (cache_key) DO UPDATE SET value = 'w'"):
        with Writes() as writes, connection.cursor() as cursor:
            cursor.execute(tag + more)
        assert ("threadline_cache" in writes.grown) == (not more)
    everything, counted = dump(writes.tables), dump(["kernel_change"], ["kernel_change"])
    assert counted["kernel_change"].isdigit()
    assert everything != counted


def test_the_dump_is_as_it_was_again(scene: Scene) -> None:
    """The test before this one wrote; the scene is shared by both."""
    assert not Card.objects.filter(comments__body="One word").exists()
