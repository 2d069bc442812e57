"""The mathematics of planning and forecasting; knows no record, no page and no database.

Everything here takes arrays and plain dataclasses and gives them back, so that it can run in a
worker process, be tested against published numbers, and be read beside the papers it cites.
"""
