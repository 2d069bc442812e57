"""Transcripts by the file: into the interviews they are of, whole or absent, at once or as a job."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile

from threadline.inbound.research import bringing, highlighting, queries
from threadline.inbound.research.listeners import bring_transcripts
from threadline.inbound.research.models import Interview, Study, Transcript
from threadline.inbound.research.screens import bringing as pages
from threadline.inbound.research.tests.test_screens import client
from threadline.kernel import undo
from threadline.kernel.changes import Change
from threadline.kernel.jobs import Job
from threadline.kernel.testing import World, fresh
from threadline.kernel.work import Cancelled


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, settings: LazySettings) -> None:
    """Files go to a folder of the test."""
    settings.DATA_DIR = tmp_path


def vtt(*said: str) -> bytes:
    """A file of two people who speak in turn."""
    lines = ["WEBVTT", ""]
    for n, words in enumerate(said):
        who = ("P1", "Mira")[n % 2]
        lines += [f"00:00:{n:02}.000 --> 00:00:{n + 1:02}.000", f"<v {who}>{words}</v>", ""]
    return "\n".join(lines).encode()


def upload(name: str, data: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type="text/vtt")


def kept(tmp: Any) -> list[Path]:
    return list((Path(tmp) / "research").iterdir()) if (Path(tmp) / "research").exists() else []


@pytest.mark.parametrize(
    ("name", "who"),
    [("P7.vtt", "P7"), ("call with p7, monday.vtt", "P7"), ("P77.vtt", ""), ("P7 and P8.vtt", ""),
     ("Zoe K.vtt", "Zoe K"), ("meeting.vtt", ""), ("P7", "P7")],
)  # fmt: skip
def test_a_file_names_whom_it_is_with(world: World, name: str, who: str) -> None:
    people = [world.make("participant", title=title) for title in ("P7", "P8", "Zoe K")]
    found = bringing.whose(name, people)
    assert (found.title if found else "") == who


def test_several_files_fill_what_was_planned_and_make_the_rest(world: World, tmp_path: Path) -> None:
    study, person = world.make("study"), world.make("participant", title="P1")
    planned = world.make("interview", title="Talk", study=study.key, participant=person.key)
    files = [upload("P1.vtt", vtt("One.", "Two.")), upload("other.vtt", vtt("Three.")), upload("x.vtt", b"WEBVTT\n")]
    answer = client(world).post(f"/w/north/{study.key}/transcripts", {"files": files}, follow=True)
    text = answer.content.decode()
    assert "3 turns in 2 interviews." in text
    assert "1 is with nobody yet" in text
    assert "x.vtt was left out" in text
    assert fresh(planned).turns == 2
    other = Interview.objects.get(title="other")
    assert (other.study_id, other.participant_id, other.turns) == (study.pk, None, 1)
    assert kept(tmp_path) == []


def test_all_that_came_at_once_is_undone_at_once(world: World) -> None:
    study = world.make("study")
    client(world).post(f"/w/north/{study.key}/transcripts", {"files": [upload(f"{n}.vtt", vtt("So.")) for n in "ab"]})
    talks = list(Interview.objects.all())
    made = {c.batch for c in Change.objects.filter(card_id__in=[t.pk for t in talks], version=1)}
    assert len(made) == 1
    undo.undo(world.pm, made.pop())
    assert all(fresh(t).archived_at is not None for t in talks)


def test_a_long_file_is_a_job_that_tells_how_far_it_is(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "LONG", 100)
    talk = world.make("interview", study=world.make("study").key)
    bringing_page = f"/w/north/{talk.key}/transcript"
    answer = client(world).post(bringing_page, {"file": upload("talk.vtt", vtt(*["Said so."] * 9))})
    job = Job.objects.get(name=bringing.JOB)
    assert answer["Location"] == f"{bringing_page}?job={job.pk}"
    assert "Waiting for its turn" in client(world).get(answer["Location"]).content.decode()
    told: list[tuple[int, int | None]] = []
    result = bring_transcripts(lambda done, total=None, note="": told.append((done, total)), **job.args)  # type: ignore[arg-type]
    assert fresh(talk).turns == 9
    assert [done for done, _ in told] == sorted({done for done, _ in told})
    Job.objects.filter(pk=job.pk).update(state=Job.State.DONE, result=result)
    assert "9 turns in 1 interview." in client(world).get(answer["Location"]).content.decode()
    assert client(world, "contributor").get(answer["Location"]).status_code == 403
    assert client(world, slug="south").get(answer["Location"]).status_code == 404


def test_a_stopped_job_leaves_no_half_transcript_and_no_file(
    world: World, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pages, "LONG", 100)
    talk = world.make("interview")
    page = f"/w/north/{talk.key}/transcript"
    client(world).post(page, {"text": "P1: I lost my place. It was late."})
    highlighting.highlight_words(world.pm, interview=talk.pk, quote="I lost my place.")
    client(world).post(page, {"file": upload("talk.vtt", vtt(*["I lost my place."] * 9))})
    job = Job.objects.get(name=bringing.JOB)

    def stop(done: int, total: int | None = None, note: str = "") -> None:
        if done >= 40:  # among the highlights
            raise Cancelled

    with pytest.raises(Cancelled):
        bring_transcripts(stop, **job.args)  # type: ignore[arg-type]
    assert [t["t"] for t in queries.turns_of(fresh(talk))] == ["I lost my place. It was late."]
    assert Transcript.objects.filter(interview=talk).count() == 1
    assert kept(tmp_path) == []


def test_who_may_not_write_in_a_study_brings_nothing_in(world: World) -> None:
    study: Study = world.make("study")
    where = f"/w/north/{study.key}/transcripts"
    assert client(world, "viewer").post(where, {"files": [upload("a.vtt", vtt("So."))]}).status_code == 403
    assert client(world, slug="south").get(where).status_code == 404
    assert client(world).post(where, {}).status_code == 422
    assert not Interview.objects.exists()
