"""The web application, for any WSGI server. `threadline serve` runs it under granian."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver
from django.utils.module_loading import import_string

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "threadline.settings")
django_application = get_wsgi_application()
# Only now: the endpoints need the record types, which are declared when Django is set up.
application = import_string("threadline.faces.api.front.ApiDoor")(django_application)

# Load every view and compile every template now, so that no visitor waits for it. What stands in memory at this
# point stays for the life of the worker: frozen, it is not walked by each collection.
get_resolver().url_patterns  # noqa: B018 - reading it imports the views
import_string("threadline.faces.web.jinja.warm")()
gc.collect()
gc.freeze()
# A page makes some thousand things that live as long as it does: looking through them every 700 finds nothing.
gc.set_threshold(20_000, 20, 50)
