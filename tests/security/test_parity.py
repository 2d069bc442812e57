"""Whatever a page does, the API does: the URL table of the pages beside the API's own document.

A page that is added later fails here until it is said which call does the same, or why none does.
"""

from __future__ import annotations

import pytest

from tests.security.operations import operations
from tests.security.routes import routes
from threadline.kernel.registry import kinds

W = "/w/<slug>/"
# Each page to the calls that do the same; {t} is the path of any type of record.
SAME: dict[str, tuple[str, ...]] = {
    W: ("GET /suspects", "GET /notifications", "GET /{t}"),
    f"{W}review": ("GET /suspects",),
    f"{W}profile/keys": ("PATCH /me",),
    f"{W}search": ("GET /search",),
    f"{W}trash": ("GET /{t}", "POST /{t}/{ref}/restore"),
    f"{W}notifications": ("GET /notifications",),
    f"{W}notifications/read": ("POST /notifications/read",),
    f"{W}notifications/<ident>/read": ("POST /notifications/read",),
    f"{W}members": ("GET /members", "GET /invitations"),
    f"{W}members/invite": ("POST /invitations",),
    f"{W}members/invitations/<ident>/again": ("POST /invitations/{ident}/again",),
    f"{W}members/invitations/<ident>/withdraw": ("DELETE /invitations/{ident}",),
    f"{W}members/<ident>/role": ("PATCH /members/{ident}",),
    f"{W}members/<ident>/remove": ("DELETE /members/{ident}",),
    f"{W}settings": ("GET /me", "PATCH /workspace"),
    f"{W}settings/<place>": (
        "GET /products", "POST /products", "GET /teams", "POST /teams", "GET /fields", "POST /fields", "GET /tags",
    ),
    f"{W}settings/<place>/<ident>": (
        "PATCH /products/{ident}", "PATCH /teams/{ident}", "PATCH /fields/{ident}", "PATCH /tags/{ident}",
    ),
    f"{W}settings/<place>/<ident>/<name>": (
        "PATCH /products/{ident}", "DELETE /teams/{ident}", "PATCH /fields/{ident}", "DELETE /tags/{ident}",
    ),
    f"{W}profile": ("GET /me", "PATCH /me"),
    f"{W}profile/theme": ("PATCH /me",),
    f"{W}tokens": ("GET /tokens", "POST /tokens"),
    f"{W}tokens/<ident>/revoke": ("DELETE /tokens/{ident}",),
    f"{W}undo/<batch>": ("POST /batches/{ident}/undo",),
    f"{W}files/<ident>": ("GET /files/{ident}", "GET /files/{ident}/content"),
    f"{W}files/<ident>/remove": ("DELETE /files/{ident}",),
    f"{W}comments/<ident>": ("PATCH /comments/{ident}",),
    f"{W}comments/<ident>/remove": ("DELETE /comments/{ident}",),
    f"{W}links/<link>/confirm": ("POST /links/{ident}/confirm",),
    f"{W}links/<link>/remove": ("DELETE /links/{ident}",),
    f"{W}imports/<ident>": ("GET /imports/{ident}", "PATCH /imports/{ident}", "POST /imports/{ident}/start"),
    f"{W}imports/<ident>/cancel": ("POST /imports/{ident}/cancel",),
    f"{W}imports/<ident>/resume": ("POST /imports/{ident}/resume",),
    f"{W}imports/<ident>/undo": ("POST /imports/{ident}/undo",),
    f"{W}imports/<ident>/rejected.<file_format>": ("GET /imports/{ident}/rejected",),
    f"{W}<key>": ("GET /{t}/{ref}",),
    f"{W}<key>/edit": ("PATCH /{t}/{ref}",),
    f"{W}<key>/history": ("GET /{t}/{ref}/history",),
    f"{W}<key>/cite": ("POST /{t}/{ref}/links",),
    f"{W}<key>/files": ("GET /{t}/{ref}/files", "POST /{t}/{ref}/files"),
    f"{W}<key>/comments": ("GET /{t}/{ref}/comments", "POST /{t}/{ref}/comments"),
    f"{W}<key>/watch": ("PUT /{t}/{ref}/watch", "DELETE /{t}/{ref}/watch"),
    f"{W}<key>/archive": ("DELETE /{t}/{ref}",),
    f"{W}<key>/restore": ("POST /{t}/{ref}/restore",),
    f"{W}<key>/<place>": ("GET /{t}/{ref}",),  # a part of a record's page, fetched alone
    f"{W}<key>/do/<name>": ("POST /{t}/{ref}/",),  # one for each action: checked below
    f"{W}<path>/": ("GET /{t}",),
    f"{W}<path>/new": ("POST /{t}",),
    f"{W}<path>/bulk": ("POST /{t}/bulk",),
    f"{W}<path>/import": ("POST /imports",),
    f"{W}<path>/export.<file_format>": ("GET /{t}/export",),
    f"{W}<path>/views": ("GET /views", "POST /views"),
    f"{W}<path>/views/<view>/share": ("PATCH /views/{ident}",),
    f"{W}<path>/views/<view>/remove": ("DELETE /views/{ident}",),
    f"{W}<path>/views/<view>/keep": ("PATCH /views/{ident}",),
    f"{W}thread": ("GET /suspects", "GET /{t}"),
    f"{W}review/confirm": ("POST /links/{ident}/confirm",),
    f"{W}<key>/field/<name>": ("PATCH /{t}/{ref}",),
    f"{W}start/<place>": ("POST /products", "POST /invitations"),
    f"{W}<path>/<place>": ("GET /{t}",),  # a leaf's own page over its list
    # What the grid and the board feed on, in a shape of their own: the same lists and changes.
    f"{W}<path>/rows": ("GET /{t}",),
    f"{W}<path>/order": ("GET /{t}",),
    f"{W}<path>/shape": ("GET /{t}",),
    f"{W}<path>/news": ("GET /{t}",),
    f"{W}<path>/changes": ("PATCH /{t}/{ref}",),
    f"{W}names": ("GET /{t}",),
    f"{W}seek": ("GET /{t}",),
    f"{W}palette": ("GET /search",),
    f"{W}new": ("POST /{t}",),
}  # fmt: skip
# Pages without a call, each with the reason. Pages that only show or arrange what other calls read
# (a board, a matrix) belong here too, with the calls that read it.
WITHOUT = {
    "/api/v1/docs": "the API's own reference",
    "/": "leads to a workspace",
    "/begin": "the first page of an empty server, before there is anybody who could have a key",
    f"{W}settings/backups": "everything on the server, asked for by a person; threadline backup is for programs",
    f"{W}settings/backups/cancel": "gives such an archive up",
    f"{W}settings/backups/<name>": "wants the password again, which no key has",
    f"{W}settings/backups/<name>/remove": "takes such an archive away",
    "/welcome": "choosing and founding workspaces is a person's, before there is a key",
    "/welcome/join/<ident>": "joining is a person's, before there is a key",
    "/join/<secret>": "joining is a person's, before there is a key",
    f"{W}profile/sessions/<ident>/end": "sessions are a browser's; a key has none",
    f"{W}profile/sessions/end": "sessions are a browser's; a key has none",
    "/<place>/<token>": "what has no account calls here: a form of a site's visitors, a webhook that signs",
    f"{W}profile/leave": "a key would end itself and its person's access by one call",
    f"{W}<path>/views/<view>/draft": "what somebody tries on a view in their own browser, before it is kept",
    f"{W}<path>/views/<view>/discard": "ends such a draft",
    "/sample": "trying the sample is a person's, before there is a key",
    "/sample/load": "trying the sample is a person's, before there is a key",
    "/sample/remove": "ends such a trial",
    f"{W}<key>/here": "who looks at a page just now is a matter of open pages, and kept nowhere",
    f"{W}<path>/template.csv": "an empty table to fill in; the API's document names every field",
}
OPERATIONS = {str(o) for o in operations()}


def in_question() -> list[str]:
    """Every page but those of signing in, which are a person's and a browser's."""
    return sorted({r.name for r in routes() if not r.name.startswith("/accounts/")})


@pytest.mark.parametrize("page", in_question())
def test_what_a_page_does_a_call_does(page: str) -> None:
    assert (page in SAME) != (page in WITHOUT), (
        f"{page} is new: name the calls of the API that do the same in SAME, or the reason there is none in WITHOUT"
    )
    for call in SAME.get(page, ()):
        wanted = [call.replace("{t}", t.path) for t in kinds()] if "{t}" in call else [call]
        there = [w for w in wanted if w in OPERATIONS or (w.endswith("/") and any(o.startswith(w) for o in OPERATIONS))]
        missing = set(wanted) - set(there)
        # A type whose records nobody makes by hand has no call for it, and no page either.
        assert there, (page, call)
        assert not missing or call.startswith(("POST", "PATCH")), (page, missing)


def test_nothing_is_excused_that_is_gone() -> None:
    assert {*SAME, *WITHOUT} - set(in_question()) == set()
