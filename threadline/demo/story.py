"""What happened in the sample company, in the order it happened.

Keys, history and the order of events are then those of a company that really worked this way.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from threadline.demo.cast import MAKERS, WRITERS, Cast
from threadline.demo.company import Calendar, Company, Given
from threadline.demo.decided import tell_decisions
from threadline.demo.documents import tell_documents
from threadline.demo.market import tell_market
from threadline.demo.metrics import tell_metrics
from threadline.demo.planned import tell_plans
from threadline.demo.ranking import tell_ranking
from threadline.demo.releases import tell_releases
from threadline.demo.requirements import tell_requirements
from threadline.demo.research import Research
from threadline.demo.roadmaps import tell_roadmaps
from threadline.demo.sources import tell_sources
from threadline.demo.steps import Dated
from threadline.demo.strategy import tell_strategy
from threadline.demo.surveys import tell_surveys
from threadline.demo.themes import tell_themes
from threadline.inbound.features import readiness
from threadline.inbound.features.models import Feature
from threadline.kernel import verbs
from threadline.kernel.access import Actor

_SURE = {"on_track": 75, "at_risk": 45, "off_track": 15}  # in per cent, said at the latest check-in
# Who writes down what is heard where.
_HEARD_BY = {"support": "niamh", "sales_call": "luca", "interview": "hanna", "survey": "hanna", "email": "priya"}
_KEEPER = {"fairlead": "priya", "fairlead-sdk": "ellie", "tidewrack": "mateus"}
_MARKETER = {"fairlead": "declan", "fairlead-sdk": "declan", "tidewrack": "sakura"}
_PATH = ("candidate", "planned", "building", "shipped")
# The house began to write requirements late, so its older work began with something missing: somebody said why.
_NOT_WAITED = (
    "The studios test it with us week by week; what is missing is written as we learn.",
    "The engineers who know this part were free now and not in March.",
    "Small enough to be read in one sitting. The owner answers for what is not written.",
    "Promised for the season; the open points are on the list for the first week.",
)
_VERB = {
    "candidate": "consider_feature",
    "planned": "plan_feature",
    "building": "start_feature",
    "shipped": "ship_feature",
}


class Story(Research):
    """The company's story, told by its files."""

    def __init__(self, company: Company, cast: Cast, calendar: Calendar) -> None:
        super().__init__()
        self.company, self.cast, self.calendar = company, cast, calendar
        chapters = (self._customers, self._aims, self._features, self._releases, self._market, self._feedback)
        others = (partial(tell_themes, self, company.themes, company.feedback), self._research)
        for tell in (*chapters, *others, partial(tell_decisions, self), self._strategy, self._talk, self._changes):
            tell()
        self._number()

    # ---- customers and aims -----------------------------------------------------------------

    def _customers(self) -> None:
        begun, writer = self.calendar.at(400, "customers"), self.cast.one_of(WRITERS, "declan")
        for at, one in enumerate(self.company.accounts):
            values = {n: one[n] for n in ("title", "plan", "annual_revenue", "segment", "region", "domain")}
            self._create(begun + timedelta(minutes=at), writer, "account", one["ref"], partial(dict, values))
        for at, one in enumerate(self.company.contacts):
            when = begun + timedelta(hours=2, minutes=at)
            self._create(when, writer, "contact", one["ref"], partial(self._contact, one))

    def _contact(self, one: Given) -> Given:
        plain = {n: one[n] for n in ("title", "email", "role_title")}
        return {**plain, "account": self.ids.get(one["account"] or "")}

    def _aims(self) -> None:
        for one in self.company.objectives:
            owner, at = self.cast.one_of(MAKERS, one["owner"]), self.calendar.at(one["starts_days_ago"], one["ref"])
            self._create(at, owner, "objective", one["ref"], partial(self._objective, one))
            if one["state"] not in ("draft", "active"):
                self._update(self.calendar.at(4, one["ref"]), owner, "objective", one["ref"], {"state": one["state"]})
            for offset, result in enumerate(one["key_results"], 1):
                made = at + timedelta(minutes=10 * offset)
                self._create(made, owner, "key_result", result["ref"], partial(self._result, result, one))
                self._link(made + timedelta(minutes=2), owner, result["ref"], one["ref"], "rests_on")
                self._check_ins(result, one, owner)

    def _objective(self, one: Given) -> Given:
        return {
            "title": one["title"],
            "body": self._text(one["body"]),
            "owner": self.cast.actors[one["owner"]].member_id,
            "product": self._product(one["product"]),
            "starts_on": self.calendar.day(one["starts_days_ago"]),
            "due_on": self.calendar.day(-one["due_in_days"]),
            "meant_share": one.get("meant_share"),
            "state": one["state"] if one["state"] in ("draft", "active") else "active",
        }

    def _result(self, one: Given, objective: Given) -> Given:
        plain = {n: one[n] for n in ("title", "metric", "unit", "baseline", "target")}
        return {
            **plain,
            "shape": one.get("shape", "reach"),
            "current": None if "said" in one else one["baseline"],
            "objective": self.ids[objective["ref"]],
            "owner": self.cast.actors[one["owner"]].member_id,
            "product": self._product(objective["product"]),
            "due_on": self.calendar.day(-one["due_in_days"]),
        }

    def _check_ins(self, one: Given, objective: Given, owner: Actor) -> None:
        """The number as it was read half-way and last week; of other shapes, each that was said."""
        sure, begun = _SURE.get(one["state"]), objective["starts_days_ago"]
        latest = (min(9, begun / 4), one["current"], one["state"], sure)
        half = round(((one["baseline"] or 0) + one["current"]) / 2, 1)
        said = [(begun / 2, half, "on_track", None)] if half not in (one["baseline"], one["current"]) else []
        if "said" in one:
            count = len(one["said"])
            said = [(begun * (1 - n / count), v, one["state"], None) for n, v in enumerate(one["said"][:-1], 1)]
        teller = self.cast.one_of(MAKERS, one["owner"], objective["owner"])
        for ago, value, state, confidence in (*said, latest):
            at, day = self.calendar.at(ago, f"{one['ref']} {value}"), self.calendar.day(ago)
            self._act(at, teller, "check_in", one["ref"], value=value, state=state, confidence=confidence, on=day)

    def _product(self, ref: str | None) -> UUID | None:
        return self.cast.products[ref].pk if ref else None

    # ---- features ---------------------------------------------------------------------------

    def _features(self) -> None:
        for one in self.company.features:
            ref, age = one["ref"], one["created_days_ago"]
            owner, at = self.cast.one_of(MAKERS, one["owner"], _KEEPER[one["product"]]), self.calendar.at(age, ref)
            self._create(at, owner, "feature", ref, partial(self._feature, one))
            self._tag(at + timedelta(minutes=4), owner, ref, one["tags"])
            self._scored(one, owner, at)
            self._moved(one, owner, at)
        for one in self.company.features:
            self._placed(one, self.cast.one_of(MAKERS, one["owner"], _KEEPER[one["product"]]))

    def _feature(self, one: Given) -> Given:
        outbound = one["outbound_owner"]
        return {
            "title": one["title"],
            "body": self._text(one["body"]),
            "hypothesis": self._text(one["hypothesis"]),
            "owner": self.cast.actors[one["owner"]].member_id,
            "outbound_owner": self.cast.actors[outbound].member_id if outbound else None,
            "budget": one.get("budget"),
            "product": self._product(one["product"]),
        }

    def _scored(self, one: Given, owner: Actor, made: datetime) -> None:
        """RICE inputs as they were estimated: those of one day by one write."""
        by_age: dict[int, Given] = {}
        for name, said in one["rice"].items():
            if said:
                day = {name: said["value"], f"{name}_source": said["source"] or None}
                by_age.setdefault(said["days_ago"], {}).update(
                    {**day, f"{name}_on": self.calendar.day(said["days_ago"])}
                )
        for age, values in by_age.items():
            at = self.calendar.after(made, self.calendar.at(age, f"{one['ref']} rice"))
            self._update(at, owner, "feature", one["ref"], values)

    def _moved(self, one: Given, owner: Actor, made: datetime) -> None:
        """Through the workflow to where it stands today."""
        age, state = one["created_days_ago"], one["state"]
        if state == "declined":
            self._act(
                self.calendar.after(made, self.calendar.at(age * 0.8, one["ref"])),
                owner,
                _VERB["candidate"],
                one["ref"],
            )
            at = self.calendar.after(made, self.calendar.at(age * 0.4, one["ref"]), hours=2)
            self._act(at, owner, "decline_feature", one["ref"], reason=one["declined_reason"])
        elif state in _PATH:
            way = _PATH[: _PATH.index(state) + 1]
            for number, step in enumerate(way, 1):
                days = (
                    age * (1 - 0.85 * number / len(way)) if state == "shipped" else age * (1 - 0.7 * number / len(way))
                )
                at = self.calendar.after(made, self.calendar.at(days, f"{one['ref']} {step}"), hours=number)
                if step == "building":
                    self._add(at, partial(self._begun, one, owner))
                else:
                    self._act(at, owner, _VERB[step], one["ref"])

    def _begun(self, one: Given, owner: Actor, batch: UUID) -> None:
        """Begun as ready, or with a word on why it did not wait."""
        feature = Feature.objects.get(pk=self.ids[one["ref"]])
        lacks = readiness.missing(owner, feature)
        reason: Given = {"reason": _NOT_WAITED[len(one["title"]) % len(_NOT_WAITED)]} if lacks else {}
        self.verbs[readiness.STARTED if lacks else _VERB["building"]](owner, feature=feature.pk, batch=batch, **reason)

    def _placed(self, one: Given, owner: Actor) -> None:
        """Under its parent, and for its aims."""
        made = self.made_at[one["ref"]]
        if one["parent"]:
            at, parent = self.calendar.after(made, self.made_at[one["parent"]]), one["parent"]

            def place(batch: UUID, ref: str = one["ref"]) -> None:
                verbs.update(owner, "feature", self.ids[ref], {"parent": self.ids[parent]}, batch=batch)

            self._add(at, place)
        for aim in one["supports"]:
            self._link(self.calendar.after(made, self.made_at[aim], hours=1), owner, one["ref"], aim, "objective")

    def _releases(self) -> None:
        tell_releases(self, self.company.releases)
        tell_plans(self, self.company.plans)
        tell_roadmaps(self, self.company.roadmaps)

    def _market(self) -> None:
        tell_market(self, self.company.market)
        tell_sources(self, self.company.sources)

    def _strategy(self) -> None:
        tell_strategy(self, self.company.strategy)
        tell_metrics(self, self.company.metrics)
        tell_ranking(self, self.company.strategy)
        tell_surveys(self, self.company.surveys)
        tell_requirements(self, self.company.requirements)
        tell_documents(self, self.company.documents)

    # ---- feedback ---------------------------------------------------------------------------

    def _feedback(self) -> None:
        for one in self.company.feedback:
            ref = one["ref"]
            at = self.calendar.at(one["received_days_ago"], ref)
            self._create(at, self._hearer(one), "feedback", ref, partial(self._note, one))
            self._tag(self.calendar.after(at), self.cast.one_of(WRITERS, _KEEPER[one["product"]]), ref, one["tags"])
        for one in self.company.feedback:
            self._sorted_out(one)

    def _hearer(self, one: Given) -> Actor:
        """Who wrote it down. A note with a stranger's name on it needs somebody who may see names."""
        marketer = _MARKETER[one["product"]]
        return self.cast.actors[marketer if one["author"] else _HEARD_BY.get(one["channel"], marketer)]

    def _note(self, one: Given) -> Given:
        plain = {n: one[n] for n in ("title", "channel", "author", "rating")}
        return {
            **plain,
            "body": self._text(one["body"]),
            "received_on": self.calendar.day(one["received_days_ago"]),
            "account": self.ids.get(one["account"] or ""),
            "contact": self.ids.get(one["contact"] or ""),
            "product": self._product(one["product"]),
            "reported_by": self._hearer(one).member_id if one["channel"] == "sales_call" else None,
        }

    def _sorted_out(self, one: Given) -> None:
        """What was done with a note: linked with the words that matter, merged, declined."""
        ref, keeper = one["ref"], self.cast.one_of(MAKERS, _KEEPER[one["product"]])
        heard = self.made_at[ref]
        if "at_stake" in one:  # whoever heard it may not see such values
            self._update(self.calendar.after(heard), keeper, "feedback", ref, {"at_stake": one["at_stake"]})
        for number, link in enumerate(one["links"]):
            maker = self.cast.one_of(MAKERS, self._owner_of(link["feature"]), _KEEPER[one["product"]])
            at = self.calendar.after(heard, self.made_at[link["feature"]], hours=5 + number)
            self._link(at, maker, link["feature"], ref, "evidence", link["quote"] or "")
        if one["merged_into"]:
            into = one["merged_into"]
            at = self.calendar.after(heard, self.made_at[into], hours=30)
            self._merge(at, keeper, ref, into)
        if one["state"] == "declined":
            at = self.calendar.after(heard, hours=50)
            self._act(at, keeper, "decline_feedback", ref, reason=one["declined_reason"])

    def _merge(self, at: datetime, actor: Actor, ref: str, into: str) -> None:
        merge = self.verbs["merge_feedback"]
        other = merge.params[0].name

        def run(batch: UUID) -> None:
            both: Given = {merge.subject: self.ids[ref], other: self.ids[into]}
            merge(actor, batch=batch, **both)

        self._add(at, run)

    def _owner_of(self, feature: str) -> str:
        return next(str(f["owner"]) for f in self.company.features if f["ref"] == feature)

    # ---- talk and second thoughts -------------------------------------------------------------

    def _talk(self) -> None:
        for number, one in enumerate(self.company.comments):
            ref, actor = one["on"]["ref"], self.cast.actors[one["by"]]
            at = self.calendar.after(
                self.made_at[ref], self.calendar.at(one["days_ago"], f"{ref} {number:03}"), hours=0.2
            )

            def say(batch: UUID, actor: Actor = actor, ref: str = ref, body: str = one["body"]) -> Dated:
                return "comment", verbs.comment(actor, self.ids[ref], self._text(body), batch=batch).pk

            self._add(at, say)

    def _changes(self) -> None:
        for one in self.company.later_changes:
            at = self.calendar.at(one["days_ago"], f"{one['ref']} again")
            self._update(at, self.cast.actors[one["by"]], one["kind"], one["ref"], one["set"], one["why"])
