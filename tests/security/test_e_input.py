"""E: input that is odd, huge or hostile, in every form, address and operation: refused in words, never our failure.

The parsers themselves (E6 files, E7 JSON, E9 texts) are attacked where they live; ROWS.md says where.
"""

from __future__ import annotations

import csv
import io
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.security.attack import send
from tests.security.operations import Acquainted, Operation, operations, whole, with_key
from tests.security.routes import route_of
from tests.security.scene import Scene
from tests.security.site import Site
from threadline.exchange import exporting
from threadline.formats.sheets import open_sheet
from threadline.house import furnishing as house
from threadline.house import membership
from threadline.kernel import search, text, verbs
from threadline.kernel.errors import KernelError
from threadline.kernel.listing import list_page
from threadline.kernel.registry import RecordType, kinds

OPERATIONS = operations()
JSON = "application/json"
URLENCODED = "application/x-www-form-urlencoded"
READING = [o for o in OPERATIONS if o.method == "GET"]
WITH_BODY = [o for o in OPERATIONS if o.body is not None]

SQL = (
    "' OR 1=1 --", "'; DROP TABLE kernel_card; --", '" OR ""="', "1) UNION SELECT password FROM kernel_user --", "\\",
    "%", "_", "%%%%", "NEAR(a b)", '"', '""', "*", "a*", "title:x", "{title}:x", "scope : w", "-a", "^a", "a AND",
    "NOT", "(", ")", "a:*", "a & | !b", "<->", "json_extract(custom,'$')", "$.x", "'", "''", ";", "--", "/*", "a\x00b",
    "\ud800",
)  # fmt: skip
ODD = (
    "", " ", "\x00", "a\x00b", "\ufeff", "\u202eabc", "x" * 100_001, "-1", "1e999", "NaN", "9" * 5_000, "[]", "{}",
    "null", "../../etc/passwd", "{{7*7}}", "%s%n%d", "${7*7}", "٣", "\x1b[31m", "a\r\nb: c", *SQL[:8],
)  # fmt: skip
FILES = {
    "a.csv": b"", "b.xlsx": b"PK\x03\x04", "c.json": b"[" * 100_000, "d.png": b"<svg onload=alert(1)>",
    "e": b"\x00" * 99, "f.csv": b'a,b\n"never closed',
    "g.xlsx": b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY e 'x'>]><x>&e;</x>",
}  # fmt: skip
BODIES = (
    b"", b"[]", b"null", b'"x"', b"{", b'{"a":NaN}', b'{"a":1,"a":2}', b'{"a":' + b"[" * 5_000 + b"]" * 5_000 + b"}",
    b'{"a":' + b"9" * 5_000 + b"}", b'{"a":"\\ud800"}', b'{"a":"\\u0000"}', b'{"a":"\xff"}', b"\xef\xbb\xbf{}",
)  # fmt: skip


def spelled(raw: str) -> str:
    """Any text for an address, half surrogate pairs as the bytes a careless client makes of them."""
    return quote(raw.encode("utf-8", "surrogatepass"), safe="")


# ---- addresses --------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("one", READING, ids=str)
def test_odd_values_in_the_query_are_words_or_refused(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """E10, E7, F8: each parameter of each operation that reads, with SQL, full-text syntax and nonsense."""
    where = acquainted.where(one)
    assert where is not None
    owner, names = with_key(scene.keys["owner"]), [p["name"] for p in one.words["parameters"] if p["in"] == "query"]
    join = "&" if "?" in one.at(**where) else "?"
    for name in names:
        for raw in (*SQL, *ODD) if name in ("q", "sort", "cursor", "fields") else ODD[::3]:
            told = owner.send("GET", f"{one.at(**where)}{join}{name}={spelled(raw[:20_000])}")
            assert told.status in (200, 304, 400, 403, 404, 409, 422), (name, raw[:40], str(told))
            assert not told.moved


def test_odd_addresses_of_pages_are_answered(scene: Scene, site: Site) -> None:
    """E10, E7: what pages ask in their own links, asked with SQL and nonsense; one page of each route."""
    pages: dict[Any, tuple[str, str, set[str]]] = {}
    for page in site.pages:
        path, _, query = page.address.partition("?")
        found = route_of(path)
        assert found is not None
        names = {part.partition("=")[0] for part in query.split("&") if part}
        pages.setdefault(found[0], (page.role, path, {"q", "cursor", "as_of"}))[2].update(names)
    values, tried = (*SQL, *(raw[:4_000] for raw in ODD)), 0
    for role, path, names in pages.values():
        for number, name in enumerate(sorted(names)):
            for raw in ("\x00", "\ud800", *values[(7 * tried + number) % 9 :: 9]):
                tried += 1
                told = send(scene.browser(role), "GET", f"{path}?{name}={spelled(raw)}")
                assert told.status in (200, 302, 303, 400, 404, 405, 409, 422), (path, name, raw[:40], str(told))
                assert not told.moved or path.startswith("/accounts/"), (path, name)
    assert tried > 500


@pytest.mark.parametrize(
    "path",
    ["/w/north/F-99999999999999999999", "/w/north/F-0", "/w/north/%00", "/w/%F0%9F/", "/w/north/features/%ED%A0%80",
     "/w/north/files/00000000-0000-0000-0000-000000000000", "/api/v1/features/%00", "/api/v1/features/F-1%2e%2e%2f",
     "/api/v1/features/F-999999999999999999999999999999", "/api/v1/%ED%A0%80", "/api/v1/features/" + "x" * 4_000,
     "/w/" + "a" * 4_000 + "/", "/w/north/../south/", "//w/north/", "/w/north//F-1", "/api/v1//features"],
)  # fmt: skip
def test_odd_paths_lead_nowhere(scene: Scene, path: str) -> None:
    """E7, E10: numbers too large, half characters, NUL, climbing paths."""
    told = send(scene.browser("owner"), "GET", path)
    assert told.status in (400, 404), str(told)
    assert not told.moved


# ---- forms and bodies -------------------------------------------------------------------


def test_odd_values_in_any_form_are_taken_as_text_or_refused(scene: Scene, site: Site) -> None:
    """E7, E9, E11: each control of each form with NUL, half characters, 100,000 letters, formulas, templates."""
    tried, seen = 0, set()
    for number, (role, form) in enumerate(site.forms):
        if form.method != "post":
            continue
        for place, control in enumerate(form.controls):
            if control.name == "csrfmiddlewaretoken" or (form.action.rpartition("/")[2], control.name) in seen:
                continue
            seen.add((form.action.rpartition("/")[2], control.name))
            for raw in (ODD[(number + place) % len(ODD)], ("a\x00b", "x" * 100_001, "\ud800")[tried % 3]):
                data = {**form.sent(), control.name: [raw]}
                body = urlencode(data, doseq=True, errors="surrogatepass")
                told = send(scene.browser(role), "POST", form.action, body, content_type=URLENCODED)
                tried += 1
                assert told.status < 500, (form.action, control.name, raw[:40], str(told))
                assert "\ud800" not in told.body
    assert tried > 150


def test_odd_files_in_any_form_are_refused_in_words(scene: Scene, site: Site) -> None:
    """E1, E6: whatever takes a file, given empty, broken, renamed and hostile ones."""
    tried = 0
    for role, form in site.forms:
        for control in form.files:
            for name, content in FILES.items():
                data = {**form.sent(), control: SimpleUploadedFile(name, content)}
                told = send(scene.browser(role), "POST", form.action, data)
                tried += 1
                assert told.status < 500, (form.action, name, str(told))
    assert tried > 10


@pytest.mark.slow
@pytest.mark.parametrize("one", WITH_BODY, ids=str)
def test_odd_bodies_are_refused(scene: Scene, acquainted: Acquainted, one: Operation) -> None:
    """E7: JSON that is none, and each member of each body with a value of another kind."""
    where, owner = acquainted.where(one), acquainted.owner
    assert where is not None
    needs = bool((one.body or {}).get("required"))
    for body in BODIES:
        told = send(
            owner.client, one.method, one.at(**where), body, content_type="application/json", headers=owner.headers
        )
        allowed = (400, 404, 409, 415, 422) if needs or body else (200, 201, 204, 400, 404, 409, 415, 422)
        assert told.status in allowed, (body[:30], str(told))
    base = acquainted.something(one)
    for name, schema in (one.body or {})["properties"].items():
        for value in ([], {}, [[]], True, -1, 10**20, 1e300, "\x01", "x" * 100_001, {"id": {}}, [None], *SQL[:4]):
            if _fits(schema, value):
                continue
            told = owner.send(one.method, one.at(**where), {**base, name: value})
            assert told.status in (400, 404, 409, 422), (name, repr(value)[:40], str(told))
            assert not told.moved


def _fits(schema: dict[str, Any], value: Any) -> bool:
    schema = whole((schema.get("anyOf") or [schema])[0])
    kinds_said = str(schema.get("type", "string" if "enum" not in schema else ""))
    if isinstance(value, bool):
        return "boolean" in kinds_said
    if isinstance(value, str):
        return "string" in kinds_said or "array" in kinds_said
    if isinstance(value, int | float):
        return "number" in kinds_said or "integer" in kinds_said or "string" in kinds_said
    if isinstance(value, list):
        return "array" in kinds_said
    return "object" in kinds_said


# ---- tables (E5) ------------------------------------------------------------------------

FORMULAS = (
    "=1+1",
    "+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "=cmd|'/C calc'!A0",
    "＝1+1",
    "'=1",
    "=1",
    "-",
    '"=1',
    "a\n=1",
)


@pytest.mark.parametrize("declared", list(kinds()), ids=lambda t: t.kind)
@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_formula_leaves_as_text_and_comes_back_as_it_was(
    scene: Scene, declared: RecordType, form: str, tmp_path: Any
) -> None:
    """E5: titles that begin like formulas, exported by every type, and read again."""
    made = {scene.world.make(declared.kind, title=title).key: title for title in FORMULAS if title.strip()}
    kept = {row["key"]: row["title"] for row in list_page(scene.world.pm, declared, names=["title"], limit=200).rows}
    columns, found = exporting.exported_rows(scene.world.pm, declared, "", ["title"])
    file = tmp_path / f"out.{form}"
    with file.open("wb") as out:
        exporting.write_table(columns, found, out, form)
    raw = file.read_bytes()
    if form == "csv":
        cells = [cell for line in csv.reader(io.StringIO(raw.decode("utf-8-sig"))) for cell in line]
        assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r＝")] == []
    else:
        assert b"<f>" not in raw
    back = {row["key"]: row["title"] for _, row in open_sheet(file).rows()}  # type: ignore[misc]
    assert {key: back[key] for key in made} == {key: kept[key] for key in made}


# ---- time (E9) --------------------------------------------------------------------------


@contextmanager
def seconds_of_work(limit: float) -> Iterator[None]:
    """Stops work that takes more of the processor's time than any honest input could; the clock on the wall may run."""

    def stop(*_: Any) -> None:
        raise AssertionError(f"more than {limit} s of work")

    before = signal.signal(signal.SIGVTALRM, stop)
    signal.setitimer(signal.ITIMER_VIRTUAL, limit)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)


HUGE = (
    "a" * 100_000, "a " * 50_000, '"' * 100_000, "(" * 100_000, "[[" * 50_000, "@a" * 50_000, "*" * 100_000,
    "-" * 100_000, "a:" * 50_000, "%" * 100_000, "\n" * 100_000, "<" * 100_000, "`" * 100_000, "![](" * 25_000,
    "a@a." * 25_000, "://" * 33_000, "&#" * 50_000, " " * 100_000 + "x", "\u0301" * 100_000, "é" * 100_000,
)  # fmt: skip


@pytest.mark.parametrize("huge", HUGE, ids=lambda t: repr(t[:6]))
def test_a_hundred_thousand_letters_take_no_time_worth_naming(scene: Scene, huge: str) -> None:
    """E9: search, query language, mentions, citations, Markdown, tags, names, short names, addresses."""
    world, kind = scene.world, next(iter(kinds()))
    tries: list[Callable[[], Any]] = [
        lambda: search.find(world.pm, huge),
        lambda: list_page(world.pm, kind, huge),
        lambda: list_page(world.pm, kind, f'title:"{huge}"'),
        lambda: text.render(huge, resolve_key=lambda key: None, resolve_mention=lambda handle: None),
        lambda: text.plain(huge),
        lambda: text.citations(huge),
        lambda: text.mentions(huge),
        lambda: text.excerpt(huge, 200),
        lambda: verbs.tag(world.pm, scene.north.bare[kind.kind].pk, [huge]),
        lambda: verbs.comment(world.pm, scene.north.bare[kind.kind].pk, huge[:20_000]),
        lambda: world.make(kind.kind, title=huge),
        lambda: membership.clean_slug(huge),
        lambda: membership.clean_name(huge),
        lambda: membership.invite(world.owner, huge, "viewer"),
        lambda: house.add_field(world.owner, kind.kind, {"label": huge, "type": "text"}),
        lambda: house.add_field(world.owner, kind.kind, {"label": "c", "type": "choice", "choices": huge}),
    ]
    for attempt in tries:
        with seconds_of_work(2):
            try:
                attempt()
            except KernelError:
                continue


def test_work_without_end_is_noticed() -> None:
    """The guard above stops what deserves it."""
    with pytest.raises(AssertionError), seconds_of_work(0.05):
        re.fullmatch("(a+)+b", "a" * 60)
