"""Files out: through reach, safe in a spreadsheet, and good enough to come back in."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from typing import Any
from zipfile import ZipFile

import pytest

from threadline.exchange import carrying, exporting
from threadline.exchange.mapping import Pair
from threadline.exchange.tests.conftest import Desk
from threadline.formats.sheets import open_sheet
from threadline.inbound.feedback.models import Feedback
from threadline.kernel import verbs
from threadline.kernel.access import Actor
from threadline.kernel.errors import Invalid
from threadline.kernel.links import Link
from threadline.kernel.query import QueryError
from threadline.kernel.registry import type_of
from threadline.kernel.testing import World

FORMULAS = ["=1+1", "+1", "-1", "@x", "\t=1", "＝1", "'=1", "' quoted", "-5", '=HYPERLINK("http://x.example")']


def written(actor: Actor, kind: str = "feedback", file_format: str = "csv", **asked: Any) -> bytes:
    out = io.BytesIO()
    exporting.write(actor, type_of(kind), out, file_format=file_format, **asked)
    return out.getvalue()


def rows_of(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def test_a_row_names_what_it_refers_to_in_words_and_keys(world: World) -> None:
    account = world.make("account", title="Acme")
    note = world.make(
        "feedback", body="Words.", account=str(account.pk), owner="me", product=world.product("Atlas").slug
    )
    feature = world.make("feature", title="Dark mode")
    cite = type_of("feature").cites[0].name
    verbs.link(world.pm, feature, note, cite)
    verbs.tag(world.pm, note, ["raid", "ios"])
    row = rows_of(written(world.pm))[0]
    assert (row["id"], row["key"]) == (str(note.pk), note.key)
    assert (row["account"], row["owner"], row["product"]) == (f"{account.key} Acme", world.pm.name, "Atlas")
    assert row["tags"] == "ios, raid"
    assert rows_of(written(world.pm, "feature"))[0][cite] == note.key


def test_fields_and_query_choose_what_is_written(world: World) -> None:
    for n in range(5):
        world.make("feedback", body=f"Words {n}.", rating=n)
    rows = rows_of(written(world.pm, query="rating>2 sort:-rating", names=["rating", "body"]))
    assert [list(r) for r in rows] == [["id", "key", "rating", "body"]] * 2
    assert [r["rating"] for r in rows] == ["4.0", "3.0"]
    for wrong in ("nothing", "owner__password", "custom", "workspace_id"):
        with pytest.raises(QueryError):
            written(world.pm, names=[wrong])
    with pytest.raises(Invalid):
        written(world.pm, file_format="pdf")


def test_more_than_a_page_is_written_once_each(world: World, desk: Desk) -> None:
    desk.bring(desk.take([["id", "text"], *([f"R{n}", f"Words {n}."] for n in range(450))]))
    keys = [r["key"] for r in rows_of(written(world.pm, names=["title"]))]
    assert len(keys) == len(set(keys)) == 450
    assert len(json.loads(written(world.pm, file_format="json", names=["title"]))) == 450


def test_an_export_holds_nothing_its_reader_may_not_see(world: World) -> None:
    account = world.make("account", title="Acme", annual_revenue=120_000)
    hidden = world.make("account", title="Hidden buyer", owner="me", confidentiality=2)
    world.make("feedback", body="Words.", account=str(hidden.pk))
    note = world.make("feedback", body="Secret words.", owner="me", confidentiality=2)
    feature = world.make("feature", title="Dark mode")
    cite = type_of("feature").cites[0].name
    verbs.link(world.pm, feature, note, cite)
    for actor in (world.viewer, world.stranger):
        text = b"".join(written(actor, kind) for kind in ("account", "feedback", "feature")).decode()
        assert "120000" not in text
        for name in ("Hidden buyer", hidden.key + " ", "Secret words", note.key):
            assert name not in text, (actor.name, name)
    assert b"annual_revenue" not in written(world.viewer, "account")
    with pytest.raises(QueryError):
        written(world.viewer, "account", names=["annual_revenue"])
    with pytest.raises(QueryError):
        written(world.viewer, "account", query="annual_revenue>5")
    assert written(world.stranger, "account").count(b"\n") == 1
    assert rows_of(written(world.pmm, "account", names=["annual_revenue"]))[0]["annual_revenue"] == "120000"
    assert account.title in written(world.viewer, "account").decode()


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_what_looks_like_a_formula_stays_text_and_returns_as_it_was(
    world: World, desk_of: Callable[[Actor], Desk], tmp_path: Any, file_format: str
) -> None:
    for text in FORMULAS:
        world.make("feedback", title=text.strip() or "x", body=f"{text}\nmore", rating=5)
    content = written(world.pm, file_format=file_format)
    path = tmp_path / f"out.{file_format}"
    path.write_bytes(content)
    if file_format == "csv":
        raw = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        assert not [c for row in raw[1:] for c in row if c[:1] in "=+-@\t\r＝" and c]
    if file_format == "xlsx":
        inside = ZipFile(io.BytesIO(content)).read("xl/worksheets/sheet1.xml")
        assert b"<f>" not in inside
        assert b"<f " not in inside
    back = [row for _, row in open_sheet(path).rows()]
    bodies = sorted(str(row["body"]) for row in back)
    assert bodies == sorted(f"{text}\nmore".rstrip() for text in FORMULAS)
    assert all(float(row["rating"]) == 5 for row in back)


def test_an_export_edited_and_sent_back_changes_just_that(world: World, desk: Desk) -> None:
    first, second = world.make("feedback", body="One."), world.make("feedback", body="Two.")
    content = written(world.pm).decode("utf-8-sig").replace("Two.", "Two, mended.")
    run = desk.bring(desk.take(content.encode(), source="spreadsheet"))
    assert (run.counts["updated"], run.counts["unchanged"], run.counts["created"]) == (1, 1, 0)
    assert Feedback.objects.get(pk=second.pk).body == "Two, mended."
    assert Feedback.objects.get(pk=second.pk).source == ""
    assert Feedback.objects.get(pk=first.pk).version == 1


def test_what_does_not_travel_is_told(world: World, desk_of: Callable[[Actor], Desk]) -> None:
    owner, product = str(world.admin.member_id), world.product("Atlas").slug
    note = world.make("feedback", body="Words.", owner=owner, product=product)
    feature = world.make("feature", title="Dark mode")
    cite = type_of("feature").cites[0].name
    verbs.link(world.pm, feature, note, cite)
    other = desk_of(world.stranger)
    world.make("feedback", world.stranger, body="South's first words, which have the same key.")
    run = other.take(written(world.pm, "feature"), kind="feature", source="north")
    losses = " ".join(carrying.check(other.actor, run)["losses"])
    assert f"{cite}: 1 cited record is not here" in losses
    assert "key: Threadline sets this itself" in losses
    other.bring(run)
    assert not Link.objects.filter(workspace=world.south).exists()
    notes_run = other.take(written(world.pm, "feedback"), source="north")
    report = carrying.check(other.actor, notes_run)
    assert "owner" in str(report["losses"])
    other.choose(notes_run, Pair("owner", "owner"), missing={"owner": "blank"})
    assert "1 name is not known here" in " ".join(carrying.check(other.actor, notes_run)["losses"])


def test_an_export_that_breaks_half_way_is_an_error_and_no_short_file(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.make("feedback", body="Words.")

    def broken() -> Any:
        yield {"id": "1"}
        raise RuntimeError("the database went away")

    with pytest.raises(RuntimeError):
        exporting.written_aside(["id"], broken(), "csv")
