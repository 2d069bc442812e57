"""The affinity board of a study: words laid beside words that mean the same, until a cluster is an insight."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase

from threadline.faces.web import keymap
from threadline.faces.web.screens import record_screen
from threadline.faces.web.visit import Visit
from threadline.inbound.research import highlighting, queries
from threadline.inbound.research.models import Highlight, Interview, Participant, Study
from threadline.inbound.research.screens.reader import PART
from threadline.kernel.access import reach
from threadline.kernel.actions import through_door
from threadline.kernel.cards import Card
from threadline.kernel.errors import Invalid, NotFound
from threadline.kernel.registry import type_of

keymap.scope("affinity", "On an affinity board")
keymap.add("affinity", "affinity.left", "ArrowLeft", "Into the cluster before")
keymap.add("affinity", "affinity.right", "ArrowRight", "Into the next cluster")
keymap.add("affinity", "affinity.up", ("k", "ArrowUp"), "Card before")
keymap.add("affinity", "affinity.down", ("j", "ArrowDown"), "Next card")
keymap.add("affinity", "affinity.new", "n", "Into a new cluster")
MOST = 600  # highlights on one board


@record_screen("study", "board", posts=True)
def board(visit: Visit, card: Card) -> HttpResponseBase:
    """Columns of highlights; the first holds what is not sorted yet."""
    study = reach(visit.actor, Study).filter(pk=card.pk).first()
    if study is None:
        raise NotFound
    if visit.posting:
        return _act(visit, study)
    highlights = _highlights(visit, study)
    columns: dict[str, list[dict[str, Any]]] = {"": []}
    for one in highlights:
        columns.setdefault(one["cluster"], []).append(one)
    names = [name for name in columns if name]
    may = visit.actor.may("update", type_of(study).group)
    return visit.draw(
        "study/board.html",
        f"Affinity board of {study.key}",
        study={"key": study.key, "title": study.title, "href": visit.record(study.key)},
        address=visit.record(study.key, "board"),
        columns=[_column(name, columns[name]) for name in ("", *names)],
        clusters=names,
        may=may,
        full=len(highlights) >= MOST,
        crumbs=[{"label": study.title, "href": visit.record(study.key)}],
    )


def _column(name: str, cards: list[dict[str, Any]]) -> dict[str, Any]:
    people = {c["who"] for c in cards}
    return {"name": name, "label": name or "Not sorted yet", "cards": cards, "people": len(people)}


def _highlights(visit: Visit, study: Study) -> list[dict[str, Any]]:
    talks = {i.pk: i for i in reach(visit.actor, Interview).filter(study_id=study.pk, archived_at=None)}
    people = {
        p.pk: p for p in reach(visit.actor, Participant).filter(pk__in=[t.participant_id for t in talks.values()])
    }
    here = reach(visit.actor, Highlight).filter(interview_id__in=talks, archived_at=None)
    found = list(here.order_by("cluster", "interview__at", "turn")[:MOST])
    codes = queries.codes_of(visit.actor, [h.pk for h in found])
    shown = []
    for one in found:
        talk = talks[one.interview_id]
        person = people.get(talk.participant_id) if talk.participant_id else None
        shown.append({
            "key": one.key, "id": str(one.pk), "quote": one.quote, "cluster": one.cluster,
            "who": person.title if person else talk.title,
            "href": visit.record(talk.key, "read") + (f"#t-{one.turn + 1}" if one.turn is not None else ""),
            "codes": [{"name": c.title, "tone": c.colour} for c in codes.get(one.pk, [])],
        })  # fmt: skip
    return shown


def _act(visit: Visit, study: Study) -> HttpResponseBase:
    what, here = visit.sent.get("act", ""), visit.record(study.key, "board")
    visit.back = here
    batch = visit.new_batch()
    cluster = " ".join(visit.sent.get("cluster", "").split())
    if what == "move":
        name = " ".join(visit.sent.get("new", "").split()) or cluster
        given = {"highlight": visit.sent.get("highlight", ""), "batch": batch}
        if name:
            made = highlighting.cluster_highlight(visit.actor, cluster=name, **given)
        else:
            made = highlighting.uncluster_highlight(visit.actor, **given)
        if PART in visit.request.headers:
            return HttpResponse(status=204)
        return visit.done(f"{made.key} lies in {name or 'no cluster'}.", here, batch=batch)
    if what == "insight":
        return _insight(visit, study, cluster, batch)
    raise NotFound


def _insight(visit: Visit, study: Study, cluster: str, batch: Any) -> HttpResponseBase:
    ids = [h["id"] for h in _highlights(visit, study) if h["cluster"] == cluster] if cluster else []
    if not ids:
        raise Invalid(("cluster", "There is nothing in this cluster."))
    title = visit.sent.get("title", "").strip() or cluster
    values = {"study": study.pk, "product": study.product_id, "confidentiality": study.confidentiality}
    made = through_door(
        visit.actor, "make_insight", lambda door: highlighting.make_insight(door, title, ids, values), batch=batch
    )
    return visit.done(f"{made.key} rests on {len(ids)} highlights.", visit.record(made.key), batch=batch)
