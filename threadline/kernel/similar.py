"""Records whose text is like a given text: the search index asked for any of its telling words.

A whole note as a query has dozens of words, and the common ones would drag in most of a large
workspace. So the rare ones are asked for first, and no more than fit a budget of occurrences:
the cost is about the same at 1,000 records and at 100,000. Measured on SQLite with 100,000
notes: 41 ms of CPU in the middle, 56 at the 95th of a hundred; with every word 260 and 457.
Of the duplicates known in a public set of issue reports, 65 % stood among the first ten, and
no more with every word. On PostgreSQL, which has no BM25 of its own, it was 59 %.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from threadline.formats import grams
from threadline.kernel import rows, search
from threadline.kernel.access import Actor, reach_sql

BUDGET = 6_000  # occurrences of the chosen words that are scored
COMMON = 2_000  # a word in so many records tells nothing
SMALL = 5_000  # up to so many records of the kind, all others are kept out within the index
CANDIDATES = 400
MOST_WORDS = 64
LONGEST = 4_000  # characters of the text that are read
_WORD = re.compile(r"[^\W_]{2,40}")


@dataclass(frozen=True, slots=True)
class Likeness:
    """One record like the text. ``score`` only orders; ``words`` are long ones that both have."""

    card_id: str
    kind: str
    key: str
    title: str
    state: str
    score: float
    words: tuple[str, ...]


def similar(actor: Actor, text: str, kind: str, limit: int = 10, *, besides: Any = None) -> list[Likeness]:
    """Records of a kind, within reach and not in the trash, most like ``text`` first.

    ``besides`` is the id of one to leave out, for a text that is itself a record's.
    """
    words = words_of(text)
    if not words:
        return []
    own = int(besides is not None)  # a word that only the text's own record holds finds nothing
    best = _best_of_postgres(actor, words, kind) if rows.is_postgres() else _best_of_sqlite(actor, words, kind, own)
    if best is None:
        return []
    near, params = reach_sql(actor, "c")
    card, doc = ("id", "card_id") if rows.is_postgres() else ("doc", "rowid")
    found = rows.fetch(
        "SELECT c.id, c.kind, c.key, c.title, c.state, m.score, s.body"
        f" FROM ({best[0]}) m JOIN kernel_card c ON c.{card} = m.doc JOIN kernel_search s ON s.{doc} = m.doc"
        f" WHERE c.workspace_id = %s AND c.kind = %s AND {near} AND c.archived_at IS NULL AND c.id <> %s"
        " ORDER BY m.score DESC, c.id DESC LIMIT %s",
        [*best[1], actor.workspace_id, kind, *params, besides or actor.workspace_id, limit],
    )
    return [
        Likeness(rows.hexed(ident) or "", kind, key, title, state, score, shared(words, f"{title} {body}"))
        for ident, kind, key, title, state, score, body in found
    ]


def words_of(text: str) -> list[str]:
    """The different words of a text, in order, small letters, capped."""
    return list(dict.fromkeys(grams.telling(text[:LONGEST], _WORD)))[:MOST_WORDS]


def shared(words: list[str], text: str) -> tuple[str, ...]:
    """Words of the query that stand in a text, the longest first: the reason for a suggestion."""
    there = set(grams.telling(text, _WORD))
    both = [w for w in words if len(w) > 3 and (w in there or f"{w}s" in there or w.removesuffix("s") in there)]
    return tuple(sorted(both, key=len, reverse=True)[:6])


def _best_of_sqlite(actor: Actor, words: list[str], kind: str, own: int) -> tuple[str, list[Any]] | None:
    """A subquery of (doc, score) of the best matches."""
    scope = " AND ".join(f'scope : "{s}"' for s in search.scope_of(actor, kind))
    sized = f"SELECT count(*) FROM (SELECT 1 FROM kernel_search WHERE kernel_search MATCH %s LIMIT {SMALL + 1})"
    row = rows.fetch_one(sized, [scope])
    inside = f"{scope} AND " if row and row[0] <= SMALL else ""
    chosen = _rare(words, inside, own)
    if not chosen:
        return None
    either = " OR ".join(f'"{w}"' for w in chosen)
    sql = (
        "SELECT rowid AS doc, -bm25(kernel_search, 0, 3, 1, 3, 1) AS score FROM kernel_search"
        f" WHERE kernel_search MATCH %s ORDER BY score DESC LIMIT {CANDIDATES}"
    )
    return sql, [f"{inside}{search.COLUMNS} : ({either})"]


def _rare(words: list[str], inside: str, own: int) -> list[str]:
    """The rarest words whose occurrences together stay within the budget; at least one that occurs."""
    one = f"SELECT count(*) FROM (SELECT 1 FROM kernel_search WHERE kernel_search MATCH %s LIMIT {COMMON})"
    asked = [f'{inside}{search.COLUMNS} : "{w}"' for w in words]
    counts = [int(r[0]) for r in rows.fetch(" UNION ALL ".join([one] * len(words)), asked)]
    chosen: list[str] = []
    spent = 0
    for count, word in sorted((n, w) for n, w in zip(counts, words, strict=True) if n > own):
        if chosen and (count >= COMMON or spent + count > BUDGET):
            break
        chosen.append(word)
        spent += count
    return chosen


# Lexemes of a text with the share of documents that hold them, as far as the planner's
# statistics know the common ones; what they do not list is rare.
_LEXEMES = (
    "WITH asked AS (SELECT DISTINCT lexeme FROM unnest(to_tsvector('english', %s))),"
    " known AS (SELECT most_common_elems::text::text[] AS elems, most_common_elem_freqs AS freqs FROM pg_stats"
    " WHERE schemaname = current_schema() AND tablename = 'kernel_search' AND attname = 'tsv'),"
    " common AS (SELECT e.lexeme, e.share FROM known k, unnest(k.elems, k.freqs[1:cardinality(k.elems)])"
    " AS e (lexeme, share)), size AS (SELECT greatest(reltuples, 0) AS n FROM pg_class"
    " WHERE oid = 'kernel_search'::regclass)"
    " SELECT a.lexeme, coalesce(c.share, 0) * size.n FROM size, asked a"
    " LEFT JOIN common c ON c.lexeme = a.lexeme ORDER BY 2, 1"
)

# PostgreSQL's own rank knows no rarity. It picks the candidates; BM25 with the rarity of each
# word among them puts them in order. A word of a title counts as three.
_RANKED = (
    "WITH hit AS MATERIALIZED (SELECT h.card_id, h.tsv FROM kernel_search h WHERE h.tsv @@ %s::tsquery"
    " ORDER BY ts_rank('{0, 0, 0.3, 1}', h.tsv, %s::tsquery, 1) DESC LIMIT {POOL}),"
    " whole AS (SELECT avg(length(tsv)) AS size, greatest(count(*), (SELECT reltuples FROM pg_class"
    " WHERE oid = 'kernel_search'::regclass)) AS n FROM hit),"
    " said AS MATERIALIZED (SELECT h.card_id, u.lexeme, length(h.tsv) AS size,"
    " cardinality(u.positions) + 2 * cardinality(array_positions(u.weights, 'A')) AS times"
    " FROM hit h, unnest(h.tsv) u WHERE u.lexeme = ANY(%s) AND u.positions IS NOT NULL),"
    " found AS (SELECT lexeme, count(*) AS n FROM said GROUP BY lexeme)"
    " SELECT s.card_id AS doc, sum(ln(1 + (w.n - f.n + 0.5) / (f.n + 0.5)) * s.times * 2.2"
    " / (s.times + 1.2 * (0.25 + 0.75 * s.size / w.size)))::float8 AS score"
    " FROM said s JOIN found f ON f.lexeme = s.lexeme, whole w GROUP BY s.card_id"
).replace("{POOL}", str(CANDIDATES))


def _best_of_postgres(actor: Actor, words: list[str], kind: str) -> tuple[str, list[Any]] | None:
    chosen: list[str] = []
    asked: list[str] = []
    spent = 0.0
    for lexeme, count in rows.fetch(_LEXEMES, [" ".join(words)]):
        if chosen and (count >= COMMON or spent + count > BUDGET):
            break
        asked.append(lexeme)
        chosen.append(lexeme.replace("\\", "\\\\").replace("'", "''"))
        spent += count
    if not chosen:
        return None
    either = " | ".join(f"'{lexeme}'" for lexeme in chosen)
    inside = " & ".join(f"'{s}'" for s in search.scope_of(actor, kind))
    return _RANKED, [f"{inside} & ({either})", either, asked]
