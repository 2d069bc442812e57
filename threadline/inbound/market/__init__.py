"""The market: who else is there, what is known of them and how fresh that is, and where it all moves."""
