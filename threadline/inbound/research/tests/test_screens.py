"""The pages of research, for those who may and for those who may not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from threadline.formats import refi
from threadline.house import filing
from threadline.inbound.research import carrying, consenting, highlighting, redacting, transcribing
from threadline.inbound.research.listeners import bring
from threadline.inbound.research.models import Highlight, Interview, Transcript
from threadline.kernel import verbs
from threadline.kernel.access import NAMED
from threadline.kernel.actions import through_door
from threadline.kernel.jobs import Job
from threadline.kernel.testing import World, fresh
from threadline.kernel.work import Cancelled

WORDS = "the ferry had no connection at all"
TURNS = [
    {"s": "Mira", "a": 0, "b": 900, "t": "Where were you?"},
    {"s": "P7", "a": 1_000, "b": 9_000, "t": f"I swear {WORDS}. Ask kaisa@post.example."},
]


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: LazySettings) -> None:
    """Files go to a folder of the test."""
    settings.DATA_DIR = tmp_path


def client(world: World, role: str = "product_manager", slug: str = "north") -> Client:
    """Somebody signed in."""
    made = Client()
    made.force_login(world.user(role, slug), backend="django.contrib.auth.backends.ModelBackend")
    return made


def held(world: World, **values: Any) -> tuple[Any, Interview, Highlight]:
    """A study with one talk and one highlight."""
    study = world.make("study", title="On the way")
    person = world.make("participant", title="P7")
    world.make("consent", participant=str(person.pk), take_part=True, recording=True, quote_anonymous=True)
    talk = world.make("interview", title="P7", study=str(study.pk), participant=str(person.pk), **values)
    through_door(world.pm, "t", lambda door: transcribing.set_transcript(door, talk, TURNS, source="", because="t"))
    made = highlighting.highlight_words(world.pm, interview=talk.pk, quote=WORDS, codes=["=offline"])
    return study, fresh(talk), made


PLACES = ("{talk}", "{talk}/read", "{talk}/read?marks=1", "{talk}/transcript", "{talk}/redact", "{talk}/mend?turn=1",
          "{study}", "{study}/board", "{study}/give", "{study}/give?as=csv", "{study}/give?as=md",
          "{study}/give?as=qdpx",
          "{study}/give?as=qdc", "{study}/bring", "{mark}")  # fmt: skip


@pytest.mark.parametrize("place", PLACES)
def test_each_page_is_there_for_its_company_and_for_no_other(world: World, place: str) -> None:
    study, talk, mark = held(world)
    address = "/w/north/" + place.format(talk=talk.key, study=study.key, mark=mark.key)
    assert client(world).get(address).status_code == 200
    assert client(world, slug="south").get(address).status_code == 404
    theirs = address.replace("/north/", "/south/")
    assert client(world, slug="south").get(theirs).status_code == 404


def test_a_talk_for_named_people_is_on_no_page_of_others(world: World) -> None:
    study, talk, mark = held(world, confidentiality=NAMED)
    viewer = client(world, "viewer")
    for place in PLACES[:6] + PLACES[-1:]:
        where = "/w/north/" + place.format(talk=talk.key, study=study.key, mark=mark.key)
        assert viewer.get(where).status_code == 404
    for place in PLACES[6:13]:
        answer = viewer.get("/w/north/" + place.format(study=study.key))
        assert WORDS.encode() not in b"".join(answer)


def test_whoever_may_only_read_marks_nothing(world: World) -> None:
    _, talk, _ = held(world)
    viewer = client(world, "viewer")
    assert b"Highlight by typing" not in viewer.get(f"/w/north/{talk.key}/read").content
    answer = viewer.post(f"/w/north/{talk.key}/read", {"act": "highlight", "quote": WORDS})
    assert answer.status_code == 403
    assert Highlight.objects.count() == 1


def test_scripts_in_what_was_said_are_words(world: World) -> None:
    """C3, C6."""
    talk = world.make("interview", title="<b>P8</b>")
    turns = [{"s": "<i>P8</i>", "a": None, "b": None, "t": "<script>alert(1)</script> and so on"}]
    through_door(world.pm, "t", lambda door: transcribing.set_transcript(door, talk, turns, source="", because="t"))
    highlighting.highlight_words(world.pm, interview=talk.pk, quote="<script>alert(1)</script>", codes=["<img src=x>"])
    for place in ("read", "read?marks=1", "redact"):
        page = client(world).get(f"/w/north/{talk.key}/{place}").content.decode()
        assert "<script>alert" not in page
        assert "<img src=x>" not in page
        assert "<i>P8" not in page


def test_tables_keep_formulas_from_waking_up(world: World) -> None:
    """E5."""
    study, _, _ = held(world)
    told = client(world).get(f"/w/north/{study.key}/give?as=csv").content.decode("utf-8-sig")
    assert WORDS in told
    assert ",'=offline," in told


def test_what_leaves_the_company_needs_consent_to_it(world: World) -> None:
    study, _, _ = held(world)
    for way in ("csv", "md"):
        assert WORDS.encode() in client(world).get(f"/w/north/{study.key}/give?as={way}").content
        assert WORDS.encode() not in client(world).get(f"/w/north/{study.key}/give?as={way}&for=outside").content


def test_a_transcript_is_brought_in_and_a_bad_one_says_why(world: World) -> None:
    talk = world.make("interview")
    where = f"/w/north/{talk.key}/transcript"
    bad = client(world).post(where, {"file": SimpleUploadedFile("a.docx", b"PK\x03\x04 broken")})
    assert bad.status_code == 422
    assert b"damaged" in bad.content
    good = client(world).post(
        where, {"file": SimpleUploadedFile("../../a.txt", b"Mira: Why?\nP7: Because.\nMira: Oh.")}
    )
    assert good.status_code == 303
    assert (fresh(talk).turns, fresh(talk).state) == (3, "held")


def test_redaction_takes_what_was_ticked(world: World) -> None:
    _, talk, _ = held(world)
    page = client(world).get(f"/w/north/{talk.key}/redact").content.decode()
    assert "kaisa@post.example" in page
    ident = page.split('name="take" value="')[1].split('"')[0]
    assert client(world).post(f"/w/north/{talk.key}/redact", {"take": ident}).status_code == 303
    assert "kaisa" not in client(world).get(f"/w/north/{talk.key}/read").content.decode()
    redacting.restore_redacted(world.pm, interview=talk.pk)
    assert "kaisa" in client(world).get(f"/w/north/{talk.key}/read").content.decode()


def test_a_recording_is_given_in_parts_and_not_without_consent(world: World) -> None:
    _, talk, _ = held(world)
    filing.attach(world.pm, talk.pk, "talk.mp3", [bytes(range(200))])
    where = f"/w/north/{talk.key}/media"
    part = client(world).get(where, headers={"range": "bytes=10-19"})
    assert (part.status_code, b"".join(part), part["Content-Range"]) == (206, bytes(range(10, 20)), "bytes 10-19/200")
    assert client(world, slug="south").get(where).status_code == 404
    consent = talk.participant.consents.get()  # type: ignore[union-attr]
    consenting.withdraw_consent(world.pm, consent=consent.pk, scopes=["recording"])
    assert client(world).get(where).status_code == 404
    assert filing.files_of(world.pm, verbs.card(world.pm, talk.pk)) == []


def test_a_project_comes_in_as_a_job_that_can_be_stopped(world: World) -> None:
    study, _, _ = held(world)
    data = refi.write_project(carrying.as_project(world.pm, study))
    other = world.make("study")
    where = f"/w/north/{other.key}/bring"
    assert client(world, "contributor").get(where).status_code == 403
    answer = client(world).post(where, {"file": SimpleUploadedFile("p.qdpx", data)})
    job = Job.objects.get(name="research.bring")
    assert answer["Location"].endswith(f"?job={job.pk}")
    assert b"Waiting for its turn" in client(world).get(answer["Location"]).content
    assert client(world, "contributor").get(answer["Location"]).status_code == 403
    done = bring(lambda *a: None, **job.args)  # type: ignore[arg-type]
    assert done is not None
    assert (done["interviews"], done["highlights"], done["codes"]) == (1, 1, 0)
    assert not Path(job.args["path"]).exists()


def test_a_stopped_import_leaves_whole_texts_and_no_file(world: World) -> None:
    study, _, _ = held(world)
    project = carrying.as_project(world.pm, study)
    project.sources = [*project.sources, refi.QSource("s2", "Second", "Mira: One.\nP7: Two.\nMira: Three.")]
    other = world.make("study")
    client(world).post(
        f"/w/north/{other.key}/bring", {"file": SimpleUploadedFile("p.qdpx", refi.write_project(project))}
    )
    job = Job.objects.get(name="research.bring")

    def stop_at_second(done: int, total: int | None = None, note: str = "") -> None:
        if done == 2:
            raise Cancelled

    with pytest.raises(Cancelled):
        bring(stop_at_second, **job.args)  # type: ignore[arg-type]
    assert Interview.objects.filter(study=other).count() == 1
    assert Transcript.objects.filter(interview__study=other).count() == 1
    assert not Path(job.args["path"]).exists()


def test_what_is_no_project_is_refused_in_words(world: World) -> None:
    study, _, _ = held(world)
    where = f"/w/north/{study.key}/bring"
    for name, data in (("a.csv", b"a,b\n1,2\n"), ("a.qdc", b"<!DOCTYPE a []><a/>"), ("a.txt", b"\x00\x01")):
        answer = client(world).post(where, {"file": SimpleUploadedFile(name, data)})
        assert answer.status_code == 422, name


def test_debt_and_retention_have_their_pages(world: World) -> None:
    feature = world.make("feature", title="Planned on nothing")
    through_door(world.pm, "t", lambda door: door.change(door.get(type(feature), feature.pk), {"state": "planned"}))
    study = world.make("study", keep_months=1)
    talk = world.make("interview", study=str(study.pk), at="2025-01-01T09:00:00Z")
    through_door(world.pm, "t", lambda door: transcribing.set_transcript(door, talk, TURNS, source="", because="t"))
    assert b"Planned on nothing" in client(world).get("/w/north/studies/debt").content
    assert talk.key.encode() in client(world).get("/w/north/studies/retention").content
    assert talk.key.encode() not in client(world, slug="south").get("/w/south/studies/retention").content
