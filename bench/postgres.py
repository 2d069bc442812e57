"""``tools/postgres python -m bench.postgres OUT SECONDS SIZES [WORD...]``: the series on a throw-away server.

Each size has a database of its own. Helpers in parallel are off: their CPU would be counted
neither for us nor for the limit.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import psycopg

from bench import places

IMPORTED = 10_000


def made(url: str, name: str) -> str:
    """The address of a new, empty database beside that of ``url``."""
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        server.execute(f'ALTER DATABASE "{name}" SET max_parallel_workers_per_gather = 0')
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def out_of(work: Path, kind: str) -> Path:
    """Where the figures of an import go."""
    return work / f"postgresql-import-{kind}-{IMPORTED}.json"


def main(out: Path, seconds: str, sizes: list[str], only: list[str]) -> None:
    """Fill and measure one database after the other; results go to ``OUT/postgresql-SIZE.json``."""
    for size in sizes:
        url = made(os.environ["DATABASE_URL"], f"bench{size}")
        folder = out / f"postgresql-{size}"
        print(f"PostgreSQL, {int(size):,}: filling", file=sys.stderr, flush=True)
        places.run("bench.filling", size, size, folder=folder, database_url=url)
        result = str(out / f"postgresql-{size}.json")
        places.run("bench.series", result, seconds, *only, folder=folder, database_url=url)
    for kind in () if only else ("feature", "feedback"):
        print(f"PostgreSQL: bringing in {IMPORTED:,} rows of {kind}", file=sys.stderr, flush=True)
        url, result = made(os.environ["DATABASE_URL"], f"import{kind}"), str(out_of(out, kind))
        for part in ("ours", "by hand"):
            folder = out / f"import-postgresql-{kind}"
            places.run("bench.importing", result, str(IMPORTED), kind, part, folder=folder, database_url=url)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3].split(","), sys.argv[4:])
