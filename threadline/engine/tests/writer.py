"""A writer for the engine's tests, run as its own process.

``writer.py FILE count THREADS ROUNDS`` adds 1 to a counter ROUNDS times in each of THREADS
threads, reading before it writes, and prints the errors it met.
``writer.py FILE hold`` begins a write, says so, and stays inside it for ever.
"""

from __future__ import annotations

import sys
import threading
import time

import django
from django.conf import settings

import threadline  # noqa: F401 - swaps the SQLite module before Django takes it

PATH, VERB = sys.argv[1:3]
settings.configure(DATABASES={"default": {"ENGINE": "threadline.engine", "NAME": PATH}})
django.setup()

from django.db import connection, transaction  # noqa: E402

problems: list[str] = []


def add_one() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT n FROM counter")
        seen = cursor.fetchone()[0]
        cursor.execute("UPDATE counter SET n = %s", [seen + 1])


def add(rounds: int) -> None:
    try:
        for _ in range(rounds):
            add_one()
            with connection.cursor() as cursor:  # a lone write, outside any transaction
                cursor.execute("INSERT INTO note (text) VALUES (%s)", ["lone"])
    except Exception as problem:
        problems.append(repr(problem))
    finally:
        connection.close()


if VERB == "count":
    threads = [threading.Thread(target=add, args=(int(sys.argv[4]),)) for _ in range(int(sys.argv[3]))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print("\n".join(problems) or "clean")
else:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE counter SET n = -1")
        print("holding", flush=True)
        time.sleep(3600)
