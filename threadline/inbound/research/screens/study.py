"""The page of a study: its questions and what answers them already, whom it needs, how full the picture is."""

from __future__ import annotations

from collections import Counter
from typing import Any

from django.http.response import HttpResponseBase

from threadline.faces.web import wording
from threadline.faces.web.screens import adds_to, screen
from threadline.faces.web.visit import Visit
from threadline.inbound.research import answered, coding, guide, saturation
from threadline.inbound.research.models import Interview, Participant, Study
from threadline.kernel import rows
from threadline.kernel.access import reach
from threadline.kernel.members import Member
from threadline.kernel.registry import type_of
from threadline.kernel.similar import Likeness

WIDTH, HEIGHT = 560, 180  # of the curve's drawing


@adds_to("study", "detail")
def whole_study(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Guide, quota, interviews, saturation, codes, agreement and what is known already."""
    study = reach(visit.actor, Study).filter(pk=row["id"]).first()
    if study is None:
        return
    may = visit.actor.may("create", type_of(study).group) and study.archived_at is None
    everyone = list(reach(visit.actor, Interview).filter(study_id=study.pk, archived_at=None).order_by("at", "number"))
    people = {p.pk: p for p in reach(visit.actor, Participant).filter(pk__in=[i.participant_id for i in everyone])}
    context["stops"] = None  # a study is beside the thread, not on it
    for node in (context["why"] or {}).get("nodes", ()):
        node["nodes"] = []  # what the feature rests on in turn is the feature's to say
    context["questions"] = guide.lines(study.questions)
    context["guide"] = {"lines": guide.lines(study.guide), "version": study.guide_version}
    context["quota"] = _quota(study, everyone, people)
    context["interviews"] = [_interview(visit, i, people) for i in everyone]
    context["answered"] = (
        [_answered(visit, one) for one in answered.already_answered(visit.actor, study)]
        if study.state in ("draft", "running")
        else []
    )
    coded = coding.coded_in(visit.actor, study)
    context["curve"] = _curve(coding.sessions(visit.actor, study), coded)
    context["codes"] = _codes(coded)
    context["agreement"] = _agreement(coding.agreement_in(visit.actor, study))
    context["may"] = may
    context["add_interview"] = visit.at("interviews", f"new?study={study.key}")
    context["add_transcripts"] = visit.record(study.key, "transcripts")
    context["board"] = visit.record(study.key, "board")
    context["give"] = {"label": "Take it along", "href": visit.record(study.key, "give")}
    context["rail"] = [p for p in context["rail"] if p["label"] not in ("Guide", "Guide version", "Quota")]
    context["body"] = None
    context["tools"] = [{"label": "Take it along", "href": visit.record(study.key, "give")}, *context["tools"]]
    if everyone:
        context["page_actions"] = [
            {"label": "Affinity board", "href": visit.record(study.key, "board")}, *context["page_actions"]
        ]  # fmt: skip


def _quota(study: Study, everyone: list[Interview], people: dict[Any, Participant]) -> list[dict[str, Any]]:
    done: Counter[str] = Counter()
    planned: Counter[str] = Counter()
    seen: set[Any] = set()
    for one in everyone:
        person = people.get(one.participant_id)
        if person is None or one.state == "cancelled" or person.pk in seen:
            continue
        seen.add(person.pk)
        (planned if one.state == "planned" else done)[person.segment.strip().lower()] += 1
    wanted = guide.quota(study.quota)
    lines = [
        {
            "segment": one.segment,
            "wanted": one.count,
            "done": done[one.segment.lower()],
            "planned": planned[one.segment.lower()],
            "left": max(0, one.count - done[one.segment.lower()] - planned[one.segment.lower()]),
        }
        for one in wanted
    ]
    known = {one.segment.lower() for one in wanted}
    others = sum(n for s, n in (done + planned).items() if s not in known)
    if wanted and others:
        lines.append({"segment": "Others", "wanted": 0, "done": others, "planned": 0, "left": 0})
    return lines


def _interview(visit: Visit, one: Interview, people: dict[Any, Participant]) -> dict[str, Any]:
    person, state = people.get(one.participant_id), type_of(one).state_by_name[one.state]
    return {
        "key": one.key,
        "title": one.title,
        "href": visit.record(one.key, "read") if one.turns else visit.record(one.key),
        "state": {"label": state.label, "tone": state.tone},
        "who": {"text": person.title, "href": visit.record(person.key)} if person else None,
        "segment": person.segment if person else "",
        "at": wording.when(one.at) if one.at else None,
        "minutes": one.minutes,
    }


def _answered(visit: Visit, one: answered.Answered) -> dict[str, Any]:
    def link(found: Likeness) -> dict[str, Any]:
        state = type_of(found.kind).state_by_name.get(found.state)
        return {
            "key": found.key,
            "title": found.title,
            "href": visit.record(found.key),
            "state": {"label": state.label, "tone": state.tone} if state else None,
            "because": f"shares {', '.join(found.words[:4])}" if found.words else "",
        }

    return {"question": one.question, "found": [link(f) for f in (*one.insights, *one.studies)]}


def _curve(sessions: list[Interview], coded: list[coding.Coded]) -> dict[str, Any] | None:
    by: dict[Any, set[Any]] = {}
    for one in coded:
        by.setdefault(one.interview, set()).add(one.code)
    held = [s for s in sessions if s.pk in by]
    if len(held) < 2:
        return None
    points = saturation.curve([by[s.pk] for s in held])
    most = max(p.total for p in points)
    step, low = (WIDTH - 50) / len(points), HEIGHT - 24
    bars, line = [], []
    for number, (session, point) in enumerate(zip(held, points, strict=True)):
        x = 34 + step * number
        tall = (low - 12) * point.new / most
        wide = min(step * 0.6, 40)
        left, middle = round(x + step * 0.2, 1), round(x + step * 0.2 + wide / 2, 1)
        bar = {"x": left, "y": round(low - tall, 1), "w": round(wide, 1), "h": round(tall, 1)}
        bars.append(bar | {"label": session.key, "mid": middle})
        line.append(f"{middle},{round(low - (low - 12) * point.total / most, 1)}")
    at = saturation.reached(points)
    said = (
        f"Saturated after {at} interviews: the last {saturation.RUN} brought no more than "
        f"{saturation.THRESHOLD:.0%} of the codes of the first {saturation.BASE}."
        if at
        else f"Not saturated yet: it takes a base of {saturation.BASE} and runs of {saturation.RUN} that bring at most "
        f"{saturation.THRESHOLD:.0%} new codes."
    )
    table = [
        {"label": s.key, "href_text": s.title, "new": p.new, "total": p.total,
         "ratio": "" if p.ratio is None else f"{p.ratio:.1%}", "saturated": p.saturated()}
        for s, p in zip(held, points, strict=True)
    ]  # fmt: skip
    grid = [{"y": round(low - (low - 12) * share, 1), "text": round(most * share)} for share in (0, 0.5, 1)]
    return {"bars": bars, "line": " ".join(line), "table": table, "says": said, "width": WIDTH, "height": HEIGHT,
            "low": low, "grid": grid, "names": len(bars) <= 14}  # fmt: skip


def _codes(coded: list[coding.Coded]) -> list[dict[str, Any]]:
    times = Counter(c.code for c in coded)
    talks: dict[Any, set[Any]] = {}
    shown: dict[Any, tuple[str, str]] = {}
    for one in coded:
        talks.setdefault(one.code, set()).add(one.interview)
        shown[one.code] = (one.name, one.tone)
    most = max(times.values(), default=1)
    return [
        {"name": shown[c][0], "tone": shown[c][1], "times": n, "talks": len(talks[c]), "share": n / most}
        for c, n in times.most_common(20)
    ]  # fmt: skip


def _agreement(found: coding.Agreement | None) -> dict[str, Any] | None:
    if found is None:
        return None

    def text(value: float | None) -> str:
        return "undefined" if value is None else f"{value:.2f}"

    return {
        "coders": ", ".join(found.coders),
        "overall": text(found.overall),
        "interviews": found.interviews,
        "turns": found.turns,
        "prevalent": found.prevalent,
        "kappa": "Cohen's kappa" if len(found.coders) == 2 else "Fleiss' kappa",
        "codes": [
            {
                "name": c.code,
                "tone": c.tone,
                "both": c.both,
                "some": c.some,
                "kappa": text(c.kappa),
                "alpha": text(c.alpha),
            }
            for c in found.codes
        ],
    }


# ---- research debt ----------------------------------------------------------------------


@screen("study", "debt")
def debt(visit: Visit) -> HttpResponseBase:
    """What is planned or built on old evidence, or on none."""
    asked = visit.asked.get("months", "")
    months = int(asked) if asked.isdecimal() and len(asked) < 4 and 0 < int(asked) <= 60 else answered.MONTHS
    found = answered.debts(visit.actor, months=months)
    today = rows.now().date()
    owners = {
        m.pk: m.name
        for m in Member.objects.filter(
            workspace_id=visit.actor.workspace_id, pk__in=[rows.ident(d.owner_id) for d in found if d.owner_id]
        )
    }
    states = type_of("feature").state_by_name
    lines = [
        {
            "key": d.key,
            "title": d.title,
            "href": visit.record(d.key),
            "state": {"label": states[d.state].label, "tone": states[d.state].tone},
            "newest": wording.on_day(d.newest) if d.newest else None,
            "age": d.age_text(today),
            "owner": owners.get(rows.ident(d.owner_id)) if d.owner_id else None,
        }
        for d in found
    ]
    return visit.draw(
        "research/debt.html",
        "Research debt",
        lines=lines,
        months=months,
        choices=[{"months": m, "href": f"?months={m}", "current": m == months} for m in (3, 6, 12, 24)],
        crumbs=[{"label": "Studies", "href": visit.listing(type_of("study"))}],
        may=visit.actor.may("create", "research"),
        new_study=visit.at("studies", "new"),
    )


@adds_to("study", "list")
def to_the_debt(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """The list of studies leads to what still needs one."""
    context["page_actions"] = [
        {"label": "Research debt", "href": visit.at("studies", "debt"), "look": "quiet"},
        *context.get("page_actions", []),
    ]


@adds_to("study", "today")
def owed_today(visit: Visit, row: dict[str, Any], context: dict[str, Any]) -> None:
    """What one builds on old evidence, and insights whose day has passed."""
    mine = [
        d
        for d in answered.debts(visit.actor)
        if d.newest and str(d.owner_id).replace("-", "") == visit.actor.member_id.hex
    ]
    if mine:
        many = wording.plural(len(mine), "feature")
        verb = "rests" if len(mine) == 1 else "rest"
        context["todos"].append({
            "title": f"{many} of yours {verb} on evidence older than {answered.MONTHS} months",
            "href": visit.at("studies", "debt"),
            "parts": [{"text": ", ".join(f"{d.key} {d.title}" for d in mine[:3])}],
            "hot": False,
            "actions": [{"label": "Open", "href": visit.at("studies", "debt")}],
        })  # fmt: skip
    for one in answered.out_of_date(visit.actor)[:3]:
        context["todos"].append({
            "title": f"{one.key} has passed its day", "href": visit.record(one.key),
            "parts": [{"text": one.title}], "hot": False,
            "actions": [{"label": "Review", "href": visit.record(one.key)}],
        })  # fmt: skip
