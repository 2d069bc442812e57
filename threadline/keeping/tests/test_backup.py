"""A backup holds everything, says so by counts and hashes, and fills any empty database."""

from __future__ import annotations

import hashlib
import json
import stat
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db.migrations.loader import MigrationLoader

from threadline.house import filing
from threadline.keeping import backup, restore, tables
from threadline.kernel import verbs
from threadline.kernel.members import User
from threadline.kernel.testing import World

Entries = dict[str, bytes]


def entries_of(path: Path) -> Entries:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, entries: Entries) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return path


def manifest_of(entries: Entries) -> Any:
    return json.loads(entries["manifest.json"])


# ---- what is in it ------------------------------------------------------------------------


def test_every_model_of_ours_is_kept() -> None:
    kept = {m._meta.label_lower for m in tables.kept_models()}
    assert {"kernel.user", "kernel.change", "kernel.job", "inbound.feature", "account.emailaddress"} <= kept
    assert not {"sessions.session", "contenttypes.contenttype"} & kept


def test_counts_and_hashes_are_those_of_the_lines(world: World, tmp_path: Path) -> None:
    record = world.make("feature", title="Füller", reach=0.1)
    filing.attach(world.pm, record.pk, "a.txt", [b"words"])
    backup.write_backup(tmp_path / "b.zip")
    entries = entries_of(tmp_path / "b.zip")
    manifest = manifest_of(entries)
    for table in manifest["tables"]:
        data = entries[f"tables/{table['model']}.jsonl"]
        assert hashlib.sha256(data).hexdigest() == table["sha256"]
        assert data.count(b"\n") == table["rows"]
    feature = next(t for t in manifest["tables"] if t["model"] == "inbound.feature")
    [line] = [json.loads(row) for row in entries["tables/inbound.feature.jsonl"].splitlines()]
    kept = dict(zip(feature["columns"], line, strict=True))
    assert (kept["id"], kept["title"], kept["reach"]) == (str(record.pk), "Füller", 0.1)
    assert "score" not in kept  # the database's own
    assert [data for name, data in entries.items() if name.startswith("files/")] == [b"words"]
    assert restore.differences(manifest) == []


def test_a_change_after_the_backup_shows(world: World, tmp_path: Path) -> None:
    record = world.make("feature")
    manifest = backup.write_backup(tmp_path / "b.zip")
    verbs.update(world.pm, "feature", record.pk, {"title": "Later"})
    assert {"inbound.feature", "kernel.card", "kernel.change"} <= set(restore.differences(manifest))


def test_more_rows_than_a_chunk(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "CHUNK", 2)
    for _ in range(5):
        world.make("account")
    manifest = backup.write_backup(tmp_path / "b.zip")
    assert next(t["rows"] for t in manifest["tables"] if t["model"] == "inbound.account") == 5
    restore.verify(tmp_path / "b.zip")


def test_only_its_owner_can_read_it_and_nothing_is_replaced_unasked(world: World, tmp_path: Path) -> None:
    path = tmp_path / "b.zip"
    backup.write_backup(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        backup.write_backup(path)
    backup.write_backup(path, replace=True)
    assert [p.name for p in tmp_path.iterdir()] == ["b.zip"]


def test_an_interrupted_backup_leaves_nothing(world: World, tmp_path: Path) -> None:
    def stop(done: int, total: int | None, what: str) -> None:
        if done > 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        backup.write_backup(tmp_path / "b.zip", tell=stop)
    assert list(tmp_path.iterdir()) == []


def test_missing_bytes_are_named(world: World, tmp_path: Path) -> None:
    made = filing.attach(world.pm, world.make("feature").pk, "a.txt", [b"words"])
    filing.path_of(made).unlink()
    manifest = backup.write_backup(tmp_path / "b.zip")
    assert manifest["files"] == {"count": 0, "missing": [made.pk.hex]}


# ---- what is refused ----------------------------------------------------------------------


@pytest.fixture
def good(world: World, tmp_path: Path) -> Entries:
    record = world.make("feature", title="Whole")
    filing.attach(world.pm, record.pk, "a.txt", [b"words"])
    backup.write_backup(tmp_path / "good.zip")
    restore.verify(tmp_path / "good.zip")
    return entries_of(tmp_path / "good.zip")


def without_manifest(entries: Entries) -> None:
    del entries["manifest.json"]


def foreign_format(entries: Entries) -> None:
    entries["manifest.json"] = json.dumps({**manifest_of(entries), "format": "other"}).encode()


def newer_format(entries: Entries) -> None:
    entries["manifest.json"] = json.dumps({**manifest_of(entries), "format_version": 99}).encode()


def not_json(entries: Entries) -> None:
    entries["manifest.json"] = b"{" * 10_000


def missing_table(entries: Entries) -> None:
    del entries["tables/kernel.card.jsonl"]


def extra_table(entries: Entries) -> None:
    entries["tables/kernel.secret.jsonl"] = b""


def parent_path(entries: Entries) -> None:
    entries["../evil.jsonl"] = b"x"


def absolute_path(entries: Entries) -> None:
    entries["/etc/cron.d/evil"] = b"x"


def sly_path(entries: Entries) -> None:
    entries["files/../../" + "a" * 32] = b"x"


def a_row_less(entries: Entries) -> None:
    entries["tables/kernel.card.jsonl"] = b""


def another_word(entries: Entries) -> None:
    name = "tables/inbound.feature.jsonl"
    entries[name] = entries[name].replace(b"Whole", b"Holey")


@pytest.mark.parametrize(
    "spoil",
    [
        without_manifest, foreign_format, newer_format, not_json, missing_table, extra_table, parent_path,
        absolute_path, sly_path, a_row_less, another_word,
    ],
)  # fmt: skip
def test_a_spoilt_archive_is_refused(spoil: Callable[[Entries], None], good: Entries, tmp_path: Path) -> None:
    spoil(good)
    path = write(tmp_path / "spoilt.zip", good)
    with pytest.raises(restore.BadArchive):
        restore.verify(path)


def test_what_is_no_archive_is_refused(tmp_path: Path, db: None) -> None:
    for data in (b"", b"PK\x03\x04 half of one", b"SQLite format 3\x00" * 100):
        (tmp_path / "odd.zip").write_bytes(data)
        with pytest.raises(restore.BadArchive):
            restore.verify(tmp_path / "odd.zip")


def test_a_cut_archive_is_refused(good: Entries, tmp_path: Path) -> None:
    path = write(tmp_path / "cut.zip", good)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(restore.BadArchive):
        restore.verify(path)


def test_flipped_bits_are_refused(good: Entries, tmp_path: Path) -> None:
    path = write(tmp_path / "bits.zip", good)
    with zipfile.ZipFile(path) as archive:
        at = archive.getinfo("tables/kernel.change.jsonl").header_offset + 80
    data = bytearray(path.read_bytes())
    data[at] ^= 0xFF
    path.write_bytes(bytes(data))
    with pytest.raises(restore.BadArchive):
        restore.verify(path)


def test_more_than_the_disk_holds_is_refused(good: Entries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "big.zip", good)
    monkeypatch.setattr(restore.shutil, "disk_usage", lambda place: type("Room", (), {"free": 1_000})())
    with pytest.raises(restore.BadArchive, match="room"):
        restore.verify(path)


def test_an_endless_line_is_refused(good: Entries, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(tmp_path / "long.zip", good)
    monkeypatch.setattr(restore, "LONGEST_LINE", 50)
    with pytest.raises(restore.BadArchive, match="longer"):
        restore.verify(path)


def test_a_database_with_rows_is_never_mixed(good: Entries, tmp_path: Path) -> None:
    path = write(tmp_path / "good2.zip", good)
    assert not restore.is_empty()
    with pytest.raises(restore.NotEmpty):
        restore.restore(path)
    assert User.objects.exists()


# ---- there and back -----------------------------------------------------------------------


LOOK = """
import json
from threadline.keeping import checks, restore
from threadline.kernel import search, verbs
from threadline.kernel.access import actor_of
from threadline.kernel.members import Member
manifest = json.load(open(sys.argv[1]))
print(restore.differences(manifest))
actor = actor_of(Member.objects.get(user__email="aoife.brannigan@kittiwake.example"))
print(len(search.find(actor, "Füller")))
made = verbs.create(actor, "feature", {"title": "After"})
print(made.number - next(t["rows"] for t in manifest["tables"] if t["model"] == "inbound.feature"))
print([(f.check, f.message) for f in checks.find_all() if not f.warning])
"""


def whole(place: Any, archive: Path) -> None:
    """Everything of the archive arrived: hashes, search, numbers that go on, every check."""
    manifest = place.directory / "manifest.json"
    manifest.write_bytes(entries_of(archive)["manifest.json"])
    assert place.python(LOOK, str(manifest)).splitlines() == ["[]", "2", "1", "[]"]


@pytest.mark.slow
def test_a_backup_of_the_company_fills_an_empty_database(place: Any, archive: Path, company: Any) -> None:
    said = place.run("restore", str(archive))
    manifest = manifest_of(entries_of(archive))
    assert said["rows"] == sum(t["rows"] for t in manifest["tables"]) > 2_000
    assert said["files"] == 3
    again = place.directory / "again.zip"
    place.run("backup", str(again))
    first, second = ({n: d for n, d in entries_of(p).items() if n != "manifest.json"} for p in (archive, again))
    assert first == second  # byte for byte, whichever engine
    whole(place, archive)
    place.run("restore", str(archive), code=1)


@pytest.mark.slow
def test_it_also_fills_the_other_engine(place: Any, sqlite_place: Any, archive: Path, tmp_path: Path) -> None:
    place.run("restore", str(archive))
    there = tmp_path / "there.zip"
    place.run("backup", str(there))
    sqlite_place.run("restore", str(there))
    whole(sqlite_place, there)


@pytest.mark.slow
def test_a_place_that_was_never_migrated_is_made(archive: Path, tmp_path: Path, company: Any) -> None:
    empty = type(company)(tmp_path / "new")
    empty.run("restore", str(archive))
    whole(empty, archive)


@pytest.mark.slow
def test_a_refused_archive_leaves_the_database_empty(place: Any, archive: Path, tmp_path: Path) -> None:
    entries = entries_of(archive)
    name = next(n for n in entries if n.startswith("files/"))
    entries[name] = entries[name][::-1]
    said = place.run("restore", str(write(tmp_path / "spoilt.zip", entries)), code=1)
    assert "bytes" in said["error"]["message"]
    assert not [p for p in (place.directory / "files").rglob("*") if p.is_file()]
    place.run("restore", str(archive))


def later_records(manifest: Any, entries: dict[str, bytes], then: Any) -> set[str]:
    """Ids of the records whose types an older version did not know, as the archive writes them."""
    tables = {t["model"]: t["columns"] for t in manifest["tables"]}
    at_id = {m: c.index("id") for m, c in tables.items() if "id" in c and tuple(m.split(".")) not in then.models}
    return {json.loads(line)[i] for m, i in at_id.items() for line in entries[f"tables/{m}.jsonl"].splitlines()}


@pytest.mark.slow
def test_an_archive_of_an_older_version_is_brought_up_to_date(company: Any, archive: Path, tmp_path: Path) -> None:
    # The archive as it would be if imports had not existed.
    entries = entries_of(archive)
    manifest = manifest_of(entries)
    loader = MigrationLoader(None)
    later = set(loader.graph.backwards_plan(("exchange", "0001_initial")))
    for app, names in manifest["migrations"].items():
        names[:] = [name for name in names if (app, name) not in later]
    then = loader.project_state([(app, names[-1]) for app, names in manifest["migrations"].items() if names])
    gone, kept = later_records(manifest, entries, then), []
    for table in manifest["tables"]:
        lines = entries.pop(f"tables/{table['model']}.jsonl").splitlines()
        lines = [line for line in lines if not gone & {v for v in json.loads(line) if isinstance(v, str)}]
        if tuple(table["model"].split(".")) in then.models:
            known = {f.attname for f in then.apps.get_model(table["model"])._meta.concrete_fields}
            rows = [dict(zip(table["columns"], json.loads(line), strict=True)) for line in lines]
            columns = [c for c in table["columns"] if c in known]
            options = {"separators": (",", ":"), "ensure_ascii": False, "sort_keys": True}
            data = b"".join(json.dumps([r[c] for c in columns], **options).encode() + b"\n" for r in rows)
            entries[f"tables/{table['model']}.jsonl"] = data
            kept.append({**table, "columns": columns, "rows": len(rows), "sha256": hashlib.sha256(data).hexdigest()})
    assert len(kept) < len(manifest["tables"])
    entries["manifest.json"] = json.dumps({**manifest, "tables": kept}).encode()
    old = type(company)(tmp_path / "old")
    old.run("restore", str(write(tmp_path / "old.zip", entries)))
    assert old.run("check")["ok"] is True


@pytest.mark.slow
def test_an_archive_of_a_newer_version_is_refused(archive: Path, tmp_path: Path, company: Any) -> None:
    entries = entries_of(archive)
    manifest = manifest_of(entries)
    manifest["migrations"]["kernel"].append("9999_from_tomorrow")
    entries["manifest.json"] = json.dumps(manifest).encode()
    said = type(company)(tmp_path / "new").run("restore", str(write(tmp_path / "newer.zip", entries)), code=1)
    assert "newer version" in said["error"]["message"]


WRITER = """
from threadline.kernel import verbs
from threadline.kernel.access import actor_of
from threadline.kernel.members import Member
actor = actor_of(Member.objects.get())
print("ready", flush=True)
while True:
    verbs.create(actor, "feature", {"title": "While it ran"})
"""


@pytest.mark.slow
def test_a_backup_while_people_write_is_one_moment(place: Any, tmp_path: Path) -> None:
    place.run("user", "add", "ana@x.example", "--new-workspace", "North")
    begin = "import os, django; os.environ['DJANGO_SETTINGS_MODULE'] = 'threadline.settings'; django.setup()\n"
    writer = place.start([sys.executable, "-c", begin + WRITER])
    try:
        assert writer.stdout.readline() == "ready\n"
        place.run("backup", str(tmp_path / "live.zip"))
    finally:
        writer.kill()
        writer.communicate()
    entries = entries_of(tmp_path / "live.zip")
    counts = {t["model"]: t["rows"] for t in manifest_of(entries)["tables"]}
    # A feature, its card and its change are one write: the moment holds all three or none.
    assert counts["inbound.feature"] == counts["kernel.card"] == counts["kernel.change"] - 1
    [counter] = [json.loads(line)[-1] for line in entries["tables/kernel.counter.jsonl"].splitlines()]
    assert counter == counts["inbound.feature"]
