"""Strategy: objectives and the key results that say whether they were reached."""
