"""Importing this makes Django ready; it stands first in what needs models."""

from __future__ import annotations

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "threadline.settings")
django.setup()
