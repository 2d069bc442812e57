"""A survey for whoever has its address: ``/survey/<key>``, a question a page, without script, session or cookie.

``?a=`` is the token of one person's sheet, ``?n=`` the question; whoever keeps the address goes on later.
"""

from __future__ import annotations

from typing import Any

from allauth.core.internal import ratelimit
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from threadline.faces.web import refusals, wording
from threadline.faces.web.jinja import templates
from threadline.faces.web.screens import open_screen
from threadline.inbound.surveys import asked, queries, taking, whole
from threadline.inbound.surveys.models import Survey, SurveyAnswer
from threadline.kernel import rows

_RATE = {"survey": "60/m/ip", "survey_begin": "10/m/ip", "survey_of": "1200/m/key"}
LONGEST_EMAIL = 254
KANO = (
    ("like", "I like it"), ("expect", "I expect it"), ("neutral", "I do not mind"),
    ("tolerate", "I can live with it"), ("dislike", "I dislike it"),
)  # fmt: skip
IMPORTANCE = ((5, "5: extremely"), (4, "4: very"), (3, "3: fairly"), (2, "2: a little"), (1, "1: not at all"))
Method = Survey.Method
QUESTIONS = {
    Method.KANO: (
        ("first", "If you had this, how would you feel?", KANO),
        ("second", "And if you did not have it?", KANO),
    ),
    Method.OPPORTUNITY: (
        ("first", "How important is this to you?", IMPORTANCE),
        ("second", "How content are you with what you have for it today?", IMPORTANCE),
    ),
}


@open_screen("survey", methods=("GET", "HEAD", "POST"))
def show_survey(request: HttpRequest, key: str) -> HttpResponse:
    """Welcome, one question after the other, thanks."""
    survey = queries.at(key)
    if survey is None:
        return refusals.missing(request)
    token = request.GET.get("a", "")[:64]
    sheet = queries.sheet(survey, token) if token else None
    page = _Page(survey, key, token)
    if sheet is None:
        return _welcome(request, page)
    if sheet.finished_at is not None:
        return page.draw("thanks")
    if survey.state != "open":
        return page.draw("closed")
    if request.method == "POST":
        return _answer(request, page, sheet)
    return page.ask(sheet, _step(request.GET.get("n", ""), sheet))


def _step(said: str, sheet: SurveyAnswer) -> int:
    """The question that was asked for; the first without an answer where that is none."""
    first = taking.open_step(sheet)
    step = int(said) - 1 if said.isascii() and said.isdigit() and len(said) < 4 else first
    return step if 0 <= step <= min(first, len(sheet.plan) - 1) else first


def _limited(request: HttpRequest, page: _Page, action: str) -> bool:
    near: dict[str, Any] = {"app": "threadline", "config": _RATE}
    mine = ratelimit.consume(request, action=action, **near)
    return not (mine and ratelimit.consume(request, action="survey_of", key=page.key, **near))


def _welcome(request: HttpRequest, page: _Page) -> HttpResponse:
    if not queries.takes(page.survey, rows.now().date()):
        return page.draw("closed")
    if request.method != "POST":
        return page.draw("welcome")
    sent = {name: request.POST.get(name, "") for name in ("agree", "segment", "email", "website", "opened")}
    if _limited(request, page, "survey_begin"):
        return page.draw("welcome", sent=sent, error="Too many began just now. Try again in a minute.", status=429)
    errors = _errors(page.survey, sent)
    if errors:
        return page.draw("welcome", sent=sent, errors=errors, status=422)
    token = taking.begin(page.survey, page.key, sent)
    return HttpResponseRedirect(f"{page.address}?a={token}", status=303)


def _errors(survey: Survey, sent: dict[str, str]) -> dict[str, str]:
    errors = {}
    if not sent["agree"]:
        errors["agree"] = "Nothing is kept unless you agree. You may close this page instead."
    email = sent["email"].strip()
    try:
        if email and survey.ask_email:
            validate_email(email)
    except ValidationError:
        errors["email"] = "This is not an e-mail address. It may be left blank."
    if sent["segment"] and sent["segment"] not in asked.segments(survey.segments):
        errors["segment"] = "Choose one of these, or none."
    return errors


def _answer(request: HttpRequest, page: _Page, sheet: SurveyAnswer) -> HttpResponse:
    step = _step(request.POST.get("n", ""), sheet)
    if page.survey.method in whole.METHODS:
        return _answer_whole(request, page, sheet)
    first, second = (request.POST.get(name, "")[:20] for name in ("first", "second"))
    if _limited(request, page, "survey"):
        return page.ask(sheet, step, (first, second), "Too many at once. Try again in a minute.", 429)
    said = queries.is_answer(page.survey.method, sheet.plan[step], first, second)
    if said is None:
        return page.ask(sheet, step, (first, second), _missing(page.survey.method, first, second), 422)
    taking.keep(sheet, step, said)
    return HttpResponseRedirect(page.at(min(step + 2, len(sheet.plan))), status=303)


def _answer_whole(request: HttpRequest, page: _Page, sheet: SurveyAnswer) -> HttpResponse:
    """All things at once: money within the purse, or a place for each."""
    items = asked.items(page.survey.items, page.survey.method)
    sent = {f"i{at}": request.POST.get(f"i{at}", "")[:20] for at in range(len(items))}
    if _limited(request, page, "survey"):
        return page.ask_whole(sheet, sent, "Too many at once. Try again in a minute.", 429)
    said, wrong = whole.read(page.survey.method, items, queries.purse_of(page.survey), sent)
    if said is None:
        return page.ask_whole(sheet, sent, wrong, 422)
    taking.keep(sheet, 0, said)
    return HttpResponseRedirect(page.at(1), status=303)


def _missing(method: str, first: str, second: str) -> str:
    if method == Method.MAXDIFF:
        if first and first == second:
            return "The same cannot be most and least important. Choose two."
        return "Choose one that matters most and one that matters least."
    return "Answer both questions, please."


class _Page:
    """The page of one survey, as one person sees it."""

    def __init__(self, survey: Survey, key: str, token: str) -> None:
        self.survey, self.key, self.token = survey, key, token
        self.address = f"/survey/{key}"

    def at(self, number: int) -> str:
        """The address of a question, counted from 1."""
        return f"{self.address}?a={self.token}&n={number}"

    def ask(
        self, sheet: SurveyAnswer, step: int, chosen: tuple[str, str] | None = None, error: str = "", status: int = 200
    ) -> HttpResponse:
        """One question."""
        if self.survey.method in whole.METHODS:
            return self.ask_whole(sheet, {}, error, status)
        items, plan = asked.items(self.survey.items, self.survey.method), sheet.plan[step]
        if chosen is None:
            known = sheet.said.get(str(step)) or ["", ""]
            chosen = (str(known[0]), str(known[1]))
        best = self.survey.method == Method.MAXDIFF
        return self.draw(
            "ask", error=error, status=status, action=f"{self.address}?a={self.token}", number=step + 1,
            of=len(sheet.plan), back=self.at(step) if step else "", chosen=chosen,
            item="" if best else items[plan].words,
            choices=[{"value": str(n), "words": items[n].words} for n in plan] if best else [],
            questions=[] if best else [
                {"name": name, "words": words, "answers": [{"value": str(v), "words": w} for v, w in answers]}
                for name, words, answers in QUESTIONS[Method(self.survey.method)]
            ],
        )  # fmt: skip

    def ask_whole(self, sheet: SurveyAnswer, sent: dict[str, str], error: str = "", status: int = 200) -> HttpResponse:
        """All things on one page, in this person's order."""
        items = asked.items(self.survey.items, self.survey.method)
        given = {at: sent.get(f"i{at}", "") for at in range(len(items))}
        lines = [
            {"name": f"i{at}", "words": items[at].words, "price": items[at].price, "value": given[at]}
            for at in sheet.plan[0]
        ]
        spent = sum(int(one) for one in given.values() if one.isascii() and one.isdigit())
        return self.draw(
            "ask", error=error, status=status, action=f"{self.address}?a={self.token}", number=1, of=1, back="",
            lines=lines, buys=self.survey.method == Method.BUYING, purse=queries.purse_of(self.survey), spent=spent,
            together=self.survey.players or whole.USUAL_PLAYERS,
        )  # fmt: skip

    def draw(self, part: str, *, status: int = 200, **context: Any) -> HttpResponse:
        """The page, with what its author wrote."""
        survey = self.survey
        said = {
            "title": survey.title, "part": part, "sent": {}, "errors": {}, "error": "", "action": self.address,
            "welcome": survey.welcome or asked.WELCOME, "consent": survey.consent or asked.CONSENT,
            "thanks": survey.thanks or asked.THANKS, "segments": asked.segments(survey.segments),
            "ask_email": survey.ask_email, "longest_email": LONGEST_EMAIL,
            "until": wording.on_day(survey.closes_on) if survey.closes_on else "",
            "opened": taking.stamp(self.key) if part == "welcome" else "",
        }  # fmt: skip
        answer = HttpResponse(templates().get_template("survey/outside.html").render(said | context), status=status)
        answer.headers["Content-Security-Policy"] = (
            "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self'; form-action 'self';"
            " base-uri 'none'; frame-ancestors 'none'"
        )
        answer.headers["Referrer-Policy"] = "no-referrer"
        answer.headers["X-Robots-Tag"] = "noindex"
        answer.headers["Cache-Control"] = "private, no-store"
        return answer
