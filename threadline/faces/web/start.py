"""The first run of a workspace: its products, its people, and where to begin. Each step may be left out.

The company itself is named on the welcome page. Nothing here is kept as "done": a step shows
what there is, so that it can be visited again from the settings and the members' page too.
"""

from __future__ import annotations

from collections.abc import Callable
from smtplib import SMTPException
from typing import Any

from django.http import HttpResponse

from threadline.faces.web import flashes
from threadline.faces.web.controls import Choices
from threadline.faces.web.entrance import form
from threadline.faces.web.visit import Visit
from threadline.house import furnishing, membership
from threadline.kernel.errors import Forbidden, Invalid, NotFound
from threadline.kernel.members import Role
from threadline.kernel.registry import kinds
from threadline.kernel.workspaces import Product

STEPS = (("company", "Company"), ("products", "Products"), ("people", "People"), ("begin", "Begin"))
ROWS = 6  # invitations in one go
MOST_PRODUCTS = 40  # in one go
_PART = ("-", "–", "—", "*", "•")
Offer = Callable[[], dict[str, Any]]
_offers: list[Offer] = []


def offers_to_begin(offer: Offer) -> Offer:
    """Add a way to begin: a function that gives {title, text, action: {label, href}}; used by the sample company."""
    _offers.append(offer)
    return offer


@form
def step(visit: Visit, place: str) -> HttpResponse:
    """One step: GET shows it, POST does what it asks and goes on."""
    draw = _STEPS.get(place)
    if draw is None:
        raise NotFound
    visit.actor.need("configure")
    return draw(visit)


def _page(visit: Visit, place: str, status: int = 200, **context: Any) -> HttpResponse:
    at = [name for name, _ in STEPS].index(place)
    steps = [
        {
            "label": label,
            "done": n < at,
            "current": n == at,
            "href": visit.at("start", name) if name != "company" else visit.at("settings"),
        }
        for n, (name, label) in enumerate(STEPS)
    ]
    onward = visit.at("start", STEPS[at + 1][0]) if at + 1 < len(STEPS) else visit.home
    return visit.draw(
        "pages/start.html", STEPS[at][1], status, steps=steps, place=place, onward=onward,
        company=visit.actor.workspace.name, action=visit.at("start", place), **context,
    )  # fmt: skip


# ---- products ---------------------------------------------------------------------------


def _products(visit: Visit) -> HttpResponse:
    text, problem = visit.sent.get("products", ""), ""
    currency = visit.sent.get("currency", visit.actor.workspace.currency)
    if visit.posting:
        try:
            named = _named(text)
            if currency != visit.actor.workspace.currency:
                furnishing.change_workspace(visit.actor, {"currency": currency})
            _add(visit, named)
            return visit.go(visit.at("start", "people"))
        except Invalid as refused:
            problem = " ".join(p.message for p in refused.problems)
    here = [one["label"] for one in Choices(visit.actor).products()]
    return _page(
        visit, "products", 422 if problem else 200, here=here, text=text, currency=currency, problem=problem
    )  # fmt: skip


def _named(text: str) -> list[tuple[str, bool]]:
    """The names in a text, one a line, and whether each is a part of the last that is none."""
    found: list[tuple[str, bool]] = []
    for line in text.splitlines():
        bare = line.strip().lstrip("".join(_PART)).strip()
        if bare:
            part = line.startswith((" ", "\t")) or line.strip().startswith(_PART)
            found.append((membership.clean_name(bare), part and bool(found)))
    if len(found) > MOST_PRODUCTS:
        raise Invalid(("products", f"At most {MOST_PRODUCTS} products at once; add the rest in the settings."))
    return found


def _add(visit: Visit, named: list[tuple[str, bool]]) -> None:
    """Make what is not there yet: going back a step and on again makes nothing twice."""
    here = Product.objects.filter(workspace_id=visit.actor.workspace_id, archived_at=None)
    known = {(p.name.lower(), p.parent_id): p.pk for p in here}
    above = None
    for name, part in named:
        over = above if part else None
        found = known.get((name.lower(), over)) or furnishing.add_product(visit.actor, name, over).pk
        above = over if part else found


# ---- people -----------------------------------------------------------------------------


def _people(visit: Visit) -> HttpResponse:
    asked = [(visit.sent.get(f"email-{n}", "").strip(), visit.sent.get(f"role-{n}", "")) for n in range(ROWS)]
    refused: dict[int, str] = {}
    invited: list[str] = []
    unsent = False
    if visit.posting:
        for n, (email, role) in enumerate(asked):
            if not email:
                continue
            try:
                invited.append(membership.invite(visit.actor, email, role).email)
            except Invalid as error:
                refused[n] = " ".join(p.message for p in error.problems)
            except Forbidden as error:
                refused[n] = str(error)
            except (SMTPException, OSError):
                unsent = True
        if unsent:
            said = "The places are kept, but mail could not be sent. Look at the mail settings, then send it again."
            flashes.leave(visit.request, said, "bad", link=("Members", visit.at("members")))
        if not refused:
            if invited:
                flashes.leave(visit.request, f"Invited: {', '.join(invited)}.")
            return visit.go(visit.at("start", "begin"))
    offered = [r for r in Role if visit.actor.role == Role.OWNER or Role.values.index(r) > 1]
    shown = [
        {
            "n": n,
            "email": "" if visit.posting and n not in refused else email,
            "role": role or _USUAL[n],
            "problem": refused.get(n, ""),
        }
        for n, (email, role) in enumerate(asked)
    ]
    return _page(
        visit, "people", 422 if refused else 200, rows=shown,
        roles=[{"value": r.value, "label": r.label} for r in offered],
        here=[i.email for i in membership.open_ones(visit.actor.workspace_id)[:50]],
    )  # fmt: skip


# What a product team usually is.
_USUAL = (
    Role.PRODUCT_MANAGER.value, Role.PRODUCT_MANAGER.value, Role.PRODUCT_MARKETER.value,
    Role.CONTRIBUTOR.value, Role.CONTRIBUTOR.value, Role.VIEWER.value,
)  # fmt: skip


# ---- where to begin ---------------------------------------------------------------------


def _begin(visit: Visit) -> HttpResponse:
    if visit.posting:
        return visit.go(visit.home)
    ways = [
        {
            "title": "Bring what you have",
            "text": "A CSV or Excel file, or the export of another tool. You see each row before anything is written, "
            "and one press takes it all back.",
            "action": {"label": "Import feedback", "href": visit.at("feedback", "import")},
        },
        {
            "title": "Write the first one down",
            "text": "One complaint, wish or idea in the customer's own words. The thread begins there.",
            "action": {"label": "New feedback", "href": visit.at("feedback", "new")},
        },
    ]
    paths = {declared.path for declared in kinds()}
    if "feedback" not in paths:
        ways = []
    return _page(visit, "begin", ways=[*ways, *(offer() for offer in _offers)])


_STEPS: dict[str, Callable[[Visit], HttpResponse]] = {"products": _products, "people": _people, "begin": _begin}
