"""Requirements out and back: three formats, looked at before anything is written, taken back in one press."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from threadline.formats.reqif import ReqDocument, ReqObject, differs
from threadline.formats.sheets import write_xlsx
from threadline.inbound.requirements import carrying, queries, rules
from threadline.inbound.requirements.carrying import FORMATS, sheet
from threadline.inbound.requirements.carrying.comparing import longest
from threadline.inbound.requirements.models import Criterion, Requirement
from threadline.inbound.requirements.tests.test_tree import add, shape
from threadline.kernel import verbs
from threadline.kernel.actions import through_door
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh

WAYS = sorted(FORMATS)
AWKWARD = "On a phone.\n\n# Not a heading\n- State: none\n> quoted\n```\nfence\n```\n  <!-- in -->\n=1+1"


@pytest.fixture
def pm(world: World, client: Client) -> Client:
    client.force_login(world.user("product_manager"))
    return client


def furnished(world: World) -> Any:
    feature = world.make("feature", title="Baskets")
    whole = add(world, feature, "The shop shall keep baskets.")
    part = add(world, feature, "When the buyer returns, the shop shall show the basket within 2 s.", parent=whole)
    verbs.update(world.pm, "requirement", part, {
        "characteristic": "time_behaviour", "measure": "time to show", "bound": "at_most", "value": 0.1 + 0.2,
        "unit": "s", "percentile": 95, "body": AWKWARD, "rationale": "They told us.",
    })  # fmt: skip
    rules.add_criterion(
        world.pm, requirement=part.key, steps="Scenario: Back\n  Given a basket\n  When I return\n  Then it is there"
    )
    other = add(world, feature, "=HYPERLINK is what the shop shall not run.")
    rules.agree_requirement(world.pm, requirement=other.key)
    verbs.link(world.pm, other, whole, "depends_on")
    return feature


def plainly(world: World, feature: Any) -> list[tuple[Any, ...]]:
    return [
        (b.path, b.requirement.title, b.requirement.body, b.requirement.rationale, b.requirement.measure,
         b.requirement.bound, f"{b.requirement.value or 0:.15g}", b.requirement.percentile,
         b.requirement.characteristic, [(c.title, c.body) for c in b.criteria])
        for b in queries.tree(world.pm, feature)
    ]  # fmt: skip


def send(client: Client, to: str, data: bytes, name: str) -> str:
    answer = client.post(f"/w/north/{to}", {"file": SimpleUploadedFile(name, data)})
    assert answer.status_code == 200, answer.content.decode()
    return answer.content.decode()


def confirm(client: Client, to: str, looked_at: str, **more: str) -> str:
    sent = {n: looked_at.partition(f'name="{n}" value="')[2].partition('"')[0] for n in ("held", "seen")}
    answer = client.post(f"/w/north/{to}", {**sent, **more})
    assert answer.status_code in (200, 422), answer.content.decode()
    return answer.content.decode()


def name_of(way: str) -> str:
    return f"f{FORMATS[way].endings[0]}"


def table(*lines: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    write_xlsx(lines, list(dict.fromkeys(n for line in lines for n in line)), out)
    return out.getvalue()


@pytest.mark.parametrize("way", WAYS)
def test_a_file_comes_back_and_changes_nothing(world: World, pm: Client, way: str) -> None:
    feature = furnished(world)
    assert carrying.give(world.pm, feature, way).differences == ()
    data = pm.get(f"/w/north/{feature.key}/carry?as={way}").content
    before = plainly(world, feature)
    said = send(pm, f"{feature.key}/carry", data, name_of(way))
    assert "It says what is here" in said
    assert "0 new, 0 changed, 0 moved, 4 as they are, 0 here and not in the file." in said
    assert "Nothing in the file is left out." in said
    assert plainly(world, feature) == before


@pytest.mark.parametrize("way", WAYS)
def test_a_file_of_one_feature_makes_the_same_tree_in_another_and_is_known_there(
    world: World, pm: Client, way: str
) -> None:
    feature = furnished(world)
    data = carrying.give(world.pm, feature, way).data
    for title in ("Elsewhere", "And there"):  # the same file into two features: neither is in the way of the other
        other = world.make("feature", title=title)
        looked_at = send(pm, f"{other.key}/carry", data, name_of(way))
        assert "4 new, 0 changed, 0 moved, 0 as they are" in looked_at
        # One of the two was agreed in the first feature; a file cannot agree to it here.
        assert "The state “Agreed” (what is new begins as “Proposed”: states are decided here): left out." in (
            looked_at
        )
        assert queries.tree(world.pm, other) == []
        assert "4 new records, 0 brought up to date" in confirm(pm, f"{other.key}/carry", looked_at)
        assert plainly(world, other) == plainly(world, feature)
        assert Link.objects.filter(kind="depends_on", source_id__in=other.requirements.values("pk")).count() == 1
        assert "0 new, 0 changed, 0 moved, 4 as they are" in send(pm, f"{other.key}/carry", data, name_of(way))
        for out in WAYS:
            assert carrying.give(world.pm, other, out).differences == ()


def test_a_table_edited_elsewhere_is_looked_at_then_brought_in_and_taken_back(world: World, pm: Client) -> None:
    feature = world.make("feature")
    for title in ("One shall stand.", "Two shall stand.", "Three shall stand.", "Four shall stand."):
        add(world, feature, title)
    rules.add_criterion(world.pm, requirement="RQ-2", steps="Given a\nThen b", title="Seen")
    verbs.update(world.pm, "requirement", "RQ-2", {"rationale": "Kept."})
    at, before = f"{feature.key}/carry", plainly(world, feature)
    data = table(
        {"Key": "RQ-3", "Level": 1, "Kind": "Requirement", "Text": "Three shall stand."},
        {"Key": "RQ-1", "Level": 1, "Text": "One shall stand on two feet.", "Value": 2, "Unit": "feet"},
        {"Key": "", "Level": 2, "Text": "New shall stand."},
        {"Key": "RQ-2", "Level": 2, "Text": "Two shall stand."},
        {"Key": "AC-1", "Kind": "Acceptance criterion", "Text": "Seen", "Steps": "Given a\nThen c"},
    )
    looked_at = send(pm, at, data, "edited.xlsx")
    assert "1 new, 2 changed, 2 moved, 0 as they are, 1 here and not in the file." in looked_at
    assert "<ins>on two feet</ins>" in looked_at.replace(" on two feet", "on two feet")
    assert "RQ-4" in looked_at.partition("Here and not in the file")[2]
    assert plainly(world, feature) == before
    said = confirm(pm, at, looked_at)
    assert "1 new record, 2 brought up to date, 2 moved, 0 as they were. 1 other stayed." in said
    assert shape(world, feature) == [
        "1 Three shall stand.", "2 One shall stand on two feet.", "2.1 New shall stand.", "2.2 Two shall stand.",
        "3 Four shall stand.",
    ]  # fmt: skip
    assert fresh(Requirement.objects.get(number=2)).rationale == "Kept."  # the table had no such column
    assert Criterion.objects.get().body == "Given a\nThen c"
    cited = Link.objects.filter(source_id=Requirement.objects.get(number=2).pk, kind="refines")
    assert [link.target_id for link in cited] == [Requirement.objects.get(number=1).pk]
    assert pm.post(f"/w/north/undo/{said.partition('/undo/')[2].partition(chr(34))[0]}").status_code in (200, 303)
    assert plainly(world, feature) == before


def test_what_the_file_lacks_is_dropped_only_when_one_says_so(world: World, pm: Client) -> None:
    feature = furnished(world)
    data = table({"Key": "RQ-1", "Text": "The shop shall keep baskets.", "Depends on": ""},
                 {"Key": "RQ-3", "Text": "=HYPERLINK is what the shop shall not run."})  # fmt: skip
    looked_at = send(pm, f"{feature.key}/carry", data, "f.xlsx")
    assert "2 here and not in the file" in looked_at
    assert "1 “depends on” between what is in the file." in looked_at
    said = confirm(pm, f"{feature.key}/carry", looked_at, missing="drop")
    assert "3 dropped" in said
    states = dict(Requirement.objects.values_list("number", "state"))
    assert states == {1: "proposed", 2: "dropped", 3: "agreed"}
    assert Criterion.objects.get().state == "withdrawn"
    assert not Link.objects.filter(kind="depends_on").exists()
    pm.post(f"/w/north/undo/{said.partition('/undo/')[2].partition(chr(34))[0]}")
    assert dict(Requirement.objects.values_list("number", "state"))[2] == "proposed"
    assert Link.objects.filter(kind="depends_on").exists()


def test_what_changed_between_looking_and_doing_is_looked_at_again(world: World, pm: Client) -> None:
    feature = world.make("feature")
    one = add(world, feature, "One shall stand.")
    looked_at = send(pm, f"{feature.key}/carry", table({"Key": "RQ-1", "Text": "One shall sit."}), "f.xlsx")
    verbs.update(world.owner, "requirement", one, {"title": "One shall fall."})
    said = confirm(pm, f"{feature.key}/carry", looked_at)
    assert "The requirements changed since: look again." in said
    assert fresh(one).title == "One shall fall."
    confirm(pm, f"{feature.key}/carry", said)
    assert fresh(one).title == "One shall sit."


def test_nobody_brings_in_what_was_looked_at_elsewhere_or_by_another(world: World, pm: Client, client: Client) -> None:
    feature, other = world.make("feature"), world.make("feature")
    looked_at = send(pm, f"{feature.key}/carry", table({"Text": "One shall sit."}), "f.xlsx")
    assert "Send the file again." in confirm(pm, f"{other.key}/carry", looked_at)
    assert "Send the file again." in confirm(
        pm, f"{feature.key}/carry", looked_at.replace('held" value="', 'held" value="x')
    )
    client.force_login(world.user("owner"))
    assert "Send the file again." in confirm(client, f"{feature.key}/carry", looked_at)
    client.force_login(world.user("viewer"))
    refused = client.post(f"/w/north/{feature.key}/carry", {"file": SimpleUploadedFile("f.md", b"## The a shall b.")})
    assert refused.status_code == 403
    assert Requirement.objects.count() == 0


def test_a_text_written_by_hand_becomes_a_tree(world: World, pm: Client) -> None:
    feature = world.make("feature")
    text = """# Baskets

## The shop shall keep baskets.
Because people come back.

- Quality: Time behaviour
- Bound: at most
- Value: 2

### When the buyer returns, the shop shall show the basket.

```gherkin
Scenario: Back
  Given a basket
  Then it is there
```

**Criterion** Gone

```
Given no basket
Then nothing is there
```
"""
    looked_at = send(pm, f"{feature.key}/carry", text.encode(), "notes.md")
    assert "4 new, 0 changed" in looked_at
    assert "4 new records" in confirm(pm, f"{feature.key}/carry", looked_at)
    whole, part = queries.tree(world.pm, feature)
    assert (whole.requirement.body, whole.requirement.value) == ("Because people come back.", 2.0)
    assert (whole.requirement.characteristic, whole.requirement.bound) == ("time_behaviour", "at_most")
    assert (part.path, [c.title for c in part.criteria]) == ("1.1", ["Back", "Gone"])
    # Sent once more, it is known by its words: nobody gets everything twice.
    assert "0 new, 0 changed, 0 moved, 4 as they are" in send(pm, f"{feature.key}/carry", text.encode(), "notes.md")


def test_what_a_foreign_file_holds_beyond_us_is_told_and_one_undo_takes_it_back(world: World, pm: Client) -> None:
    document = ReqDocument("Foreign")
    document.objects["o1"] = ReqObject(
        "o1", "Need", {"Statement": "The gate shall close.", "Colour": "red", "Value": "many", "State": "Approved"}
    )
    document.objects["o2"] = ReqObject("o2", "Need", {"Colour": "blue"})
    document.tree = [("o1", 0), ("o2", 1)]
    data = FORMATS["reqif"].write(document, "2026-03-04T05:06:07+00:00")[0]
    feature = world.make("feature")
    at = f"{feature.key}/carry"
    for turn in range(2):  # brought in, taken back, brought in once more
        said = confirm(pm, at, send(pm, at, data, "f.reqif"))
        assert "The attribute Colour: left out, 2 times." in said
        assert "Numbers that are none, such as many: left out." in said
        assert "Objects without a sentence: left out." in said
        assert "The state “Approved” (what is new begins as “Proposed”: states are decided here)" in said
        assert shape(world, feature) == ["1 The gate shall close."], turn
        undo = said.partition("/undo/")[2].partition('"')[0]
        assert pm.post(f"/w/north/undo/{undo}").status_code in (200, 303)
        assert shape(world, feature) == []
    assert Criterion.objects.count() == 0


def test_a_state_that_a_file_changes_is_told_and_not_taken(world: World) -> None:
    feature = furnished(world)
    document = carrying.document_of(world.pm, feature, FORMATS["reqif"])
    for one in document.objects.values():
        one.values["State"] = "Verified" if one.kind == "Requirement" else one.values["State"]
    plan = carrying.compare(world.pm, feature, document, "reqif")
    assert plan.touched == []
    assert sum("The state “Verified”" in loss for loss in plan.losses) == 3
    assert any("RQ-3 stays “Agreed”" in loss for loss in plan.losses)


def test_a_file_that_is_none_is_refused_and_nothing_is_written(world: World, pm: Client) -> None:
    feature = world.make("feature")
    for name, data, said in (
        ("f.reqif", b"<a/>", "This is no ReqIF file."),
        ("f.xlsx", b"PK\x03\x04nothing", "Save"),
        ("f.xlsx", table({"Colour": "red"}), "no column with the text"),
        ("f.md", b"nothing here", "There is no requirement in it"),
        ("f.md", b"\xff\xfe\x00", "no text in UTF-8"),
        ("f.docx", b"x", "Only .xlsx, .md, .reqif can be read."),
    ):
        answer = pm.post(f"/w/north/{feature.key}/carry", {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422, name
        assert said in answer.content.decode()
    assert Requirement.objects.count() == 0


def test_what_holds_of_the_whole_product_is_carried_too(world: World, pm: Client) -> None:
    add(world, world.make("feature"), "Not this.")
    assert (
        pm.post("/w/north/requirements/outline", {"act": "add", "title": "The shop shall answer."}).status_code == 303
    )
    data = pm.get("/w/north/requirements/carry?as=md").content
    assert b"## RQ-2 The shop shall answer." in data
    assert b"Not this" not in data
    looked_at = send(pm, "requirements/carry", data.replace(b"answer.", b"answer at once."), "p.md")
    assert "0 new, 1 changed" in looked_at
    confirm(pm, "requirements/carry", looked_at)
    assert fresh(Requirement.objects.get(number=2)).title == "The shop shall answer at once."


@pytest.mark.weighty
def test_a_long_list_comes_in_between_two_lines_in_its_order(world: World) -> None:
    feature = world.make("feature")
    first, last = add(world, feature, "First shall stand."), add(world, feature, "Last shall stand.")
    middle = [f"Number {n} shall stand." for n in range(70)]
    document = sheet.read(table(
        {"Key": first.key, "Text": first.title}, *({"Key": "", "Text": t} for t in middle),
        {"Key": last.key, "Text": last.title},
    ))  # fmt: skip
    plan = carrying.compare(world.pm, feature, document, "xlsx")
    done = through_door(world.pm, "bring_in_requirements", lambda door: carrying.bring(door, feature, plan))
    assert (done.made, done.moved) == (70, 0)
    assert [b.requirement.title for b in queries.tree(world.pm, feature)] == [first.title, *middle, last.title]


def test_as_few_lines_as_possible_move() -> None:
    assert longest([]) == set()
    assert longest([0, 1, 2]) == {0, 1, 2}
    assert longest([3, 0, 1, 2]) == {1, 2, 3}
    assert longest([0, 2, 1, 3]) in ({0, 1, 3}, {0, 2, 3})
    assert len(longest([2, 1, 0])) == 1


@pytest.mark.parametrize("way", WAYS)
def test_a_document_is_written_and_read_the_same(world: World, way: str) -> None:
    document = carrying.document_of(world.pm, furnished(world), FORMATS[way])
    assert len(document.objects) == 4
    assert differs(document, FORMATS[way].read(FORMATS[way].write(document, "2026-03-04T05:06:07+00:00")[0])) == []
