"""The exits for record types that want more than the kit gives.

A template named after the type (``feature/detail.html``, beside the leaf's code in its
``templates`` folder) replaces the generic one. What such a template needs beside the usual
context, a leaf adds here from its ``screens.py``::

    @adds_to("feature", "detail")
    def score(visit, row, context):
        context["score"] = ...

A whole page of its own stands under the list (``/feedback/inbox``) or under a record
(``/I-12/transcript``); it is given the visit, and the card, and answers as any view does::

    @screen("feedback", "inbox")
    def inbox(visit): ...

    @record_screen("interview", "transcript", posts=True)
    def transcript(visit, card): ...

What waits for somebody stands on Today, and how things stand beside it; each room adds its own::

    @needs_me(30)
    def questions(visit, scope):
        return [{"title": ..., "parts": [{"text": ...}], "hot": False, "actions": [...]}]

    @how_it_stands(10)
    def key_results(visit, scope):
        return [{"label": ..., "text": ..., "meter": {"value": 52, "max": 100, "label": ...}}]

What somebody without an account may call stands outside the workspaces, under one word and a key
of 24 letters and digits that the leaf gave away (``/form/<key>``). No session is looked at, so
no token against forgery is asked for: the view itself says what must be proved::

    @open_screen("form", methods=("GET", "POST"))
    def form(request, key): ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from threadline.faces.web.visit import Visit

Adder = Callable[[Visit, dict[str, Any], dict[str, Any]], None]
View = Callable[..., HttpResponseBase]
PAGES = ("detail", "list", "form", "today", "thread")
OpenView = Callable[[HttpRequest, str], HttpResponseBase]
_adders: dict[tuple[str, str], list[Adder]] = {}


@dataclass(frozen=True)
class Screen:
    """A page that a leaf draws itself; ``posts`` says that it also takes forms."""

    view: View
    posts: bool


@dataclass(frozen=True)
class OpenScreen:
    """A page of a leaf for people and programs without an account."""

    view: OpenView
    methods: tuple[str, ...]


_open: dict[str, OpenScreen] = {}
_of_types: dict[tuple[str, str], Screen] = {}
_of_records: dict[tuple[str, str], Screen] = {}


@dataclass(frozen=True)
class Scope:
    """Whose things are meant: the reader's own, or those of the products of their teams."""

    mine: bool
    products: tuple[str, ...] = ()

    @property
    def query(self) -> str:
        """The scope as terms of the query language."""
        if self.mine:
            return "owner:me"
        return "product:" + ",".join(f'"{name}"' for name in self.products)


Provider = Callable[[Visit, Scope], list[dict[str, Any]]]
_needs: list[tuple[int, Provider]] = []
_stands: list[tuple[int, Provider]] = []


def needs_me(order: int) -> Callable[[Provider], Provider]:
    """Register what gives things that need the reader (kit/lists.html, todo_item); lower orders stand first."""
    return _providing(_needs, order)


def how_it_stands(order: int) -> Callable[[Provider], Provider]:
    """Register what gives numbers for the side of Today (kit/props.html, stat_list)."""
    return _providing(_stands, order)


def needing(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """All that needs the reader, in order."""
    return [todo for _, provider in sorted(_needs, key=lambda p: p[0]) for todo in provider(visit, scope)]


def standing(visit: Visit, scope: Scope) -> list[dict[str, Any]]:
    """All that says how things stand, in order."""
    return [stat for _, provider in sorted(_stands, key=lambda p: p[0]) for stat in provider(visit, scope)]


def _providing(register: list[tuple[int, Provider]], order: int) -> Callable[[Provider], Provider]:
    def add(provider: Provider) -> Provider:
        register.append((order, provider))
        return provider

    return add


def screen(kind: str, place: str, *, posts: bool = False) -> Callable[[View], View]:
    """Register a page at ``/<plural>/<place>``; the view is given the visit."""
    return _registering(_of_types, kind, place, posts)


def record_screen(kind: str, place: str, *, posts: bool = False) -> Callable[[View], View]:
    """Register a page at ``/<key>/<place>``; the view is given the visit and the card, which is in reach."""
    return _registering(_of_records, kind, place, posts)


def open_screen(place: str, *, methods: tuple[str, ...]) -> Callable[[OpenView], OpenView]:
    """Register a page at ``/<place>/<key>``; the view is given the bare request and the key."""

    def add(view: OpenView) -> OpenView:
        if place in _open:
            raise RuntimeError(f"two open pages are called {place}")
        _open[place] = OpenScreen(view, methods)
        return view

    return add


def open_screen_at(place: str) -> OpenScreen | None:
    """The leaf's page for those without an account."""
    return _open.get(place)


def screen_at(kind: str, place: str) -> Screen | None:
    """The leaf's page under a list."""
    return _of_types.get((kind, place))


def record_screen_at(kind: str, place: str) -> Screen | None:
    """The leaf's page under a record."""
    return _of_records.get((kind, place))


def _registering(register: dict[tuple[str, str], Screen], kind: str, place: str, posts: bool) -> Callable[[View], View]:
    def add(view: View) -> View:
        if (kind, place) in register:
            raise RuntimeError(f"two pages of {kind} are called {place}")
        register[kind, place] = Screen(view, posts)
        return view

    return add


def adds_to(kind: str, page: str) -> Callable[[Adder], Adder]:
    """Register a function that adds to the context of a page of one record type.

    It is given the visit, the record's row (the dict of the list path; empty for other pages
    than ``detail``) and the context, which it may change.
    """
    if page not in PAGES:
        raise ValueError(f"no page is called {page}")

    def add(adder: Adder) -> Adder:
        _adders.setdefault((kind, page), []).append(adder)
        return adder

    return add


def complete(visit: Visit, kind: str, page: str, row: dict[str, Any], context: dict[str, Any]) -> None:
    """Let the leaf of a type add to a page."""
    for adder in _adders.get((kind, page), ()):
        adder(visit, row, context)
