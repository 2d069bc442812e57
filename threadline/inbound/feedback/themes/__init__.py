"""Themes: what many notes are about, found over the whole backlog and shaped by people."""
