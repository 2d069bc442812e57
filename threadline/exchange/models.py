"""The tables of exchange, for Django."""

from threadline.exchange.runs import ImportRun, SourceMapping

__all__ = ["ImportRun", "SourceMapping"]
