"""Mails: notes of what their writers added, follow-ups where they answer, apart where something is wrong."""

from __future__ import annotations

import time
from email.message import EmailMessage
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from threadline.formats.mail import read_mail
from threadline.formats.refusal import Unreadable
from threadline.inbound.feedback.models import Feedback
from threadline.inbound.intake import letters, queries, rules, sealing
from threadline.inbound.intake.models import Delivery, FeedbackSource, KeptMail
from threadline.kernel import verbs
from threadline.kernel.comments import Comment
from threadline.kernel.errors import Invalid
from threadline.kernel.files import Attachment
from threadline.kernel.testing import World

QUOTED = "The export stops at 1,000 rows.\n\nOn Mon, 2 Nov 2026, Desk wrote:\n> How is it?\n\n-- \nAna\nAcme"


def mail(
    ident: str, text: str, *, subject: str = "Export", sender: str = "Ana <ana@acme.example>", **heads: str
) -> bytes:
    """A mail as it comes over the wire."""
    made = EmailMessage()
    more = {name.replace("_", "-"): value for name, value in heads.items()}
    plain = {"From": sender, "Subject": subject, "Message-ID": f"<{ident}@acme.example>"}
    for name, value in {**plain, "Date": "Tue, 03 Nov 2026 10:00:00 +0100", **more}.items():
        made[name] = value
    made.set_content(text)
    return made.as_bytes().replace(b"\n", b"\r\n")


@pytest.fixture
def source(world: World) -> FeedbackSource:
    made = verbs.create(world.pm, "feedback_source", {"title": "Help desk"})
    assert isinstance(made, FeedbackSource)
    return made


def take(source: FeedbackSource, raw: bytes, **other: Any) -> Delivery:
    intake = queries.intake_of(source)
    return letters.take_letter(intake, letters.read(intake, raw), **other)


def test_a_mail_is_a_note_of_what_was_added_and_kept_whole(world: World, source: FeedbackSource) -> None:
    acme = world.make("account", title="Acme", domain="acme.example")
    ana = world.make("contact", title="Ana", email="ana@acme.example", account=acme.pk)
    made = take(source, mail("1", QUOTED, subject="Re: Export"))
    note = Feedback.objects.get()
    assert (note.title, note.body) == ("Export", "The export stops at 1,000 rows.")
    assert (note.contact_id, note.account_id, note.channel) == (ana.pk, acme.pk, "email")
    assert str(note.received_on) == "2026-11-03"
    kept = KeptMail.objects.get()
    assert "How is it?" in kept.said
    assert "ana@acme.example" in kept.said
    assert (kept.delivery_id, made.outcome) == (made.pk, "taken")


def test_the_same_mail_comes_once_whichever_way(world: World, source: FeedbackSource) -> None:
    first = take(source, mail("1", "Once."))
    again = take(source, mail("1", "Once.", Received="from elsewhere by another way"), actor=world.pm)
    assert first.pk == again.pk
    assert Feedback.objects.count() == 1


def test_an_id_with_other_words_waits_apart(source: FeedbackSource) -> None:
    """F4: whoever learns or guesses an id can neither overwrite nor silence the mail that has it."""
    take(source, mail("1", "Once."))
    take(source, mail("1", "Other words."))
    take(source, mail("1", "Other words."))
    assert sorted(Feedback.objects.values_list("body", "state")) == [("Once.", "new"), ("Other words.", "held")]


def test_an_answer_follows_up_the_note_it_answers(world: World, source: FeedbackSource) -> None:
    take(source, mail("1", "The export stops."))
    take(source, mail("2", "Only in Firefox.\n\n> The export stops.", In_Reply_To="<1@acme.example>"))
    take(source, mail("3", "And Chrome.", References="<0@x.example> <1@acme.example> <2@acme.example>"))
    note = Feedback.objects.get()
    said = list(Comment.objects.filter(card_id=note.pk).order_by("created_at").values_list("body", flat=True))
    assert len(said) == 2
    assert said[0].endswith("Only in Firefox.")
    assert said[1].endswith("And Chrome.")
    assert "acme" not in "".join(said)  # who wrote is private
    assert KeptMail.objects.filter(note_id=note.pk).count() == 3


def test_an_answer_to_what_other_sources_brought_is_a_note_of_its_own(world: World, source: FeedbackSource) -> None:
    other = verbs.create(world.pm, "feedback_source", {"title": "Other"})
    assert isinstance(other, FeedbackSource)
    take(other, mail("1", "The export stops."))
    take(source, mail("2", "I answer.", In_Reply_To="<1@acme.example>"))
    assert Feedback.objects.count() == 2


def test_a_forwarded_mail_is_the_customers_and_the_colleagues_remark_stands_beside(
    world: World, source: FeedbackSource
) -> None:
    acme = world.make("account", title="Acme", domain="acme.example")
    colleague = world.member("contributor")
    text = (
        "They are about to leave.\n\n---------- Forwarded message ---------\nFrom: Ana <ana@acme.example>\n"
        "Date: Mon, 2 Nov 2026\nSubject: Export\nTo: <us@k.example>\n\nThe export stops.\n\n-- \nAna"
    )
    take(source, mail("1", text, subject="Fwd: Export", sender="Cora <contributor@north.example>"), actor=world.pm)
    note = Feedback.objects.get()
    assert (note.body, note.author, note.account_id) == ("The export stops.", "Ana", acme.pk)
    assert note.reported_by_id == colleague.pk
    assert [c.body for c in Comment.objects.all()] == ["They are about to leave."]


FORGED = [
    {"Authentication_Results": "mx.k.example; spf=fail; dmarc=fail header.from=acme.example"},
    {"Authentication_Results": "mx.k.example; spf=softfail; dkim=none"},
    {"sender": "contributor@north.example"},
    {"sender": "contributor@north.example", "Authentication_Results": "mx.k.example; dmarc=none"},
    {"sender": "Ana <ana@acme.example>, boss@north.example"},
    {"sender": "undisclosed"},
]


@pytest.mark.parametrize("heads", FORGED, ids=repr)
def test_a_forged_sender_waits_apart(world: World, source: FeedbackSource, heads: dict[str, str]) -> None:
    """F4: a sender whom the server doubts, or a colleague whom nothing proves, is no note that counts."""
    world.member("contributor")
    take(source, mail("1", "The export stops."))
    take(source, mail("2", "Pay this bill.", In_Reply_To="<1@acme.example>", **heads))
    bad = Feedback.objects.get(body="Pay this bill.")
    assert bad.state == "held"
    assert bad.reported_by_id is None or bad.state == "held"
    assert not Comment.objects.exists()  # never a follow-up


def test_only_the_named_server_vouches(world: World, source: FeedbackSource) -> None:
    """F4: a sender's own Authentication-Results prove nothing where a server is named."""
    world.member("contributor")
    verbs.update(world.pm, "feedback_source", source.key, {"vouching": "mx.k.example"})
    source.refresh_from_db()
    who = {"sender": "contributor@north.example"}
    take(source, mail("1", "A", Authentication_Results="evil.example; dmarc=pass", **who))
    take(source, mail("2", "B", Authentication_Results="mx.k.example; dmarc=pass", **who))
    assert sorted(Feedback.objects.values_list("body", "state")) == [("A", "held"), ("B", "new")]


@pytest.mark.parametrize(
    "heads",
    [{"Auto_Submitted": "auto-replied"}, {"Precedence": "bulk"}, {"List_Id": "<x.example>"}, {"X_Autoreply": "yes"},
     {"Return_Path": "<>"}, {"sender": "MAILER-DAEMON@acme.example"}],
    ids=repr,
)  # fmt: skip
def test_machines_wait_apart_and_are_never_answered(
    source: FeedbackSource, heads: dict[str, str], mailoutbox: list[Any]
) -> None:
    """F4: an automatic answer becomes no follow-up, and nothing is sent, so no loop begins."""
    take(source, mail("1", "The export stops."))
    for n in range(3):
        take(source, mail(f"a{n}", "I am away.", In_Reply_To="<1@acme.example>", **heads), held="")
    assert Feedback.objects.filter(state="held").count() == 3
    assert not Comment.objects.exists()
    assert mailoutbox == []


def test_words_of_a_mail_cite_mention_and_load_nothing(world: World, source: FeedbackSource) -> None:
    """C6, C7: the markup of a mail is never kept; its pictures are not fetched."""
    html = '<p>See [[F-1]] @petra <img src="https://evil.example/p.gif"><script>alert(1)</script> **x** 3 &lt; 4</p>'
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "a@b.example", "x", "<9@b.example>"
    made.set_content(html, subtype="html")
    take(source, made.as_bytes())
    body = Feedback.objects.get().body
    assert body == "See \\[\\[F-1\\]\\] \\@petra \\*\\*x\\*\\* 3 \\< 4"


def with_files(*files: tuple[str, str, bytes]) -> bytes:
    made = EmailMessage()
    made["From"], made["Subject"], made["Message-ID"] = "Ana <ana@acme.example>", "Files", "<f@acme.example>"
    made.set_content("See below.")
    for name, kind, content in files:
        main, _, sub = kind.partition("/")
        made.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return made.as_bytes()


@pytest.mark.weighty
def test_files_come_along_within_limits(world: World, source: FeedbackSource) -> None:
    big = b"x" * (letters.LARGEST_FILE + 1)
    raw = with_files(
        ("log.txt", "text/plain", b"lines"), ("../../etc/passwd", "text/plain", b"y"), ("big.bin", "a/b", big)
    )
    made = take(source, raw)
    assert sorted(Attachment.objects.values_list("name", flat=True)) == ["log.txt", "passwd"]
    assert "big.bin" in made.because
    take(source, raw)
    assert Attachment.objects.count() == 2


def test_a_picture_that_is_no_picture_is_left_out_and_said(source: FeedbackSource) -> None:
    """E8: a bomb with a mail is refused, and the note comes without it."""
    bomb = b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + (50_000).to_bytes(4) * 2 + b"\x08\x02\0\0\0" + b"crc!"
    made = take(source, with_files(("shot.png", "image/png", bomb)))
    assert not Attachment.objects.exists()
    assert "50,000 by 50,000" in made.because


def test_a_calendar_with_a_mail_is_a_file_and_never_expanded(source: FeedbackSource) -> None:
    """E12: a meeting that repeats every second for ten thousand years is bytes to download."""
    calendar = b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nRRULE:FREQ=SECONDLY;UNTIL=99991231T000000Z\r\nEND:VEVENT\r\n"
    take(source, with_files(("invite.ics", "text/calendar", calendar)))
    kept = Attachment.objects.get()
    assert (kept.name, kept.content_type, kept.size) == ("invite.ics", "application/octet-stream", len(calendar))


def test_by_upload(world: World, source: FeedbackSource, client: Client) -> None:
    client.force_login(world.user("product_manager"))
    files = [SimpleUploadedFile("a.eml", mail("1", "One.")), SimpleUploadedFile("b.eml", mail("2", "Two.")),
             SimpleUploadedFile("c.eml", b"nothing\n\n")]  # fmt: skip
    answer = client.post("/w/north/feedback/mail", {"source": source.key, "mails": files}, follow=True)
    page = answer.content.decode()
    assert "2 mails taken in" in page
    assert "c.eml" in page
    note = Feedback.objects.get(body="One.")
    assert "One." in client.get(f"/w/north/{note.key}/mail").content.decode()
    client.force_login(world.user("viewer"))
    assert client.get("/w/north/feedback/mail").status_code == 403
    assert client.get(f"/w/north/{note.key}/mail").status_code == 403  # addresses are private


def test_support_brings_mails_in_without_the_names_they_may_not_write(world: World, source: FeedbackSource) -> None:
    made = take(source, mail("1", "From support."), actor=world.actor("contributor"))
    note = Feedback.objects.get()
    assert (note.pk, note.body, note.author) == (made.note_id, "From support.", "")
    assert "ana@acme.example" in KeptMail.objects.get().said


def test_by_signed_webhook(world: World, source: FeedbackSource) -> None:
    _, secret = rules.rotate(world.pm, source.key)
    key, raw, at = queries.intake_of(source).key, mail("1", "Posted."), str(int(time.time()))
    send = lambda signature: Client().post(  # noqa: E731
        f"/in/{key}", raw, content_type="message/rfc822",
        headers={"webhook-id": "m1", "webhook-timestamp": at, "webhook-signature": signature},
    )  # fmt: skip
    assert send("v1,AAAA").status_code == 401
    assert send(sealing.signature(secret, "m1", at, raw)).status_code == 200
    assert Feedback.objects.get().body == "Posted."


def test_by_verb(world: World, source: FeedbackSource) -> None:
    letters.take_in_mail(world.pm, feedback_source=source.key, mail=mail("1", "Pasted.").decode())
    assert Feedback.objects.get().body == "Pasted."
    with pytest.raises(Invalid):
        letters.take_in_mail(world.pm, feedback_source=source.key, mail="hello")


def test_too_much_of_a_mail_is_refused() -> None:
    """F4: size, parts and nesting are counted before anything is parsed."""
    head = b"From: a@b.example\nSubject: x\n"
    with pytest.raises(Unreadable, match="too large"):
        read_mail(head + b"\n" + b"x" * (30 * 1024 * 1024))
    nested = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(200))
    rules_alone = b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\n" * 50_000
    for bad in (rules_alone, b"Content-Type: text/x\n" * 400, nested):
        with pytest.raises(Unreadable, match="too many parts"):
            read_mail(head + bad)
