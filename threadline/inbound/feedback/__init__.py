"""Feedback: the customers' own words, who said them, and what they are worth to us."""
