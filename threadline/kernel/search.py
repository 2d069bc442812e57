"""Full-text search over titles and bodies: FTS5 or tsvector behind one small interface.

Each document carries a workspace token and a kind token inside the index, so that a big
neighbour costs a small workspace nothing. Ranking a common word over a large workspace is
slow on every engine; only the newest :data:`CANDIDATES` matches are ranked, and pages say so.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import connection

from threadline.formats import grams
from threadline.kernel import rows
from threadline.kernel.access import Actor, reach_sql

CANDIDATES = 5_000
LONGEST_QUERY = 400  # characters; words beyond it are ignored
MOST_WORDS = 16

SQLITE_TABLE = (
    "CREATE VIRTUAL TABLE kernel_search USING fts5(scope, title, body, title_cut, body_cut,"
    " tokenize = 'porter unicode61 remove_diacritics 2', prefix = '2 3')"
)
POSTGRES_TABLE = (
    "CREATE TABLE kernel_search (card_id uuid PRIMARY KEY REFERENCES kernel_card (id) ON DELETE CASCADE"
    " DEFERRABLE INITIALLY DEFERRED, workspace_id uuid NOT NULL, title text NOT NULL, body text NOT NULL,"
    " tsv tsvector NOT NULL);"
    " CREATE INDEX kernel_search_tsv ON kernel_search USING gin (tsv);"
)
_TSV = (
    "setweight(to_tsvector('english', %s), 'A') || setweight(to_tsvector('english', %s), 'B')"
    " || array_to_tsvector(ARRAY[%s, %s])"
)


@dataclass(frozen=True, slots=True)
class Document:
    """What is searchable of one record."""

    card_id: UUID
    workspace_id: UUID
    kind: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One found record; ``body`` is the indexed text, for an excerpt around the words."""

    card_id: str
    kind: str
    key: str
    title: str
    state: str
    updated_at: Any
    body: str


def _scope(workspace_id: UUID, kind: str | None = None) -> tuple[str, str]:
    return f"w{workspace_id.hex}", f"k{kind.replace('_', '')}" if kind else ""


def add(documents: Sequence[Document]) -> list[int | None]:
    """Index new documents; returns the row number to keep on each card (None where not needed)."""
    if not documents:
        return []
    if rows.is_postgres():
        with_params: list[list[Any]] = [
            [d.card_id, d.workspace_id, d.title, d.body, *_words(d), *_scope(d.workspace_id, d.kind)] for d in documents
        ]
        sql = f"INSERT INTO kernel_search (card_id, workspace_id, title, body, tsv) VALUES (%s, %s, %s, %s, {_TSV})"
        if len(with_params) == 1:
            rows.execute(sql, with_params[0])
        else:
            with connection.cursor() as cursor:
                cursor.executemany(sql, with_params)
        return [None] * len(documents)
    if len(documents) == 1:
        return [rows.execute_for_row(_FTS5_ONE, _fts5_row(documents[0]))]
    # The caller holds the write gate, so nobody else takes the same row numbers.
    row = rows.fetch_one("SELECT coalesce(max(rowid), 0) FROM kernel_search")
    first = (int(row[0]) if row else 0) + 1
    rows.insert_rows(
        "kernel_search",
        ("rowid", *FTS5),
        [(first + i, *_fts5_row(d)) for i, d in enumerate(documents)],
    )
    return list(range(first, first + len(documents)))


COLUMNS = "{title body title_cut body_cut}"  # all but the scope, in which nobody searches
FTS5 = ("scope", "title", "body", "title_cut", "body_cut")
_FTS5_ONE = f"INSERT INTO kernel_search ({', '.join(FTS5)}) VALUES ({rows.marks(5)})"


def _fts5_row(d: Document) -> tuple[str, ...]:
    return " ".join(_scope(d.workspace_id, d.kind)), d.title, d.body, grams.cut(d.title), grams.cut(d.body)


def _words(document: Document) -> tuple[str, str]:
    """What PostgreSQL indexes in the place of the texts, which it keeps beside the index.

    Its own parser would take "F-1" for "f" and "-1", and an address or a path for one word.
    """
    return grams.cut(document.title) or _parted(document.title), grams.cut(document.body) or _parted(document.body)


def _parted(text: str) -> str:
    return " ".join(grams.WORD.findall(text))


def change(document: Document, doc: int | None) -> None:
    """Index a document again after its text changed."""
    if rows.is_postgres():
        rows.execute(
            f"UPDATE kernel_search SET title = %s, body = %s, tsv = {_TSV} WHERE card_id = %s",
            [
                document.title,
                document.body,
                *_words(document),
                *_scope(document.workspace_id, document.kind),
                document.card_id,
            ],
        )
    else:
        rows.execute(
            "UPDATE kernel_search SET title = %s, body = %s, title_cut = %s, body_cut = %s WHERE rowid = %s",
            [document.title, document.body, grams.cut(document.title), grams.cut(document.body), doc],
        )


def terms(text: str) -> list[tuple[list[str], bool]]:
    """The words and quoted phrases of a search, each as (words, whether the last is unfinished)."""
    found: list[tuple[list[str], bool]] = []
    for quoted, bare in re.findall(r'"([^"]*)"|([^\s"]+)', text[:LONGEST_QUERY]):
        words = [w.lower() for w in grams.WORD.findall(quoted or bare)]
        if words:
            found.append((words, False))
    if found and not text.rstrip().endswith('"') and not text.endswith(" ") and len(found[-1][0]) == 1:
        found[-1] = (found[-1][0], True)
    return found[:MOST_WORDS]


def _fts5(actor: Actor, text: str, kind: str | None, *, scoped: bool = True) -> str | None:
    parts = []
    for words, unfinished in _asked(text):
        phrase = '"' + " ".join(words) + '"'
        parts.append(f"{phrase}*" if unfinished else phrase)
    if not parts:
        return None
    scope = [s for s in _scope(actor.workspace_id, kind) if s] if scoped else []
    return " AND ".join([*(f'scope : "{s}"' for s in scope), f"{COLUMNS} : ({' AND '.join(parts)})"])


def _asked(text: str) -> Iterator[tuple[list[str], bool]]:
    """The words and phrases as the index has them, each with whether its last is a beginning."""
    for words, unfinished in terms(text):
        found, beginning = grams.asked(words)
        if found:
            # One letter begins too much; where words have no spaces, one character says something.
            yield found, beginning or (unfinished and len(words[-1]) > 1 and found == words)


def _tsquery(actor: Actor, text: str, kind: str | None) -> tuple[str, str, list[Any]] | None:
    """The scope, the words, and what is bound in both. Lexemes of the scope have no place in a text to rank by."""
    found = list(_asked(text))
    if not found:
        return None
    scope = [f"'{s}'" for s in _scope(actor.workspace_id, kind) if s]
    pieces, params = [], []
    for words, unfinished in found:
        if unfinished:
            pieces.append("to_tsquery('english', %s)")
            params.append(" <-> ".join(f"'{word}'" for word in words) + ":*")
        else:
            pieces.append("phraseto_tsquery('english', %s)")
            params.append(" ".join(words))
    return "%s::tsquery", f"({' && '.join(pieces)})", [" & ".join(scope), *params]


def scope_of(actor: Actor, kind: str) -> tuple[str, ...]:
    """The tokens that every document of a kind in the actor's workspace carries."""
    return _scope(actor.workspace_id, kind)


def matching(
    actor: Actor, text: str, kind: str | None = None, *, newest: int | None = CANDIDATES
) -> tuple[str, list[Any]]:
    """A subquery of the ids of the newest matching cards of the workspace; None means of all.

    It is a condition to combine with reach, not a permission check of its own.
    """
    if rows.is_postgres():
        query = _tsquery(actor, text, kind)
        if query is None:
            return "SELECT NULL::uuid WHERE false", []
        cut = f" ORDER BY s.card_id DESC LIMIT {newest}" if newest else ""
        return f"SELECT s.card_id FROM kernel_search s WHERE s.tsv @@ ({query[0]} && {query[1]}){cut}", query[2]
    match = _fts5(actor, text, kind)
    if match is None:
        return "SELECT NULL WHERE 0", []
    cut = f" ORDER BY rowid DESC LIMIT {newest}" if newest else ""
    docs = f"SELECT rowid FROM kernel_search WHERE kernel_search MATCH %s{cut}"
    return f"SELECT sc.id FROM kernel_card sc WHERE sc.doc IN ({docs})", [match]


def find(actor: Actor, text: str, kind: str | None = None, limit: int = 50) -> list[Hit]:
    """The best matches the actor may see, titles counting ten times a body word."""
    if not terms(text):
        return []
    # Only the best are joined to their cards; if too many of them may not be seen, all are.
    hits, cut = _best(actor, text, kind, limit, 4 * limit)
    return _best(actor, text, kind, limit, 2 * CANDIDATES)[0] if cut and len(hits) < limit else hits


_BEST = (
    "WITH m AS MATERIALIZED ({matched} LIMIT %s) SELECT c.id, c.kind, c.key, c.title, c.state, c.updated_at, s.body,"
    " (SELECT count(*) FROM m) FROM m {join} WHERE {reach} AND c.archived_at IS NULL"
    " ORDER BY m.score, c.id DESC LIMIT %s"
)
_RANKED_SQLITE = (
    "SELECT doc, score FROM (SELECT rowid AS doc, bm25(kernel_search, 0, 10, 1, 10, 1) AS score FROM kernel_search"
    " WHERE kernel_search MATCH %s ORDER BY rowid DESC LIMIT {most}) ORDER BY score, doc DESC"
)
_RANKED_POSTGRES = (
    "SELECT s.card_id, -ts_rank_cd('{{0, 0, 0.1, 1}}', s.tsv, q.words, 1) AS score"
    " FROM (SELECT {scope} AS scope, {words} AS words) q, LATERAL (SELECT card_id, tsv FROM kernel_search"
    " WHERE tsv @@ (q.scope && q.words) ORDER BY card_id DESC LIMIT {most}) s"
    " ORDER BY 2, 1 DESC"
)
_JOIN_SQLITE = "CROSS JOIN kernel_card c ON c.doc = m.doc CROSS JOIN kernel_search s ON s.rowid = m.doc"
_JOIN_POSTGRES = "JOIN kernel_card c ON c.id = m.card_id JOIN kernel_search s ON s.card_id = m.card_id"


def _best(actor: Actor, text: str, kind: str | None, limit: int, among: int) -> tuple[list[Hit], bool]:
    """The best of the ``among`` highest ranked that may be seen, and whether there were more than those."""
    reach, params = reach_sql(actor, "c")
    if rows.is_postgres():
        scope, words, first = _tsquery(actor, text, kind) or ("", "", [])
        matched, join = _RANKED_POSTGRES.format(scope=scope, words=words, most=CANDIDATES), _JOIN_POSTGRES
    else:
        # Ranking counts every row that holds a word of the query, and the workspace's token is such a
        # word. Where most rows are ours anyway, leaving it out saves more than the others cost.
        scoped = kind is not None or not _mostly_ours(actor.workspace_id, int(time.monotonic() // 300))
        first = [_fts5(actor, text, kind, scoped=scoped)]
        matched, join = _RANKED_SQLITE.format(most=CANDIDATES if scoped else 2 * CANDIDATES), _JOIN_SQLITE
    sql = _BEST.format(matched=matched, join=join, reach=reach)
    found = rows.fetch(sql, [*first, among, *params, limit])
    return [Hit(rows.hexed(r[0]) or "", *r[1:-1]) for r in found], not found or found[0][-1] >= among


@lru_cache(maxsize=256)
def _mostly_ours(workspace_id: UUID, five_minutes: int) -> bool:
    """Whether at least half of all records are of this workspace, as far as the counters of numbers tell."""
    counted = rows.fetch("SELECT workspace_id, sum(value) FROM kernel_counter GROUP BY workspace_id LIMIT 50")
    by = {rows.ident(r[0]): int(r[1]) for r in counted}
    return len(by) < 50 and 2 * by.get(workspace_id, 0) >= sum(by.values())


# ---- proof and repair -------------------------------------------------------------------


def held(card_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str, bool]]:
    """What the index holds for cards: title, body, and whether workspace and kind are right."""
    among = f"c.id IN ({rows.marks(len(card_ids))})"
    if rows.is_postgres():
        return _held_by_postgres(among, card_ids)
    sql = (
        "SELECT c.id, s.title, s.body, s.scope, s.title_cut, s.body_cut, c.workspace_id, c.kind FROM kernel_card c"
        f" JOIN kernel_search s ON s.rowid = c.doc WHERE {among}"
    )
    return {
        rows.ident(r[0]): (
            r[1],
            r[2],
            r[3:6] == (" ".join(_scope(rows.ident(r[6]), r[7])), grams.cut(r[1]), grams.cut(r[2])),
        )
        for r in rows.fetch(sql, card_ids)
    }


def _held_by_postgres(among: str, card_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str, bool]]:
    sql = (
        "SELECT s.card_id, s.title, s.body, c.workspace_id, c.kind, s.workspace_id = c.workspace_id"
        f" FROM kernel_search s JOIN kernel_card c ON c.id = s.card_id WHERE {among}"
    )
    found = rows.fetch(sql, card_ids)
    wanted = [(r[0], *_words(Document(r[0], r[3], r[4], r[1], r[2])), *_scope(r[3], r[4])) for r in found]
    right = (
        f"SELECT s.card_id FROM kernel_search s JOIN unnest(%s::uuid[], %s::text[], %s::text[], %s::text[], %s::text[])"
        f" AS w (id, title, body, ws, kind) ON w.id = s.card_id"
        f" WHERE s.tsv = ({_TSV.replace('%s', '{}').format('w.title', 'w.body', 'w.ws', 'w.kind')})"
    )
    fits = {r[0] for r in rows.fetch(right, [list(column) for column in zip(*wanted, strict=True)])} if wanted else ()
    return {r[0]: (r[1], r[2], r[5] and r[0] in fits) for r in found}


def strays() -> list[Any]:
    """Rows of the index that belong to no card, as :func:`drop` takes them."""
    if rows.is_postgres():
        sql = "SELECT s.card_id FROM kernel_search s LEFT JOIN kernel_card c ON c.id = s.card_id WHERE c.id IS NULL"
    else:
        sql = "SELECT s.rowid FROM kernel_search s LEFT JOIN kernel_card c ON c.doc = s.rowid WHERE c.doc IS NULL"
    return [r[0] for r in rows.fetch(sql)]


def drop(keys: Sequence[Any]) -> None:
    """Take rows out of the index, by row number or by card, whichever the engine uses."""
    column = "card_id" if rows.is_postgres() else "rowid"
    for start in range(0, len(keys), 500):
        part = keys[start : start + 500]
        rows.execute(f"DELETE FROM kernel_search WHERE {column} IN ({rows.marks(len(part))})", part)
