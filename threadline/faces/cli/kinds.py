"""Record types on the command line: by which names they are known, and what each consists of."""

from __future__ import annotations

from typing import Any

import click

from threadline.faces.cli.talk import Talk
from threadline.faces.cli.who import acts, did_you_mean
from threadline.kernel.access import Actor
from threadline.kernel.actions import actions_on
from threadline.kernel.customs import all_fields
from threadline.kernel.errors import NotFound
from threadline.kernel.registry import RecordType, kinds


def type_named(name: str) -> RecordType:
    """A record type by kind, plural or label, or NotFound naming the nearest."""
    wanted = name.lower().replace("_", "-").replace(" ", "-")
    for declared in kinds():
        words = (declared.kind.replace("_", "-"), declared.path, declared.label.lower().replace(" ", "-"))
        if wanted in words:
            return declared
    known = [word for declared in kinds() for word in (declared.kind, declared.path)]
    hint = did_you_mean(wanted, known) or f" There are: {', '.join(d.path for d in kinds())}."
    raise NotFound(f"There is no record type called {name[:60]}.{hint}")


class TypeName(click.ParamType):
    """A record type on the command line."""

    name = "type"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> RecordType:
        """The declaration."""
        return value if isinstance(value, RecordType) else type_named(value)


@click.command("types")
@click.argument("declared", metavar="[TYPE]", type=TypeName(), required=False)
@acts
def types(talk: Talk, actor: Actor, declared: RecordType | None) -> None:
    """List the record types, or the fields, states and actions of one."""
    if declared is None:
        if talk.json:
            talk.data(
                {
                    "data": [
                        {"kind": d.kind, "path": d.path, "label": d.label, "prefix": d.model.prefix} for d in kinds()
                    ]
                }
            )
        else:
            talk.table(
                ["type", "label", "key", "about"], ([d.path, d.label, f"{d.model.prefix}-1", d.about] for d in kinds())
            )
        return
    described = _described(actor, declared)
    if talk.json:
        talk.data(described)
        return
    talk.line(f"{declared.label}: {declared.about}", bold=True)
    for heading in ("fields", "states", "cites", "actions"):
        if described[heading]:
            talk.line(f"\n{heading.capitalize()}", dim=True)
            for one in described[heading]:
                talk.line("  " + "  ".join(str(v) for v in one.values() if v not in ("", None, False, [])))


def _described(actor: Actor, declared: RecordType) -> dict[str, Any]:
    known = all_fields(actor, declared).values()
    return {
        "kind": declared.kind,
        "fields": [
            {
                "name": f.name,
                "type": f.kind.name,
                "needed": "needed" if f.required else "",
                "unit": f.unit,
                "help": f.help,
            }
            for f in known
            if not f.readonly
        ],
        "states": [{"name": s.name, "label": s.label} for s in declared.states],
        "cites": [{"name": c.name, "to": ", ".join(c.to)} for c in declared.cites],
        "actions": [
            {"name": a.name, "arguments": " ".join(f"{p.name}=" for p in a.params), "help": a.help}
            for a in actions_on(declared.kind)
        ],
    }
