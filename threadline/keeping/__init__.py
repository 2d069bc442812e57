"""Keeping data whole: checks that prove it, repairs of what is derived, backups and their return."""
