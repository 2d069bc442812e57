"""The sample company's research: two studies, who took part, what they said, and what was learned."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from threadline.demo.cast import MAKERS, Cast
from threadline.demo.company import Calendar, Company, Given
from threadline.demo.steps import Dated, Steps
from threadline.inbound.research import highlighting, transcribing
from threadline.kernel import verbs
from threadline.kernel.access import Actor
from threadline.kernel.actions import through_door

TEXT = (
    "I take part of my own will and can stop at any time. What I say is used to make the product better. I choose below"
    " what may be done with it, and I can take each of these back later without a reason."
)
_WORD_MS = 380  # how long a word takes to say


class Research(Steps):
    """Steps of research, to be told among the others."""

    company: Company
    cast: Cast
    calendar: Calendar

    def _research(self) -> None:
        given = self.company.research
        begun = self.calendar.at(170, "codes")
        for minute, one in enumerate(given["codes"]):
            plain = {n: one[n] for n in ("title", "colour", "definition", "include", "exclude")}
            self._create(
                begun + timedelta(minutes=minute), self._who("hanna"), "code", one["ref"], partial(dict, plain)
            )
        for one in given["studies"]:
            self._study(one)
        for number, one in enumerate(given["participants"]):
            self._participant(one, number)
        for one in given["interviews"]:
            self._talk_held(one)
        for one in given["insights"]:
            self._insight(one)
        for one in given["evidence"]:
            known = (self.made_at[one["insight"]], self.made_at[one["feature"]])
            at = self.calendar.after(*known, self.calendar.at(one["days_ago"], one["feature"]))
            self._link(at, self._who(one["by"]), one["feature"], one["insight"], "evidence")
        for one in given["participants"]:
            if one.get("withdrawn_days_ago"):
                at = self.calendar.at(one["withdrawn_days_ago"], one["ref"])
                self._act(at, self._who("hanna"), "withdraw_participant", one["ref"],
                          reason="Wrote to us and asked for it. No reason given, none needed.")  # fmt: skip

    def _who(self, ref: str) -> Actor:
        return self.cast.one_of((*MAKERS, "contributor"), ref)

    def _maker(self, ref: str) -> Actor:
        return self.cast.one_of(MAKERS, ref, "priya")

    def _study(self, one: Given) -> None:
        ref, at, who = one["ref"], self.calendar.at(one["starts_days_ago"], one["ref"]), self._who(one["owner"])
        self._create(at, who, "study", ref, partial(self._study_values, one))
        self._act(at + timedelta(hours=2), who, "start_study", ref)
        for feature in one["about"]:
            self._link(self.calendar.after(at, self.made_at[feature], hours=3), who, ref, feature, "about")
        if one["state"] == "done":
            self._act(self.calendar.at(one["due_days_ago"] + 4, ref), who, "analyse_study", ref)
            self._act(self.calendar.at(one["due_days_ago"] - 8, f"{ref} done"), who, "close_study", ref)

    def _study_values(self, one: Given) -> Given:
        return {
            **{n: one[n] for n in ("title", "goal", "questions", "guide", "quota", "keep_months")},
            "owner": self.cast.actors[one["owner"]].member_id,
            "product": self.cast.products[one["product"]].pk,
            "starts_on": self.calendar.day(one["starts_days_ago"]),
            "due_on": self.calendar.day(one["due_days_ago"]),
        }

    def _participant(self, one: Given, number: int) -> None:
        """Who it is, only makers may write; consent of the same day."""
        talk = next(i for i in self.company.research["interviews"] if i["participant"] == one["ref"])
        at, who = self.calendar.at(max(talk["days_ago"], 0) + 6, one["ref"]), self._maker("priya")
        self._create(at, who, "participant", one["ref"], partial(self._participant_values, one))
        asked = at + timedelta(minutes=20 + number)
        self._act(asked, self._who("hanna"), "note_contact", one["ref"], how="email", about="Invitation to the study")
        consent = f"{one['ref']} consent"
        self._create(asked + timedelta(hours=3), who, "consent", consent, partial(self._consent, one, talk["days_ago"]))

    def _participant_values(self, one: Given) -> Given:
        plain = {n: one[n] for n in ("title", "segment", "full_name", "email")}
        near = {n: self.ids.get(one.get(n, "")) for n in ("contact", "account")}
        return plain | near | {"owner": self.cast.actors["hanna"].member_id}

    def _consent(self, one: Given, days_ago: int) -> Given:
        return {
            "title": f"Consent of {one['title']}",
            "participant": self.ids[one["ref"]],
            **dict.fromkeys(one["scopes"], True),
            "text_version": "2026-1",
            "text": TEXT,
            "proof": one["proof"],
            "given_on": self.calendar.day(max(days_ago, 0) + 5),
        }

    def _talk_held(self, one: Given) -> None:
        at, who, ref = self.calendar.at(max(one["days_ago"], 1), one["ref"]), self._who("hanna"), one["ref"]
        made = at - timedelta(days=3) if one["turns"] else self.calendar.at(2, ref)
        self._create(made, who, "interview", ref, partial(self._interview, one, at))
        if not one["turns"]:
            return
        self._add(at + timedelta(hours=1), partial(self._transcribe, who, ref, _turns(one["turns"])))
        for number in one["asked"]:
            self._act(at + timedelta(hours=1, minutes=number), who, "tick_question", ref, number=number, asked=True)
        for number, mark in enumerate(one["marks"]):
            when = at + timedelta(hours=20, minutes=4 * number)
            self.made_at[f"{ref}:{number}"] = when
            self._add(when, partial(self._mark, ref, number, mark), makes=f"{ref}:{number}", kind="highlight")
        self._act(at + timedelta(hours=30), who, "code_interview", ref)

    def _interview(self, one: Given, at: datetime) -> Given:
        when = at if one["turns"] else self.calendar.now + timedelta(days=-one["days_ago"])
        return {
            "title": one["title"],
            "study": self.ids[one["study"]],
            "participant": self.ids[one["participant"]],
            "at": when.isoformat(),
            "owner": self.cast.actors["hanna"].member_id,
        }

    def _transcribe(self, who: Actor, ref: str, turns: list[dict[str, Any]], batch: UUID) -> Dated:
        def run(door: Any) -> None:
            interview = door.get(transcribing.Interview, self.ids[ref])
            transcribing.set_transcript(door, interview, turns, source="vtt", because="imported")

        through_door(who, "bring_in_transcript", run, batch=batch)
        return None

    def _mark(self, ref: str, number: int, mark: Given, batch: UUID) -> Dated:
        who = self._who(mark["by"])
        made = highlighting.highlight_words(who, interview=self.ids[ref], quote=mark["quote"], batch=batch)
        self.ids[f"{ref}:{number}"] = made.pk
        for code in mark["codes"]:
            verbs.link(who, made.pk, self.ids[code], "coded", batch=batch)
        if mark.get("cluster"):
            highlighting.cluster_highlight(who, highlight=made.pk, cluster=mark["cluster"], batch=batch)
        return None

    def _insight(self, one: Given) -> None:
        at, who, ref = self.calendar.at(one["days_ago"], one["ref"]), self._who(one["by"]), one["ref"]
        self._create(at, who, "insight", ref, partial(self._insight_values, one))
        for kind in ("supports", "contradicts"):
            for number, mark in enumerate(one[kind]):
                self._link(at + timedelta(minutes=5 + number), who, ref, mark, kind)
        if one["stands"]:
            self._act(at + timedelta(hours=1), who, "confirm_insight", ref)

    def _insight_values(self, one: Given) -> Given:
        return {
            **{n: one[n] for n in ("title", "because", "so_what", "confidence", "segments")},
            "study": self.ids[one["study"]],
            "product": self.cast.products[one["product"]].pk,
            "owner": self.cast.actors[one["by"]].member_id,
            "expires_on": self.calendar.day(one["days_ago"] - one["holds_days"]),
        }


def _turns(given: list[list[str]]) -> list[dict[str, Any]]:
    at, turns = 4_000, []
    for speaker, text in given:
        end = at + _WORD_MS * len(text.split())
        turns.append({"s": speaker, "a": at, "b": end, "t": text})
        at = end + 900
    return turns
