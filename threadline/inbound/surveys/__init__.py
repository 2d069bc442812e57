"""Surveys: what customers say of features when they are asked all the same questions."""
