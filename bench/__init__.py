"""Measures Threadline against the least work that gives the same answer. Run by ``make bench``."""
