"""Every record type goes out to a file and comes back, here and in another workspace, unharmed."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings

from threadline.exchange import carrying, exporting, uploads
from threadline.exchange.mapping import from_json
from threadline.kernel import verbs
from threadline.kernel.access import Actor
from threadline.kernel.customs import CustomField
from threadline.kernel.registry import RecordType, type_of
from threadline.kernel.testing import World
from threadline.kernel.workspaces import Product

# What says where a record is, not what it is.
OF_A_PLACE = ("id", "key", "source", "source_id", "created_at", "updated_at")


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: LazySettings) -> None:
    """Uploads go to a folder of the test."""
    settings.DATA_DIR = tmp_path


def written(actor: Actor, declared: RecordType, file_format: str) -> bytes:
    out = io.BytesIO()
    exporting.write(actor, declared, out, file_format=file_format)
    return out.getvalue()


def brought_in(actor: Actor, declared: RecordType, content: bytes, file_format: str) -> Any:
    run = uploads.take_in(actor, declared.kind, "north", f"out.{file_format}", [content])
    mapping = from_json(run.mapping)
    assert all(run.report["sure"][p.column] == "name" for p in mapping.pairs)
    report = carrying.check(actor, run)
    assert report["problem_counts"] == []
    carrying.bring_in(actor, run, skip_bad=False)
    return run


def rows_of(content: bytes, left_out: tuple[str, ...]) -> list[dict[str, str]]:
    rows = csv.DictReader(io.StringIO(content.decode("utf-8-sig")))
    return [{n: v for n, v in row.items() if n not in left_out} for row in rows]


def furnished(world: World, declared: RecordType) -> None:
    """Two records of the type in North, as full as can be, and the same people and products in South."""
    for workspace in (world.north, world.south):
        CustomField.objects.create(
            workspace=workspace, kind=declared.kind, name="platform", label="Platform", type="text"
        )
    world.member("product_manager", "south")
    for number in range(2):
        title = f'=Odd "title" {number}; [x](y)'
        record = world.make(declared.kind, **{**world.sample(declared.kind), "platform": "iOS", "title": title})
        verbs.tag(world.pm, record, ["one tag", "another"])
    for product in Product.objects.filter(workspace=world.north):
        Product.objects.create(workspace=world.south, slug=product.slug, name=product.name)


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_an_export_read_again_here_changes_nothing(world: World, declared: RecordType, file_format: str) -> None:
    furnished(world, declared)
    before = written(world.pm, declared, "csv")
    run = brought_in(world.pm, declared, written(world.pm, declared, file_format), file_format)
    assert run.counts["created"] == run.counts["updated"] == run.counts["restored"] == 0
    assert run.counts["unchanged"] >= 2
    assert written(world.pm, declared, "csv") == before


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "json"])
def test_an_export_brought_into_another_workspace_exports_the_same(
    world: World, declared: RecordType, file_format: str
) -> None:
    furnished(world, declared)
    content = written(world.pm, declared, file_format)
    run = brought_in(world.stranger, declared, content, file_format)
    assert run.counts["created"] >= 2
    # Citations name records of the old place; whatever stays behind is told.
    told = " ".join(run.report["losses"])
    assert "key: Threadline sets this itself" in told
    left_out = (*OF_A_PLACE, *(n for n, f in declared.by_name.items() if f.readonly), *declared.cite_by_name)
    left_out = (*left_out, *_more_than_a_name(declared))
    there = [_without_keys(r, declared) for r in rows_of(written(world.stranger, declared, "csv"), left_out)]
    here = [_without_keys(r, declared) for r in rows_of(written(world.pm, declared, "csv"), left_out)]
    assert there == here
    carrying.undo_run(world.stranger, run)
    assert rows_of(written(world.stranger, declared, "csv"), ()) == []


def _more_than_a_name(declared: RecordType) -> list[str]:
    """References to records that a name alone does not make; they stay behind, and that is told."""
    linked = {n: f.kind.kind for n, f in declared.by_name.items() if f.kind.name == "reference"}
    return [n for n, kind in linked.items() if {f.name for f in type_of(kind).required} - {"title"}]


def _without_keys(row: dict[str, str], declared: RecordType) -> dict[str, str]:
    """A reference is a key of the place and a name that travels."""
    linked = {n for n, f in declared.by_name.items() if f.kind.name == "reference"}
    people = {n for n, f in declared.by_name.items() if f.kind.name == "person"}
    return {n: v.partition(" ")[2] if n in linked else v for n, v in row.items() if n not in people}


def test_every_field_that_can_be_set_can_be_brought_in(world: World, declared: RecordType) -> None:
    columns = exporting.default_names(world.pm, declared)
    content = ",".join(["id", "key", *columns]).encode() + b"\n" + b",".join([b"x"] * (len(columns) + 2)) + b"\n"
    run = uploads.take_in(world.pm, declared.kind, "s", "f.csv", [content])
    settable = {n for n, f in declared.by_name.items() if not f.readonly} - {"source", "source_id"}
    found = exporting.default_names(world.pm, declared)
    assert settable <= set(found)
    assert {p.to for p in from_json(run.mapping).pairs} <= settable | {"tags", "id", *declared.cite_by_name}
