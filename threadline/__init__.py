"""Threadline: product management where every record can say why it exists.

Importing the package swaps Python's ``sqlite3`` for ``pysqlite3`` where that is
installed. Python is often built with an SQLite between 3.7.0 and 3.51.2, whose
write-ahead log can lose data when two connections checkpoint at once. The swap has
to happen before anything imports ``sqlite3``, which is why it stands here.
"""

from __future__ import annotations

import sys

try:
    import pysqlite3
    import pysqlite3.dbapi2
except ImportError:  # no wheel for this platform: the standard library serves
    pass
else:
    sys.modules["sqlite3"] = pysqlite3
    sys.modules["sqlite3.dbapi2"] = pysqlite3.dbapi2

__version__ = "0.1.0"
