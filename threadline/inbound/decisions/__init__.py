"""Decisions: a question, options weighed by evidence, who disagreed, and what was predicted."""
