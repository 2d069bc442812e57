"""The named model: the real client against a server of the tests, and suggestions with and without it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import numpy as np
import pytest

from threadline.inbound.feedback.intelligence import embeddings, keeping, meant
from threadline.inbound.feedback.suggestions import suggest_repeats
from threadline.kernel import verbs
from threadline.kernel.cards import Card
from threadline.kernel.testing import World

SAME = {"invoice": "bill", "bills": "bill", "invoices": "bill"}  # what this model knows of meaning


class FakeModel:
    """Answers ``POST /v1/embeddings``: a direction for each word, words of one meaning sharing theirs."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.heads: list[dict[str, str]] = []
        self.fails: list[tuple[int, dict[str, str]]] = []
        self.dims = 64
        self.says: Any = None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append(body)
                outer.heads.append(dict(self.headers))
                status, more = outer.fails.pop(0) if outer.fails else (200, {})
                data = [{"index": n, "embedding": outer.vector(t)} for n, t in enumerate(body["input"])]
                said = outer.says if outer.says is not None else {"object": "list", "data": data[::-1]}
                raw = said if isinstance(said, bytes) else json.dumps(said).encode()
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(raw)))
                self.end_headers()
                self.wfile.write(raw)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.host = f"127.0.0.1:{self.server.server_address[1]}"
        self.url = f"http://{self.host}/v1"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def vector(self, text: str) -> list[float]:
        words = [SAME.get(w, w) for w in text.lower().replace(".", " ").split()]
        made = np.full(self.dims, 1e-3)
        for word in words:
            seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:4], "big")
            made += np.random.default_rng(seed).standard_normal(self.dims)
        return [float(x) for x in made]


@pytest.fixture
def server(settings: Any) -> Iterator[FakeModel]:
    made = FakeModel()
    settings.EMBEDDINGS_URL, settings.EMBEDDINGS_MODEL, settings.EMBEDDINGS_KEY = made.url, "small", "marker-key"
    settings.FETCH_ALLOWED_HOSTS = frozenset({made.host})
    yield made
    made.server.shutdown()
    made.server.server_close()


def model() -> embeddings.Model:
    found = embeddings.model()
    assert found is not None
    return found


def test_texts_are_asked_about_in_batches_and_come_back_in_order(server: FakeModel) -> None:
    texts = [f"text {n}" for n in range(150)]
    found = model().vectors(texts)
    assert [len(a["input"]) for a in server.asked] == [64, 64, 22]
    assert found[149] == pytest.approx(np.array(server.vector("text 149"), np.float32), rel=1e-4)
    assert server.asked[0]["model"] == "small"
    assert server.heads[0]["Authorization"] == "Bearer marker-key"


def test_passing_trouble_is_borne(server: FakeModel) -> None:
    pauses: list[float] = []
    server.fails = [(429, {"Retry-After": "7"}), (503, {})]
    assert len(model().vectors(["a"], pause=pauses.append)) == 1
    assert pauses == [7.0, 4.0]


@pytest.mark.parametrize(("status", "tries"), [(401, 1), (404, 1), (500, 3), (307, 1)])
def test_lasting_trouble_is_told_without_the_key(server: FakeModel, status: int, tries: int) -> None:
    server.fails = [(status, {"Location": "http://127.0.0.1:1/"})] * 3
    with pytest.raises(embeddings.NoVectors) as refused:
        model().vectors(["a"], pause=lambda seconds: None)
    assert len(server.asked) == tries
    assert "marker-key" not in str(refused.value)


NONSENSE = [b"no json", b"[]", {"data": []}, {"data": [{"embedding": []}]}, {"data": [{"embedding": ["x"]}]},
            {"data": [{"embedding": [0.0, 0.0]}]}, {"data": [{"embedding": [1.0]}, {"embedding": [1.0]}]},
            b'{"data": [{"embedding": [1e999]}]}']  # fmt: skip


@pytest.mark.parametrize("said", NONSENSE, ids=repr)
def test_nonsense_is_refused(server: FakeModel, said: Any) -> None:
    server.says = said
    with pytest.raises(embeddings.NoVectors):
        model().vectors(["a"])


def test_the_length_asked_for_is_checked(server: FakeModel, settings: Any) -> None:
    settings.EMBEDDINGS_DIMENSIONS = 32
    with pytest.raises(embeddings.NoVectors, match="64 numbers"):
        model().vectors(["a"])
    assert server.asked[0]["dimensions"] == 32


def test_a_model_inside_the_network_must_be_named_by_the_operator(server: FakeModel, settings: Any) -> None:
    """D1: the address of a model is judged as that of any page."""
    settings.FETCH_ALLOWED_HOSTS = frozenset()
    with pytest.raises(embeddings.NoVectors, match="not asked"):
        model().vectors(["a"])
    assert server.asked == []


def note(world: World, body: str, **values: Any) -> Any:
    return world.make("feedback", title=body, body=body, **values)


def test_meaning_finds_what_shares_no_word(world: World, server: FakeModel) -> None:
    first = note(world, "Invoices arrive late.")
    for n in range(30):
        note(world, f"Quite something else about topic{n} thing{n}.")
    asked = note(world, "My bill never comes.")
    keeping.catch_up(world.north.pk)
    assert [s.key for s in suggest_repeats(world.pm, asked, 3)] == []
    assert meant.catch_up(world.north.pk) == 32
    found = suggest_repeats(world.pm, note_again(world, "invoice"), 3)
    assert found[0].key == first.key


def note_again(world: World, word: str) -> Any:
    made = note(world, f"{word} arrive late")
    keeping.catch_up(world.north.pk)
    meant.catch_up(world.north.pk)
    return made


def test_the_same_text_is_asked_about_once(world: World, server: FakeModel) -> None:
    for _ in range(3):
        note(world, "The export stops.")
    note(world, "Another.")
    assert meant.catch_up(world.north.pk) == 2
    assert sum(len(a["input"]) for a in server.asked) == 2
    assert meant.catch_up(world.north.pk) == 0
    changed = note(world, "Third.")
    verbs.update(world.pm, "feedback", changed.key, {"body": "Fourth."})
    assert meant.catch_up(world.north.pk) == 1


def test_what_is_kept_for_some_is_not_sent(world: World, server: FakeModel) -> None:
    note(world, "Open words.")
    hidden = note(world, "Secret words.")
    type(hidden).objects.filter(pk=hidden.pk).update(confidentiality=2)
    Card.objects.filter(pk=hidden.pk).update(confidentiality=2)
    meant.catch_up(world.north.pk)
    assert "Secret words." not in json.dumps(server.asked)
    assert "Open words." in json.dumps(server.asked)


def test_a_silent_model_changes_nothing_and_is_told(world: World, server: FakeModel) -> None:
    note(world, "The export stops at a thousand rows.")
    asked = note(world, "Our export stops at a thousand rows as well.")
    keeping.catch_up(world.north.pk)
    without = suggest_repeats(world.pm, asked, 3)
    server.fails = [(401, {})] * 9
    assert meant.catch_up(world.north.pk) == 0
    told = meant.standing(world.north.pk)
    assert told is not None
    assert "sign-in" in told.problem
    assert suggest_repeats(world.pm, asked, 3) == without
    calls = len(server.asked)
    meant.catch_up(world.north.pk)
    assert len(server.asked) == calls  # it waits before it tries again
    meant.vectors_of(world.north.pk).note(again="")
    server.fails = []
    meant.catch_up(world.north.pk)
    told = meant.standing(world.north.pk)
    assert told is not None
    assert (told.texts, told.problem) == (2, "")


def test_another_model_begins_anew_and_none_leaves_nothing(world: World, server: FakeModel, settings: Any) -> None:
    note(world, "One.")
    meant.catch_up(world.north.pk)
    settings.EMBEDDINGS_MODEL, server.dims = "large", 96
    assert meant.in_force(world.north.pk) is None
    meant.catch_up(world.north.pk)
    assert meant.vectors_of(world.north.pk).state()["dims"] == 96
    settings.EMBEDDINGS_URL = ""
    meant.forget_the_gone(world.north.pk)
    assert meant.vectors_of(world.north.pk).state() == {}


def test_what_was_erased_has_no_vector(world: World, server: FakeModel) -> None:
    gone = note(world, "Gone.")
    note(world, "Stays.")
    meant.catch_up(world.north.pk)
    verbs.archive(world.pm, "feedback", gone.key)
    meant.catch_up(world.north.pk)
    meant.forget_the_gone(world.north.pk)
    files = meant.vectors_of(world.north.pk).folder
    assert str(gone.pk).encode() not in (files / "of").read_bytes()
    assert meant.vectors_of(world.north.pk).count() == 1
