"""Fills an empty database with one company of a wanted size, through the door's own bulk path.

What hangs on records (citations, tags, comments) is written as rows: it is there to be read,
and no figure is taken of how it came.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from bench import ready, words
from threadline.kernel import bulk, rows
from threadline.kernel.access import Actor, actor_of
from threadline.kernel.actions import through_door
from threadline.kernel.door import Door
from threadline.kernel.members import Member, User
from threadline.kernel.registry import type_of
from threadline.kernel.tags import Tag
from threadline.kernel.workspaces import Product, Workspace

__all__ = ["ACCOUNTS", "SLUG", "actor", "feature_values", "feedback_values", "fill", "ready"]

SLUG = "bench"
ADDRESS = "petra@bench.example"
PEOPLE, ACCOUNTS, OBJECTIVES, TAGS = 20, 200, 20, 20
PRODUCTS = ("Atlas", "Harbour", "Compass", "Lantern", "Quarry")
STATES = ("idea", "idea", "idea", "candidate", "candidate", "planned", "building", "shipped")
CHANNELS = ("support", "app_review", "survey", "sales_call", "email")
TALKED_ABOUT = 1_000  # features with a discussion; pages of single features are drawn from these
_CHUNK = 2_000
_TODAY = date(2026, 11, 1)


def actor(face: str = "api") -> Actor:
    """The product manager who does everything in the measurements."""
    return actor_of(Member.objects.select_related("user", "workspace").get(user__email=ADDRESS), face)


def fill(features: int, feedback: int) -> None:
    """Make the company: ``features`` and ``feedback`` records, and what hangs on them."""
    workspace = Workspace.objects.create(slug=SLUG, name="Bench")
    members = _people(workspace)
    products = [Product.objects.create(workspace=workspace, name=p, slug=p.lower()).pk for p in PRODUCTS]
    who = actor("import")
    accounts = _load(who, "account", ACCOUNTS, _account)
    objectives = _load(who, "objective", OBJECTIVES, lambda w, n: {"title": w.title(n), "body": w.body(n)})
    notes = _load(who, "feedback", feedback, partial(feedback_values, accounts=accounts, products=products))
    wanted = _load(who, "feature", features, partial(feature_values, members=members, products=products))
    _cite(who, wanted, notes, objectives)
    _tag(who, wanted)
    _discuss(who, wanted[:TALKED_ABOUT], members)


def feature_values(writer: words.Writer, number: int, members: list[UUID], products: list[UUID]) -> dict[str, Any]:
    """Raw values of one feature."""
    draw = writer.random
    scored = number % 5 != 0
    return {
        "title": writer.title(number),
        "body": writer.body(number),
        "hypothesis": " ".join(writer.words(8, 20)),
        "state": draw.choice(STATES),
        "owner": draw.choice(members),
        "product": draw.choice(products),
        "reach": draw.randint(10, 90_000) if scored else None,
        "reach_source": "Product analytics" if scored else None,
        "impact": draw.choice((0.25, 0.5, 1, 2, 3)) if scored else None,
        "confidence": draw.choice((50, 80, 100)) if scored else None,
        "effort": draw.choice((0.5, 1, 2, 3, 5, 8)) if scored else None,
    }


def feedback_values(writer: words.Writer, number: int, accounts: list[UUID], products: list[UUID]) -> dict[str, Any]:
    """Raw values of one note."""
    draw = writer.random
    return {
        "title": writer.title(number),
        "body": writer.body(number),
        "channel": draw.choice(CHANNELS),
        "received_on": (_TODAY - timedelta(days=draw.randint(0, 700))).isoformat(),
        "account": draw.choice(accounts) if number % 3 else None,
        "product": draw.choice(products),
        "author": f"Reader {number}",
        "rating": draw.randint(1, 5),
        "source": "bench",
        "source_id": str(number),
    }


def _account(writer: words.Writer, number: int) -> dict[str, Any]:
    draw = writer.random
    return {
        "title": f"{' '.join(writer.words(2, 2)).title()} {number}",
        "plan": draw.choice(("free", "starter", "growth", "enterprise")),
        "annual_revenue": draw.randint(0, 400_000),
        "segment": draw.choice(("enterprise", "mid_market", "small_business")),
    }


def _people(workspace: Workspace) -> list[UUID]:
    made = []
    for number in range(PEOPLE):
        address = ADDRESS if number == 0 else f"person{number}@bench.example"
        user = User.objects.create_user(address, None, name=f"Person {number}")
        made.append(
            Member.objects.create(
                workspace=workspace,
                user=user,
                name=f"Person {number}",
                handle=f"person{number}",
                role="product_manager" if number == 0 else "contributor",
            ).pk
        )
    return made


def _load(who: Actor, kind: str, count: int, values: Callable[[words.Writer, int], dict[str, Any]]) -> list[UUID]:
    """``count`` records of a kind, in chunks through the door; their ids."""
    declared, writer, batch = type_of(kind), words.Writer(len(kind) * 1_000), uuid4()
    # What other records are called by is looked up once, as an import does.
    known: dict[tuple[str, Any], Any] = {}
    ids: list[UUID] = []

    def chunk(door: Door, raws: list[dict[str, Any]]) -> None:
        made = [bulk.build(door, declared, _clean(door, declared, raw, known)) for raw in raws]
        bulk.load(door, declared, made)
        ids.extend(record.pk for record in made)

    for start in range(0, count, _CHUNK):
        raws = [values(writer, n) for n in range(start, min(start + _CHUNK, count))]
        through_door(who, "import", partial(chunk, raws=raws), batch=batch)
    return ids


def _clean(door: Door, declared: Any, raw: dict[str, Any], known: dict[tuple[str, Any], Any]) -> dict[str, Any]:
    plain = {}
    for name, value in raw.items():
        if isinstance(value, UUID):
            if (name, value) not in known:
                known[name, value] = door.clean(declared, {name: value})[name]
        else:
            plain[name] = value
    cleaned = door.clean(declared, plain)
    return cleaned | {n: known[n, v] for n, v in raw.items() if isinstance(v, UUID)}


_LINK = ("id", "workspace_id", "source_id", "target_id", "kind", "seen_revision", "quote", "weight", "created_at")


def _cite(who: Actor, features: list[UUID], notes: list[UUID], objectives: list[UUID]) -> None:
    draw, at = words.Writer(5).random, rows.stamp(rows.now())

    def links() -> Iterator[tuple[Any, ...]]:
        for number, source in enumerate(features):
            cited = [("evidence", n) for n in draw.sample(notes, draw.randint(1, 4))] if number % 3 == 0 else []
            if number % 5 < 3:
                cited.append(("objective", draw.choice(objectives)))
            for kind, target in cited:
                yield (rows.new_id(), who.workspace_id, source, target, kind, 1, "", draw.randint(0, 3), at)

    rows.insert_rows("kernel_link", _LINK, links())


def _tag(who: Actor, features: list[UUID]) -> None:
    draw = words.Writer(6).random
    tags = [Tag.objects.create(workspace_id=who.workspace_id, name=f"tag {n}").pk for n in range(TAGS)]
    found = ((rows.new_id(), who.workspace_id, f, t) for f in features for t in draw.sample(tags, draw.randint(0, 2)))
    rows.insert_rows("kernel_cardtag", ("id", "workspace_id", "card_id", "tag_id"), found)


def _discuss(who: Actor, features: list[UUID], members: list[UUID]) -> None:
    writer, at = words.Writer(8), rows.stamp(rows.now())
    said = (
        (rows.new_id(), who.workspace_id, f, writer.random.choice(members), "Person", writer.body(0), at)
        for f in features
        for _ in range(writer.random.randint(0, 3))
    )
    columns = ("id", "workspace_id", "card_id", "author_id", "author_name", "body", "created_at")
    rows.insert_rows("kernel_comment", columns, said)
