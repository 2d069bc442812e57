"""What is learnt from notes: what they belong to, what they repeat, what sort of thing they are."""
