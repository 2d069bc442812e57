"""One request to a workspace: who asks, what surrounds the page, and the ways to answer."""

from __future__ import annotations

from functools import cached_property
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from markupsafe import Markup, escape

from threadline.faces.web import flashes, keymap, live, places, shell
from threadline.faces.web.jinja import templates
from threadline.kernel import rows
from threadline.kernel.access import Actor
from threadline.kernel.members import User
from threadline.kernel.registry import RecordType


class Visit:
    """What a view is given instead of the bare request."""

    def __init__(
        self, request: HttpRequest, actor: Actor, user: User, handle: str, preferences: dict[str, Any], unread: int
    ) -> None:
        self.request, self.actor, self.user, self.handle = request, actor, user, handle
        self.preferences, self.unread = preferences, unread
        self.slug = actor.workspace.slug
        self.home = places.workspace(self.slug)
        # "panel" or "quick" when a script asked for the inside of a page, to show it within another.
        self.part = request.headers.get("X-Part", "")
        self.facts: dict[str, Any] = {}  # what scripts should know of the page: kind, path, key
        self.back = self.home  # where a refusal leads; views name something nearer

    @property
    def asked(self) -> Any:
        """The query string."""
        return self.request.GET

    @property
    def sent(self) -> Any:
        """The form that was posted."""
        return self.request.POST

    @property
    def posting(self) -> bool:
        """Whether something is to be written."""
        return self.request.method == "POST"

    @property
    def scripted(self) -> bool:
        """Whether a script of ours asks, which stays on its page and wants an answer in JSON."""
        return self.request.headers.get("accept", "").startswith("application/json")

    @property
    def then(self) -> str:
        """The page of this workspace that the form wants to see next; empty when it names none."""
        wanted = self.sent.get("then", "")
        return wanted if wanted.startswith(self.home) and "\\" not in wanted else ""

    @property
    def came_from(self) -> str:
        """The page of this workspace that the press came from; its first page otherwise."""
        came = self.request.headers.get("referer", "")
        path = came.removeprefix(self.request.build_absolute_uri("/")[:-1])
        return path if path.startswith(self.home) else self.home

    def at(self, *parts: str, **asked: Any) -> str:
        """An address in this workspace."""
        return places.with_query(self.home + "/".join(parts), **asked)

    def record(self, key: str, *rest: str) -> str:
        """The page of a record, or one below it."""
        return places.record(self.slug, key, *rest)

    def listing(self, declared: RecordType, **asked: Any) -> str:
        """The list of a record type."""
        return places.listing(self.slug, declared.path, **asked)

    @cached_property
    def csrf(self) -> str:
        """What makes a form or a script ours; hidden anew for each page, once."""
        return get_token(self.request)

    @property
    def csrf_input(self) -> Markup:
        """The hidden field that makes a form ours."""
        return Markup('<input type="hidden" name="csrfmiddlewaretoken" value="{}">').format(self.csrf)

    def draw(self, names: str | list[str], title: str, status: int = 200, **context: Any) -> HttpResponse:
        """The page. ``names`` in order of preference: a record type's own template wins."""
        context |= {
            "title": title,
            "theme": self.preferences.get("theme"),
            "keys_off": self.preferences.get("shortcuts") is False,
            "events": live.stream_address(self.request, self.actor),
            "csrf_input": self.csrf_input,
            "part": self.part,
            "facts": self.facts,
            "flashes": [*context.get("flashes", ()), *flashes.collect(self.request)],
        }
        if not self.part:
            context |= self._frame()
        template = templates().first_of([names] if isinstance(names, str) else names)
        return HttpResponse(template.render(context), status=status)

    def _frame(self) -> dict[str, Any]:
        """What stands around the page, and what its scripts are told."""
        return {
            "shell": shell.around(self),
            "printed": f"{self.actor.workspace.name}, {self.request.build_absolute_uri()}",
            "printed_on": rows.now(),
            "keymap": keymap.block(self.preferences),
            "page_data": keymap.as_data({"home": self.home, "csrf": self.csrf, **self.facts}),
        }

    def go(self, address: str) -> HttpResponseRedirect:
        """See other: after a deed, so that loading again does not repeat it."""
        return HttpResponseRedirect(address, status=303)

    def done(self, text: str, address: str, *, batch: UUID | None = None, tone: str = "ok",
             link: tuple[str, str] | None = None) -> HttpResponse:  # fmt: skip
        """Say what was done, offer to undo ``batch``, and go on; a script is told the same in JSON."""
        undo = self.at("undo", str(batch)) if batch else ""
        shell.forget_counts(self.actor)
        if self.scripted:
            return JsonResponse({"text": text, "tone": tone, "undo": undo, "href": address})
        flashes.leave(self.request, text, tone, undo=undo, link=link)
        return self.go(self.then or address)

    def new_batch(self) -> UUID:
        """The name of one deed, by which it can be undone."""
        return rows.new_id()

    @staticmethod
    def safe(text: str) -> Markup:
        """Text escaped, as markup to be joined to other markup."""
        return escape(text)
