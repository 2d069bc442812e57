"""What every record type can be relied on to do on the thread: cite, become suspect, be told."""

from __future__ import annotations

from typing import Any

import pytest

from tests.dump import dump, moved
from tests.inherited.values import change, citing_pairs, full, plain_fields
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.changes import Change
from threadline.kernel.comments import Comment, Notification
from threadline.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from threadline.kernel.links import Link
from threadline.kernel.past import links_as_of
from threadline.kernel.registry import RecordType, kinds
from threadline.kernel.testing import World, fresh
from threadline.kernel.thread import STOPS, bar, flat, suspects, what_came_of_it, why
from threadline.kernel.undo import undo


def citing(world: World, cited: RecordType) -> tuple[Any, Link] | None:
    """Somebody's record that cites a full one of a type by a declared citation, if any type can."""
    for declared in kinds():
        for name, to in citing_pairs(declared):
            if to.kind == cited.kind:
                target = full(world, cited)
                source = world.make(declared.kind)
                return target, verbs.link(world.pm, source.pk, target.pk, name, quote="")
    return None


def test_each_citation_it_declares_stands_on_the_thread(world: World, declared: RecordType) -> None:
    for name, to in citing_pairs(declared):
        source, target = world.make(declared.kind), world.make(to.kind)
        link = verbs.link(world.pm, source.key, target.key, name, quote="", why="it rests on this")
        up, down = (
            why(world.viewer, verbs.card(world.viewer, source.pk)),
            what_came_of_it(world.viewer, verbs.card(world.viewer, target.pk)),
        )
        assert [(n.key, n.link_kind, n.suspect) for n in up] == [(target.key, name, False)]
        assert [(n.key, n.link_id) for n in down] == [(source.key, str(link.pk))]
        line = Change.objects.filter(card_id=source.pk).order_by("-pk").first()
        assert line is not None
        assert (line.why, line.actor_id) == ("it rests on this", world.pm.member_id)
        assert line.diff["+link"][1]["target"] == str(target.pk)
        assert links_as_of(world.pm, fresh(source), line.at)[0]["target"] == str(target.pk)
        verbs.unlink(world.pm, link.pk)
        assert why(world.pm, verbs.card(world.pm, source.pk)) == []


def test_what_it_does_not_declare_it_cannot_cite(world: World, declared: RecordType) -> None:
    source = world.make(declared.kind)
    targets = {t.kind: world.make(t.kind) for t in kinds()}
    allowed = {(name, to.kind) for name, to in citing_pairs(declared)}
    own = {*declared.cite_by_name, "mention", "nonsense", ""}
    # Names of others are refused as unknown whatever they point at: each is tried on some type of target.
    others = sorted({name for t in kinds() for name in t.cite_by_name} - own)
    before = dump()
    for at, (kind, target) in enumerate(targets.items()):
        for name in (*own, others[at % len(others)]):
            if (name, kind) not in allowed:
                with pytest.raises(Invalid):
                    verbs.link(world.pm, source.pk, target.pk, name)
    assert moved(before) == []


def test_a_citation_of_anothers_company_is_not_found(world: World, declared: RecordType) -> None:
    """A2: South's records as the cited or the citing one."""
    for name, to in citing_pairs(declared):
        source, theirs = world.make(declared.kind), world.make(to.kind, world.stranger)
        elsewhere = world.make(declared.kind, world.stranger)
        before = dump()
        for one, other in ((source.pk, theirs.pk), (elsewhere.pk, source.pk), (source.pk, str(theirs.pk))):
            with pytest.raises(NotFound):
                verbs.link(world.pm, one, other, name)
        assert moved(before) == []
        values = world.needed(declared.kind)
        before = dump()
        with pytest.raises(NotFound):
            verbs.create(world.pm, declared.kind, values, cites=[{"kind": name, "target": str(theirs.pk)}])
        assert moved(before) == []


def test_what_cites_it_is_suspect_after_a_change_of_meaning_and_of_nothing_else(
    world: World, declared: RecordType
) -> None:
    cited = citing(world, declared)
    if cited is None:  # nothing may cite this type but a text
        record = full(world, declared)
        said = verbs.comment(world.pm, record.pk, "A word")
        assert said.card_id == record.pk
        return
    target, link = cited
    for field in plain_fields(declared):
        change(world, target, field)
        waiting = [s.link_id for s in suspects(world.pm)]
        assert waiting == ([str(link.pk)] if field.name in declared.meaning else []), field.name
        if waiting:
            verbs.confirm(world.pm, link.pk, why="read it")
            assert suspects(world.pm) == [], field.name
    verbs.tag(world.pm, target.pk, ["tagged"])
    verbs.comment(world.pm, target.pk, "A word")
    assert suspects(world.pm) == []


def test_a_confirmation_of_what_changed_again_is_refused(world: World, declared: RecordType) -> None:
    cited = citing(world, declared)
    meaning = [f for f in plain_fields(declared) if f.name in declared.meaning]
    if cited is None or not meaning:
        assert cited is None or not meaning
        return
    target, link = cited
    change(world, target, meaning[0])
    read = fresh(target).revision
    with pytest.raises(Conflict):
        verbs.confirm(world.pm, link.pk, expect=read - 1)
    assert len(suspects(world.pm)) == 1
    verbs.confirm(world.pm, link.pk, expect=read)
    assert suspects(world.pm) == []


def test_the_bar_shows_where_it_stands(world: World, declared: RecordType) -> None:
    record = verbs.card(world.pm, world.make(declared.kind).pk)
    stops = bar(record, [], [])
    assert [s.name for s in stops] == [name for name, _ in STOPS]
    here = [s.name for s in stops if s.here]
    assert here == ([declared.stop] if declared.stop in {name for name, _ in STOPS} else [])


def test_a_citation_is_undone_and_comes_back(world: World, declared: RecordType) -> None:
    for name, to in citing_pairs(declared)[:1]:
        source, target = world.make(declared.kind), world.make(to.kind)
        link = verbs.link(world.pm, source.pk, target.pk, name)
        verbs.unlink(world.pm, link.pk)
        gone = Change.objects.filter(card_id=source.pk).latest("pk")
        undo(world.pm, gone.batch)
        assert [n.key for n in flat(why(world.pm, verbs.card(world.pm, source.pk)))] == [target.key]
        made = Change.objects.filter(card_id=source.pk, diff__has_key="+link").earliest("pk")
        undo(world.pm, made.batch)
        assert why(world.pm, verbs.card(world.pm, source.pk)) == []


def test_a_key_in_a_remark_is_not_lost_and_a_name_is_told(world: World, declared: RecordType) -> None:
    record = world.make(declared.kind)
    said = verbs.comment(world.pm, record.pk, f"@{world.viewer.member.handle} look at [[{record.key}]]")
    told = Notification.objects.filter(member_id=world.viewer.member_id, card_id=record.pk)
    assert [n.reason for n in told] == ["mention"]
    assert Comment.objects.get(pk=said.pk).body.endswith(f"[[{record.key}]]")
    for actor in (world.viewer, world.contributor):
        with pytest.raises(Forbidden):
            verbs.edit_comment(actor, said.pk, "Mine now")
    with pytest.raises(NotFound):
        verbs.edit_comment(world.stranger, said.pk, "Mine now")
    with pytest.raises(Forbidden):
        verbs.remove_comment(world.contributor, said.pk)
    verbs.remove_comment(world.pm, said.pk)
    assert Comment.objects.get(pk=said.pk).body == ""


def test_nobody_is_told_of_what_they_may_not_see(world: World, declared: RecordType) -> None:
    """A8: mention, owner's and watcher's notifications of a record kept for others."""
    record = world.make(declared.kind)
    verbs.watch(world.viewer, record.pk)
    verbs.update(world.owner, declared.kind, record.pk, {"confidentiality": NAMED, "owner": str(world.owner.member_id)})
    verbs.name_readers(world.owner, record.pk, [])
    before = Notification.objects.count()
    verbs.comment(world.owner, record.pk, f"@{world.viewer.member.handle} @{world.admin.member.handle} psst")
    verbs.update(world.owner, declared.kind, record.pk, {"title": "Still a secret"})
    assert Notification.objects.count() == before


def test_whoever_relies_on_what_they_no_longer_see_is_not_told(world: World, declared: RecordType) -> None:
    """A8: the owner of a citing record hears of a change only while the cited one is in reach."""
    cited = citing(world, declared)
    if cited is None or not declared.meaning & {f.name for f in plain_fields(declared)}:
        return
    target, link = cited
    source = verbs.card(world.pm, link.source_id)
    verbs.update(world.owner, source.kind, source.pk, {"owner": str(world.pm.member_id)})
    meaning = next(f for f in plain_fields(declared) if f.name in declared.meaning)
    told = Notification.objects.filter(member_id=world.pm.member_id, reason="suspect")
    change(world, target, meaning, world.owner)
    assert told.count() == 1
    verbs.update(world.owner, declared.kind, target.pk, {"confidentiality": NAMED, "owner": None})
    verbs.name_readers(world.owner, target.pk, [])
    verbs.update(world.owner, declared.kind, target.pk, {"title": "Changed once more"})
    assert told.count() == 1


def test_tags_are_kept_logged_and_undone(world: World, declared: RecordType) -> None:
    record = world.make(declared.kind)
    assert verbs.tag(world.pm, record.pk, ["Slow", "slow", "big one"]) == ["big one", "slow"]
    before = dump()
    verbs.tag(world.pm, record.pk, ["slow", "big one"])
    assert moved(before) == []
    line = Change.objects.filter(card_id=record.pk).latest("pk")
    assert line.diff == {"+tags": [[], ["big one", "slow"]]}
    undo(world.pm, line.batch)
    assert Change.objects.filter(card_id=record.pk).latest("pk").diff == {"+tags": [["big one", "slow"], []]}
    with pytest.raises(Forbidden):
        verbs.tag(world.viewer, record.pk, ["mine"])
