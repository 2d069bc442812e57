"""Requirements taken along and brought back: ReqIF, Excel and Markdown, one way for all three.

    written = give(actor, feature, "xlsx")          # the file, read again at once
    form, document = read("F-12.xlsx", data)        # raises Unreadable
    plan = compare(actor, feature, document, form.name)  # what it would change; nothing is written
    done = bring(door, feature, plan)               # in one batch

A format turns a ``ReqDocument`` into bytes and back (`formats`); what is here becomes one in `giving`,
and what it would change is said in `comparing` before `bringing` writes it.
"""

from threadline.inbound.requirements.carrying.bringing import bring
from threadline.inbound.requirements.carrying.comparing import Gone, Plan, Step, compare
from threadline.inbound.requirements.carrying.formats import FORMATS, LARGEST, Format, read
from threadline.inbound.requirements.carrying.giving import LOSSES, Written, document_of, give

__all__ = [
    "FORMATS",
    "LARGEST",
    "LOSSES",
    "Format",
    "Gone",
    "Plan",
    "Step",
    "Written",
    "bring",
    "compare",
    "document_of",
    "give",
    "read",
]
