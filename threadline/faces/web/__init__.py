"""The web face: pages rendered on the server from what record types declare."""
