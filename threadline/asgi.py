"""Live updates, for an ASGI server: server-sent events, and nothing else.

Pages are served by wsgi.py. Event streams stay open for hours, so they live in a process
of their own, where a thousand of them cost a thousand small tasks and no thread.
"""

from __future__ import annotations

import os

import django
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "threadline.settings")
django.setup()
# Only now: the stream needs the record types, which are declared when Django is set up.
application = import_string("threadline.faces.api.stream.application")
