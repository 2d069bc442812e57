"""The house itself: workspaces, people and their keys, products, teams, own fields, views, files.

Writes pass the same door as records do; what they did stands in the same log.
"""
