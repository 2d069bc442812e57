"""``python -m bench.filling FEATURES FEEDBACK``: migrate the database of the environment and fill it."""

from __future__ import annotations

import sys

from django.core.management import call_command
from django.db import connection, transaction

from bench import company

if __name__ == "__main__":
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA synchronous = OFF")
    with transaction.atomic():
        company.fill(int(sys.argv[1]), int(sys.argv[2]))
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)" if connection.vendor == "sqlite" else "VACUUM ANALYZE")
