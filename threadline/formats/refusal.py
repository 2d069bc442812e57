"""Why a file from outside is not read. The text is shown to the person who sent it."""

from __future__ import annotations


class Unreadable(ValueError):
    """What is wrong with the file, and what to do about it."""
