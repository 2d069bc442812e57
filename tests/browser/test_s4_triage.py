"""S4 in a browser as one journey: a week's notes arrive, are judged by keyboard, counted and answered.

The notes are in ``s4_notes.csv``: who said it, what the product manager does with it (a feature, ``= 3`` for a repeat
of the note at that place, ``no``, or ``new: title``), how much it matters, and the words.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.signing import sign_in
from tests.browser.test_research import clean
from tests.browser.waiting import until
from threadline.exchange import carrying, uploads
from threadline.exchange.mapping import Mapping, Pair, from_json, overridden
from threadline.inbound.feedback import queries
from threadline.inbound.feedback.models import Account, Feedback
from threadline.kernel.access import NAMED
from threadline.kernel.links import Link
from threadline.kernel.testing import World

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FEATURES = {
    "export": ("Export the ledger as a spreadsheet", "Rows as CSV or Excel, for accountants and auditors."),
    "offline": (
        "Work without a connection",
        "Count stock offline in a cellar or tunnel; it syncs once there is signal.",
    ),
    "signon": ("Single sign-on with the company directory", "SAML and OIDC, so that leavers lose their login."),
    "remind": ("Remind customers before an appointment", "A text message or mail the day before a booking."),
    "dark": ("Dark colours", "A dark theme for screens that are looked at during the night shift."),
    "barcode": ("Scan barcodes with the camera", "Point the phone at the label of a shelf."),
}
# name, segment, what it pays in a year
ACCOUNTS = (
    ("Harbour Bikes", "small_business", 1_200), ("Nordlicht Foods", "mid_market", 18_000),
    ("Castle Dental", "mid_market", 14_000), ("Ostrava Tools", "enterprise", 90_000),
    ("Bright Kettle", "small_business", 900), ("Maison Verre", "small_business", 1_500),
    ("Tidewater Clinics", "enterprise", 120_000), ("Pinecone Toys", "small_business", 300),
    ("Quarry Lane", "small_business", 1_100), ("Lumen Print", "mid_market", 9_500),
    *((f"Silent workshop {n}", "small_business", 800) for n in range(1, 11)),
)  # fmt: skip
NO = "We keep to ledgers and appointments, so that those stay simple."
PRIVATE = "Our merger with Castle Dental closes in May; tell nobody. Until then we need single sign-on for both."
CHATS = (
    ("Harbour Bikes", "export", 1, "Ana: can I get the ledger as a spreadsheet?\nDesk: not yet, I pass it on."),
    ("Quarry Lane", "offline", 2, "Bo: the quarry has no signal, can I count stock without a connection?"),
    ("Pinecone Toys", "no", 0, "Cy: could a dragon cross the screen when a sale is made?"),
)
ROWS = list(csv.DictReader((Path(__file__).parent / "s4_notes.csv").read_text("utf-8").splitlines()))
COUNT = len(ROWS) + 5  # and three chats, a mail and the private note


def forwarded() -> bytes:
    """What support forwards: a colleague's mail, and the customer's words below."""
    made = EmailMessage()
    made["From"], made["To"] = "Cora Contributor <contributor@north.example>", "notes@north.example"
    made["Subject"], made["Message-ID"] = "Fwd: Reminders", "<fwd-1@north.example>"
    made["Date"] = "Mon, 23 Nov 2026 10:00:00 +0000"
    made.set_content(
        "She is about to cancel.\n\n---------- Forwarded message ---------\n"
        "From: Dr Ines Vale <ines@tidewater.example>\nDate: Sun, 22 Nov 2026 at 18:02\nSubject: Reminders\n"
        "To: support@north.example\n\n"
        "Remind our customers before each appointment by text message, or we look elsewhere.\n"
    )
    return made.as_bytes()


@pytest.fixture
def keys(world: World) -> dict[str, str]:
    """Six features, twenty accounts, a source for mails, and most of the week's notes, imported; keys by name."""
    found = {name: world.make("feature", title=t, body=b).key for name, (t, b) in FEATURES.items()}
    for name, segment, pays in ACCOUNTS:
        domain = "tidewater.example" if name.startswith("Tidewater") else None
        made = world.make("account", title=name, segment=segment, annual_revenue=pays, domain=domain)
        found[name] = made.key
    world.make("contact", title="Dr Ines Vale", email="ines@tidewater.example", account=found["Tidewater Clinics"])
    world.make("feedback_source", title="Help desk")
    lines = [["text", "customer", "heard", "likes"]]
    # The latest stands first in the inbox: what is repeated must have been said before its repeat is read.
    lines += [[r["text"], r["customer"], f"2026-10-{1 + n // 3:02}", "4"] for n, r in enumerate(reversed(ROWS))]
    sheet = "\n".join(",".join(f'"{cell}"' for cell in line) for line in lines).encode()
    run = uploads.take_in(world.pm, "feedback", "help desk", "week.csv", iter([sheet]))
    pairs = (Pair("text", "body"), Pair("customer", "account"), Pair("heard", "received_on"), Pair("likes", "votes"))
    carrying.choose(world.pm, run, overridden(from_json(run.mapping), Mapping(pairs)))
    carrying.check(world.pm, run)
    carrying.bring_in(world.pm, run, skip_bad=False)
    assert Feedback.objects.count() == len(ROWS)
    return found


@pytest.fixture
def support(browser: Browser, live_server: LiveServer, world: World) -> Iterator[Page]:
    """The support agent's own browser."""
    context = browser.new_context()
    page = context.new_page()
    sign_in(page, live_server, world.user("contributor").email)
    yield page
    context.close()


def test_a_week_of_notes(
    page: Page, support: Page, browser: Browser, live_server: LiveServer, world: World, keys: dict[str, str]
) -> None:
    at = f"{live_server.url}/w/north"
    bring_in(support, at, keys)
    private = world.make("feedback", body=PRIVATE, account=keys["Tidewater Clinics"], confidentiality=NAMED)

    sign_in(page, live_server, world.user("product_manager").email)
    page.goto(f"{at}/feedback/inbox")
    expect(page.locator("[data-left]")).to_have_text(f"{COUNT} to triage")
    presses = Desk(page, keys).clear()
    assert presses <= 3 * COUNT
    check_what_came_of_it()
    check_demand(page, at, keys)
    check_answers(page, browser, live_server)
    check_private(support, browser, live_server, private)


def bring_in(page: Page, at: str, keys: dict[str, str]) -> None:
    """Support forwards a mail and pastes chats."""
    page.goto(f"{at}/feedback/mail")
    page.set_input_files("[name=mails]", {"name": "1.eml", "mimeType": "message/rfc822", "buffer": forwarded()})
    page.get_by_role("button", name="Bring them in").click()
    expect(page.locator("body")).to_contain_text("1 mail taken in.")
    for customer, _, _, words in CHATS:
        page.goto(f"{at}/feedback/new")
        page.fill("#id_body", words)
        page.select_option("#id_channel", "support")
        page.fill("#id_account", keys[customer])
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator("#main")).to_contain_text(words.splitlines()[0])
    mail = Feedback.objects.get(title="Reminders")
    assert (mail.account and mail.account.title, mail.channel) == ("Tidewater Clinics", "email")
    assert mail.reported_by is not None, "support speaks for the customer"


class Desk:
    """A product manager who knows what each note is about and reads where the offers stand."""

    def __init__(self, page: Page, keys: dict[str, str]) -> None:
        self.page, self.keys, self.presses = page, keys, 0
        self.plans: dict[str, tuple[str, int]] = {r["text"]: (r["do"], int(r["weight"])) for r in ROWS}
        self.plans |= {words: (do, weight) for _, do, weight, words in CHATS}
        self.plans |= {PRIVATE: ("signon", 3), Feedback.objects.get(title="Reminders").body: ("remind", 3)}
        self.undone = False

    def press(self, *pressed: str) -> None:
        for one in pressed:
            self.page.keyboard.press(one)
            self.presses += 1

    def clear(self) -> int:
        """Judge note after note until nothing waits."""
        for left in range(COUNT, 0, -1):
            expect(self.page.locator("[data-left]")).to_have_text(f"{left} to triage")
            key = self.page.locator("[data-at]").get_attribute("data-at") or ""
            note = Feedback.objects.get(number=int(key.removeprefix("N-")))
            self.judge(*self.plans[note.body])
            after = self.page.locator(f"[data-at='{key}']")
            expect(after).to_have_count(0)
            if left == COUNT - 5 and not self.undone:
                self.take_back(key, left)
                self.judge(*self.plans[note.body])
                expect(after).to_have_count(0)
        expect(self.page.locator("[data-note] .empty h2")).to_have_text("Everything is read")
        until(self.page, lambda: not Feedback.objects.filter(state="new").exists())
        return self.presses

    def take_back(self, key: str, left: int) -> None:
        """The last answer was a slip."""
        self.undone = True
        self.press("u")
        expect(self.page.locator(f"[data-at='{key}']")).to_have_count(1)
        expect(self.page.locator("[data-left]")).to_have_text(f"{left} to triage")

    def judge(self, do: str, weight: int) -> None:
        if do.startswith("="):
            first = self.page.locator(".judging .sugg[name=into]").first
            said = ROWS[int(do.removeprefix("= "))]["text"]
            if Feedback.objects.get(body=said).key in (first.get_attribute("value") or ""):
                return self.press("m")
            raise AssertionError(f"not offered as a repeat: {said}")
        if do == "no":
            self.press("d")
            reasons = self.page.locator("[data-reason]").count()
            expect(self.page.locator("[name=reason]")).to_be_focused()
            if reasons:
                return self.press("1", "Enter")
            self.page.keyboard.type(NO)
            return self.press("Enter")
        if do.startswith("new: "):
            self.press("n")
            expect(self.page.locator("[data-triage=make] [name=title]")).to_be_focused()
            self.press("ControlOrMeta+a")
            self.page.keyboard.type(do.removeprefix("new: "))
            return self.press("Enter")
        return self.link(do, weight)

    def link(self, do: str, weight: int) -> None:
        self.press(*("i" * weight))
        offers = self.page.locator(".judging .offers .sugg[name=feature]")
        wanted = self.keys.get(do)
        values = [one.get_attribute("value") for one in offers.all()]
        if wanted is not None and wanted in values:
            place = values.index(wanted)
            return self.press("Enter" if place == 0 else str(place + 1))
        self.press("f")
        self.page.keyboard.type(FEATURES[do][0] if do in FEATURES else do)
        expect(self.page.locator("[data-found] .sugg").first).to_contain_text(FEATURES.get(do, (do,))[0])
        return self.press("Enter")


def check_what_came_of_it() -> None:
    """Each note is where the product manager put it, with how much it matters."""
    for row in ROWS:
        note, do = Feedback.objects.get(body=row["text"]), row["do"]
        if do == "no":
            assert (note.state, note.declined_reason) == ("declined", NO)
        elif do.startswith("="):
            assert note.merged_into == Feedback.objects.get(body=ROWS[int(do[2:])]["text"]), row["text"]
        else:
            link = Link.objects.get(target_id=note.pk, kind=queries.EVIDENCE)
            title = FEATURES[do][0] if do in FEATURES else do.removeprefix("new: ")
            assert (link.source.title, note.state) == (title, "linked"), row["text"]
            if not do.startswith("new: "):
                assert link.weight == int(row["weight"]), row["text"]


def asking_for(name: str) -> list[str]:
    """Who said what is about a feature, repeats included, one a note."""
    about = [(r["customer"], ROWS[int(r["do"][2:])]["do"] if r["do"].startswith("=") else r["do"]) for r in ROWS]
    return [customer for customer, do in about if do == name]


def check_demand(page: Page, at: str, keys: dict[str, str]) -> None:
    """Nobody's voice is lost or counted twice in merging; who asks is shown beside who the customers are."""
    said = asking_for("export")
    mine = {*said, "Harbour Bikes"}  # who wrote a chat as well
    page.goto(f"{at}/{keys['export']}")
    section = page.locator("section[aria-labelledby=demand]")
    expect(section).to_be_visible()
    figures = {
        d.locator("dt").text_content(): d.locator("dd").text_content() or "" for d in section.locator("dl > div").all()
    }
    pays = sum(account.annual_revenue or 0 for account in Account.objects.filter(title__in=mine))
    assert figures["Customers"] == str(len(mine))
    assert figures["Notes"] == str(len(said) + 1)
    assert figures["Votes elsewhere"] == str(4 * len(said)), "votes survive the merges"
    assert figures["Accounts"] == f"{len(mine)} of {len(ACCOUNTS)}"
    assert str(pays) in "".join(filter(str.isdigit, figures["Annual revenue"]))
    expect(section).to_contain_text("deal-breaker")
    section.get_by_text("The numbers by segment").click()
    expect(section.get_by_role("row", name="Enterprise")).to_contain_text("2 of 2")
    expect(section.get_by_role("row", name="Small business")).to_contain_text("of 15")


def follow(page: Page, at: str, note: Feedback) -> str:
    """The product manager makes an address for whoever said it."""
    page.goto(f"{at}/{note.key}")
    page.locator("section[aria-labelledby=followed]").get_by_role("button", name="Let them follow it").click()
    return (page.locator("[data-follow]").get_attribute("href") or "").rpartition("/note/")[2]


def check_answers(page: Page, browser: Browser, server: LiveServer) -> None:
    """Whoever asked reads, without an account, where it stands and why not; and nobody else's words."""
    at = f"{server.url}/w/north"
    declined = Feedback.objects.get(body=next(r["text"] for r in ROWS if r["do"] == "no"))
    repeat = Feedback.objects.get(body=next(r["text"] for r in ROWS if r["do"].startswith("=")))
    stands = {declined: ("Not planned", NO), repeat: ("Considered", "")}
    context = browser.new_context()
    outside = context.new_page()
    for note, (state, reason) in stands.items():
        key = follow(page, at, note)
        outside.goto(f"{server.url}/note/{key}")
        expect(outside.locator("main")).to_contain_text(state)
        expect(outside.locator("main")).to_contain_text(note.body)
        expect(outside.locator("main")).to_contain_text(reason)
        clean(outside)
        text = outside.content()
        others = [f.body for f in Feedback.objects.exclude(pk=note.pk)]
        for secret in (*others, *(name for name, _, _ in ACCOUNTS), *(t for t, _ in FEATURES.values()), note.key):
            assert secret not in text, secret
    context.close()


def check_private(colleague: Page, browser: Browser, server: LiveServer, note: Feedback) -> None:
    """A note for named people is seen by no other colleague, and by nobody outside."""
    at = f"{server.url}/w/north"
    answer = colleague.goto(f"{at}/{note.key}")
    assert answer is not None
    assert answer.status == 404
    signon = Feedback.objects.filter(body__contains="Is OIDC").get()
    feature = Link.objects.get(target_id=signon.pk, kind=queries.EVIDENCE).source
    for place in ("feedback/", "feedback/inbox", "search?q=merger", feature.key, "accounts/", "feedback/themes", ""):
        colleague.goto(f"{at}/{place}")
        assert "merger" not in colleague.locator("#main").inner_text(), place
    assert feature.key
    context = browser.new_context()
    outside = context.new_page()
    outside.goto(f"{at}/{note.key}")
    assert "/accounts/login" in outside.url
    context.close()
