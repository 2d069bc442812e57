"""Priorities: what scores are made of, how models compare, what a group thinks, what customers answer."""
