"""The API under /api/v1: every record type and every action, from their declarations."""
