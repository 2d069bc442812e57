"""The pages of research: the reader, studies and their board, participants, insights."""

from threadline.inbound.research.screens import (
    board,
    bringing,
    carry,
    insight,
    keeping,
    people,
    persondata,
    reader,
    records,
    study,
)

__all__ = ["board", "bringing", "carry", "insight", "keeping", "people", "persondata", "reader", "records", "study"]
