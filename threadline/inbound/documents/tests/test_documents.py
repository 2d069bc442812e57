"""Documents: begun from a feature, drawn within reach, taken along, suspect when what they are about changes."""

from __future__ import annotations

import io
from typing import Any

import docx
import pytest
from django.test import Client

from threadline.inbound.documents import exporting, queries, rules
from threadline.inbound.documents.models import Document
from threadline.inbound.documents.parts import Live
from threadline.inbound.requirements.rules import add_criterion, agree_requirement
from threadline.kernel import past, rows, thread, undo, verbs, work
from threadline.kernel.access import Actor
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.jobs import Job
from threadline.kernel.links import Link
from threadline.kernel.testing import World, fresh


@pytest.fixture
def feature(world: World) -> Any:
    """A feature with a voice, a requirement with a criterion, a decision and days."""
    made = world.make("feature", title="Rejoin", state="planned", starts_on="2026-03-04", due_on="2026-05-06", reach=10)
    note = world.make("feedback", title="Thrown out", body="I was thrown out of my crew.")
    verbs.link(world.pm, made, note, "evidence", quote="thrown out of my crew")
    one = world.make("requirement", title="When a player returns, the app shall rejoin the crew.", feature=made.key)
    agree_requirement(world.pm, requirement=one.pk)
    add_criterion(world.pm, requirement=one.pk, steps="Scenario: Back\n  Given a\n  When b\n  Then c")
    decision = world.make("decision", title="Do we keep the seat?")
    verbs.link(world.pm, made, decision, "decision")
    return fresh(made)


def written(world: World, feature: Any, form: str = "prd", actor: Actor | None = None) -> Any:
    """A new document about a feature, and what follows of it."""
    made = verbs.create(actor or world.pm, "document", {"form": form, "feature": feature.key, "owner": "me"})
    hear()
    return fresh(made)


def hear() -> None:
    """Let the listeners of documents have what waits for them, as the worker does."""
    progress: Any = work.Progress.__new__(work.Progress)
    waiting = [j for j in Job.objects.filter(name="kernel.listener").order_by("pk") if ".documents." in j.args["path"]]
    for job in waiting:
        progress.workspace_id = job.workspace_id
        work.tell_listener(progress, **job.args)
        job.delete()


def test_a_prd_begins_with_what_the_records_know(world: World, feature: Any) -> None:
    made = written(world, feature)
    assert (made.form, made.feature_id, made.state, made.owner_id) == ("prd", feature.pk, "draft", world.pm.member_id)
    assert Link.objects.filter(source_id=made.pk, target_id=feature.pk, kind="about").exists()
    text = exporting.as_markdown(world.pm, made)
    for said in (
        "# Rejoin: requirements", "thrown out of my crew", "When a player returns", "Back", "Do we keep the seat?",
        "Likely by 6 May 2026", "## Open questions",
    ):  # fmt: skip
        assert said in text, said
    assert "{{" not in text


def test_a_press_release_asks_its_questions(world: World, feature: Any) -> None:
    made = written(world, feature, "prfaq")
    assert made.form == "prfaq"
    assert "Questions that customers will ask" in made.body


def test_headings_stand_below_the_title_of_a_file() -> None:
    text = "# Aim\n\n```\n# a remark\n```\n## Part\n#hash"
    assert exporting.lowered(text) == "## Aim\n\n```\n# a remark\n```\n### Part\n#hash\n"


def test_live_parts_follow_the_records(world: World, feature: Any) -> None:
    made = written(world, feature)
    world.make("requirement", title="The app shall keep the seat for 60 s.", feature=feature.key)
    assert "keep the seat for 60 s" in exporting.whole(world.pm, made)


def test_it_is_suspect_when_what_it_is_about_changes(world: World, feature: Any) -> None:
    made = written(world, feature)
    verbs.update(world.pm, "feature", feature.pk, {"title": "Rejoin at once"})
    link = Link.objects.get(source_id=made.pk, target_id=feature.pk, kind="about")
    assert Card.objects.get(pk=feature.pk).revision > link.seen_revision


def test_nobody_reads_through_it_what_they_may_not_see(world: World, feature: Any) -> None:
    hidden = world.make("feature", world.owner, title="Aardvark", confidentiality=2)
    note = world.make("feedback", world.owner, title="Bandicoot", body="Bandicoot words", confidentiality=2)
    verbs.link(world.owner, feature, note, "evidence", quote="Bandicoot words")
    for name in ("evidence", "numbers", "requirements", "decisions", "release"):
        told = queries.drawn(world.viewer, Live(name, hidden.key))
        nobody = queries.drawn(world.viewer, Live(name, "F-999"))
        assert (told.lines, told.missing.replace(hidden.key, "")) == ([], nobody.missing.replace("F-999", ""))
    said = [(n.text, n.quote) for n in queries.drawn(world.viewer, Live("evidence", feature.key)).lines]
    assert said == [("Thrown out", "thrown out of my crew")]
    assert len(queries.drawn(world.owner, Live("evidence", feature.key)).lines) == 2


def test_a_document_is_kept_from_whoever_may_not_see_its_feature(world: World) -> None:
    hidden = world.make("feature", world.owner, title="Kept", confidentiality=2)
    made = written(world, hidden, actor=world.owner)
    assert made.confidentiality == 2
    with pytest.raises(NotFound):
        rules.review_document(world.pm, document=made.pk)


def test_it_follows_when_its_feature_is_kept_for_few(world: World, feature: Any) -> None:
    made = written(world, feature)
    assert made.confidentiality == 0
    verbs.name_readers(world.pm, feature.pk, [world.owner.member_id])
    hear()
    with pytest.raises(NotFound):
        rules.review_document(world.admin, document=made.pk)
    assert rules.review_document(world.owner, document=made.pk).state == "review"


def test_moved_to_another_feature_it_leaves_the_old_one_and_keeps_what_was_cited_by_hand(
    world: World, feature: Any
) -> None:
    made, other, third = written(world, feature), world.make("feature"), world.make("feature")
    verbs.link(world.pm, made, third, "about")

    def about() -> set[str]:
        cited = Link.objects.filter(source_id=made.pk, kind="about").values_list("target_id", flat=True)
        return set(Card.objects.filter(pk__in=cited).values_list("key", flat=True))

    assert about() == {feature.key, third.key}
    batch = rows.new_id()
    verbs.update(world.pm, "document", made.pk, {"feature": other.pk}, batch=batch)
    hear()
    assert about() == {other.key, third.key}
    verbs.update(world.pm, "feature", feature, {"title": "Rejoin at once"})
    assert made.key not in {s.source_key for s in thread.suspects(world.pm)}
    verbs.update(world.pm, "document", made.pk, {"feature": None})
    hear()
    assert about() == {third.key}


def test_moved_to_another_feature_its_live_parts_are_of_that_one(world: World, feature: Any) -> None:
    other = world.make("feature", title="Elsewhere")
    code = f"```\n{{{{requirements {feature.key}}}}}\n```"
    made = world.make("document", title="Both", feature=feature.pk, body=(
        f"Of {feature.key}:\n\n{{{{requirements {feature.key}}}}}\n\n{{{{numbers F-99}}}}\n\n{code}"
    ))  # fmt: skip
    world.make("requirement", title="The app shall wait.", feature=other.key)
    rules.agree_document(world.pm, document=made.pk)
    verbs.update(world.pm, "document", made.pk, {"feature": other.pk})
    assert fresh(made).body == (
        f"Of {feature.key}:\n\n{{{{requirements {other.key}}}}}\n\n{{{{numbers F-99}}}}\n\n{code}"
    )
    assert fresh(made).state == "draft"
    assert "The app shall wait." in exporting.whole(world.pm, fresh(made))
    undo.undo(world.pm, past.history(world.pm, fresh(made))[0].batch)
    assert f"{{{{requirements {feature.key}}}}}\n\n{{{{numbers" in fresh(made).body


def test_what_holds_of_the_whole_product_is_a_live_part_too(world: World, client: Client) -> None:
    desk, game = world.product("Desk"), world.product("Game")
    for product, title in ((desk, "The desk shall answer within 2 s."), (game, "The game shall start within 4 s.")):
        world.make("requirement", title=title, product=product.pk)
    made = world.make("document", title="Law", body="{{requirements}}", product=desk.pk)
    said = exporting.whole(world.pm, made)
    assert "Requirements of the whole product" in said
    assert "The desk shall" in said
    assert "The game shall" not in said
    every = world.make("document", title="Law", body="{{requirements}}")
    assert "The game shall" in exporting.whole(world.pm, every)
    client.force_login(world.user("product_manager"), "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/w/north/{made.key}").content.decode()
    assert "The desk shall" in page
    assert "The game shall" not in page


def test_nothing_is_agreed_to_unread(world: World) -> None:
    empty = world.make("document", title="Empty", body="")
    with pytest.raises(Invalid, match="nothing to agree"):
        rules.agree_document(world.pm, document=empty.pk)
    full = world.make("document", title="Full", body="Words")
    rules.review_document(world.pm, document=full.pk)
    assert rules.agree_document(world.pm, document=full.pk).state == "agreed"
    assert rules.reopen_document(world.pm, document=full.pk, reason="A customer said otherwise").state == "draft"
    assert rules.retire_document(world.pm, document=full.pk, reason="Built").state == "retired"


def test_what_was_agreed_to_and_then_reworded_is_a_draft_again(world: World) -> None:
    made = world.make("document", title="Full", body="Words")
    rules.agree_document(world.pm, document=made.pk)
    verbs.update(world.pm, "document", made.pk, {"owner": None})
    assert fresh(made).state == "agreed"
    verbs.update(world.pm, "document", made.pk, {"body": "Other words"})
    assert fresh(made).state == "draft"


def test_word_holds_headings_lists_tables_and_emphasis(world: World) -> None:
    body = "# Aim\n\nBe **quick** and `safe`.\n\n- one\n  - two\n\n1. first\n\n> said\n\n"
    body += "| a | b |\n|---|---|\n| 1 | 2 |\n"
    made = world.make("document", title="Plan", body=body)
    found = docx.Document(io.BytesIO(exporting.as_docx(world.pm, made)))
    styles = {p.text: p.style.name for p in found.paragraphs}
    assert styles["Aim"] == "Heading 1"
    assert (styles["one"], styles["two"], styles["first"], styles["said"]) == (
        "List Bullet", "List Bullet 2", "List Number", "Quote",
    )  # fmt: skip
    quick = next(run for p in found.paragraphs for run in p.runs if run.text == "quick")
    assert quick.bold
    assert [[cell.text for cell in row.cells] for row in found.tables[0].rows] == [["a", "b"], ["1", "2"]]


def test_its_page_draws_the_parts_and_its_feature_leads_to_it(world: World, feature: Any, client: Client) -> None:
    made = written(world, feature)
    client.force_login(world.user("product_manager"), "allauth.account.auth_backends.AuthenticationBackend")
    page = client.get(f"/w/north/{made.key}").content.decode()
    assert "thrown out of my crew" in page
    assert "{{" not in page.partition('aria-labelledby="text"')[2].partition("</section")[0]
    assert made.key in client.get(f"/w/north/{feature.key}").content.decode()
    word = client.get(f"/w/north/{made.key}/taken?as=docx")
    assert word.headers["Content-Disposition"] == f'attachment; filename="{made.key}.docx"'
    assert client.get(f"/w/north/{made.key}/taken?as=pdf").content.startswith(b"%PDF-")
    assert client.get(f"/w/north/{made.key}/taken?as=md").content.decode().startswith("# Rejoin: requirements")
    assert Document.objects.count() == 1
