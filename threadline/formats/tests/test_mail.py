"""Mails read: heads in odd codings, text out of markup, what is quoted left out, and nothing takes long."""

from __future__ import annotations

import pytest

from threadline.formats.mail import read_mail, sender
from threadline.formats.mailtext import cut, forwarded_in, subject_of, words_of_html
from threadline.formats.refusal import Unreadable

HEAD = b"From: a@b.example\nSubject: x\nDate: Tue, 3 Nov 2026 10:00:00 +0100\n"
N = 100_000


def test_a_head_in_any_coding_is_read() -> None:
    raw = (
        b"From: =?iso-8859-1?q?Ana_L=F3pez?= <Ana@Acme.Example>\n"
        b"Subject: =?utf-8?b?RXhwb3J0IGl0?=\n =?utf-8?q?_stops?=\n"
        b"Message-ID: <1@acme.example>\nReferences: <a@x> <b@x>\nIn-Reply-To: <b@x>\n"
        b"Date: Tue, 3 Nov 2026 10:00:00 +0100\n\nHi"
    )
    letter = read_mail(raw)
    assert (letter.name, letter.address) == ("Ana López", "ana@acme.example")
    assert letter.subject == "Export it stops"
    assert (letter.ident, letter.answers) == ("1@acme.example", ("b@x", "a@x"))
    assert letter.sent_at is not None
    assert letter.sent_at.isoformat() == "2026-11-03T09:00:00+00:00"


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("Ana <ana@acme.example>", ("Ana", "ana@acme.example")),
        ('"Lopez, Ana" <ana@acme.example>', ("Lopez, Ana", "ana@acme.example")),
        ("ana@acme.example", ("", "ana@acme.example")),
        ("boss@north.example <evil@evil.example>", ("boss@north.example", "evil@evil.example")),
        ("nobody", ("nobody", "")),
    ],
)
def test_senders(said: str, found: tuple[str, str]) -> None:
    assert sender(said) == found


@pytest.mark.parametrize(
    "charset", ["utf-8", "windows-1252", "utf-16", "no-such", "punycode", "rot13", "unicode_escape"]
)
def test_writing_of_any_name_is_read_or_guessed(charset: str) -> None:
    words = "Vorgänge" if charset in ("utf-8", "windows-1252", "utf-16") else "plain"
    content = words.encode(charset if words != "plain" else "ascii")
    assert read_mail(HEAD + f"Content-Type: text/plain; charset={charset}\n\n".encode() + content).text == words


QUOTES = [
    "My answer.\n\nOn Mon, 2 Nov 2026 at 09:00, Desk <d@k.example> wrote:\n> How?\n> Why?",
    "My answer.\n\nOn Mon, 2 Nov 2026 at 09:00, Desk\n<d@k.example> wrote:\n\n> How?",
    "On Mon, 2 Nov 2026, Desk wrote:\n> How?\n\nMy answer.",
    "My answer.\n\nAm 02.11.2026 um 09:00 schrieb Desk <d@k.example>:\n> Wie?",
    "My answer.\n\nLe lun. 2 nov. 2026 à 09:00, Desk <d@k.example> a écrit :\n> Comment ?",
    "My answer.\n\n-----Original Message-----\nFrom: Desk\nSent: Monday\nTo: Ana\nSubject: Export\n\nHow?",
    "My answer.\n\n________\nFrom: Desk <d@k.example>\nSent: Monday\nTo: Ana\nSubject: x\n\nHow?",
    "My answer.\n\n-- \nAna\nAcme Ltd, 1 Road",
    "My answer.\n\nSent from my iPhone",
]


@pytest.mark.parametrize("whole", QUOTES, ids=lambda w: repr(w[12:40]))
def test_what_is_quoted_or_signed_is_left_out(whole: str) -> None:
    assert cut(whole) == "My answer."


@pytest.mark.parametrize(
    "whole",
    [
        "On Monday the export stopped.\nFrom: here it got worse.",
        "The table:\n\n-- a --\n-----\nb",
        "> only quoted",
        "On balance I like what Ana wrote:\nIt is good.",
    ],
)
def test_what_only_looks_like_it_stays(whole: str) -> None:
    assert cut(whole) == whole


def test_answers_between_quoted_lines_stay() -> None:
    assert cut("> How?\nBadly.\n> Why?\nBecause.") == "Badly.\nBecause."


def test_a_forwarded_mail_is_taken_apart() -> None:
    head = "From: Ana <ana@acme.example>\nSubject: Export\nDate: 2 Nov\nTo: us"
    whole = f"Look.\n\nBegin forwarded message:\n\n{head}\n\nIt stops.\n"
    found = forwarded_in(whole, "Fwd: Export")
    assert found is not None
    assert (found.sender, found.subject, found.text) == ("Ana <ana@acme.example>", "Export", "It stops.")
    assert found.said_above == "Look."
    assert forwarded_in("My answer.\n\n-----Original Message-----\nFrom: a\nTo: b\n\nx", "Re: Export") is None


def test_subjects_lose_their_signs() -> None:
    assert subject_of("Re: AW: Fwd: Re[2]: Export") == "Export"
    assert subject_of("Reports: slow") == "Reports: slow"


def test_words_out_of_markup() -> None:
    markup = (
        "<style>p{}</style><p>Hello &amp; <b>good</b>\nday</p><!-- x --><table><tr><td>a</td><td>b</td></tr></table>"
        "<script>alert(1)</script><blockquote>old <blockquote>older</blockquote></blockquote>3 < 4"
    )
    assert words_of_html(markup) == "Hello & good day\n\na b\n\n> old\n> > older\n\n3 < 4"


HOSTILE = {
    "quoted semicolons": HEAD + b'Content-Type: multipart/mixed; boundary="' + b";" * N + b'"\n\n',
    "coded words": b"From: " + b"=?" * (N // 2) + b"\nSubject: x\n\nx",
    "brackets": b"From: " + b"(" * N + b"\nSubject: x\n\nx",
    "at signs": b"From: " + b"a@" * (N // 2) + b"\nSubject: x\n\nx",
    "quotes": HEAD + b"\n" + b">\n" * (N // 2),
    "hyphens": HEAD + b"\n" + b"-" * N,
    "on on on": HEAD + b"\n" + b"On abcd wrote\n" * (N // 14),
    "from from": HEAD + b"\n" + b"From: a\n" * (N // 8),
    "divs": HEAD + b"Content-Type: text/html\n\n" + b"<div>" * (N // 5),
    "blockquotes": HEAD + b"Content-Type: text/html\n\n" + b"<blockquote>" * (N // 12) + b"x",
    "comments": HEAD + b"Content-Type: text/html\n\n" + b"<!--" * (N // 4),
    "signs": HEAD + b"Content-Type: text/html\n\n" + b"<" * N,
    "styles": HEAD + b"Content-Type: text/html\n\n" + b"<style>" * (N // 7),
    "references": HEAD + b"References: " + b"<" * N + b"\n\nx",
    "file names": HEAD + b"Content-Type: a/b; " + b"".join(b"name*%d*=a;" % n for n in range(N // 12)) + b"\n\nx",
    "punycode": HEAD + b"Content-Type: text/plain; charset=punycode\n\n" + b"a" * N,
    "heads": b"A: b\n" * (N // 5) + HEAD + b"\nx",
    "folds": HEAD + b"X: a\n" + b" b\n" * (N // 3) + b"\nx",
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_mail_is_read_or_refused(raw: bytes) -> None:
    """E9, F4: made to hurt readers of mail; each of these is read, or refused in words, at once."""
    try:
        came = read_mail(raw).whole[:1]
    except Unreadable as refused:
        came = str(refused)
    assert isinstance(came, str)


@pytest.mark.parametrize("raw", [b"", b"\n\n", b"hello", b"\xff\xfe", b"a" * 1_000])
def test_what_is_no_mail_is_refused(raw: bytes) -> None:
    with pytest.raises(Unreadable):
        read_mail(raw)
