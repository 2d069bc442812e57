"""Kinds of field: how a raw value is accepted, kept, given out and compared.

One strict acceptance for every face and file: a form, the API, an import and the command
line all send raw values through ``clean`` and get the same answer or the same complaint.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any, ClassVar
from urllib.parse import urlsplit
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import models
from django.utils.dateparse import parse_date, parse_datetime

from threadline.kernel import rows
from threadline.kernel.access import Actor, reach, reach_sql
from threadline.kernel.cards import Card
from threadline.kernel.members import Member
from threadline.kernel.workspaces import Product

LONGEST_TEXT = 100_000
LONGEST_NAME = 300
# Control characters, and halves of surrogate pairs, which no database keeps.
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


class Refused(ValueError):
    """Why a raw value is not acceptable for a field; the text is shown to the person."""


class FieldKind:
    """The simplest kind and the base of the others. ``compare`` tells the query language how to sort."""

    name: ClassVar[str] = "text"
    compare: ClassVar[str] = "text"

    def __init__(self, *, longest: int = LONGEST_TEXT) -> None:
        self.longest = longest

    def clean(self, raw: Any, actor: Actor) -> Any:
        """The value to keep, or None for blank; raises :class:`Refused`."""
        if raw is None:
            return None
        text = self._text(raw)
        text = " ".join(text.split())
        if len(text) > self.longest:
            raise Refused(f"Too long: {len(text):,} characters, {self.longest:,} at most.")
        return text or None

    def exchange(self, value: Any) -> Any:
        """The value as JSON, CSV and the log carry it; ``clean`` accepts it back."""
        return value

    def _text(self, raw: Any) -> str:
        if isinstance(raw, bool) or not isinstance(raw, str | int | float | date):
            raise Refused("Expected text.")
        text = raw if isinstance(raw, str) else str(raw)
        text = text if text.isascii() else unicodedata.normalize("NFC", text)
        if _CONTROL.search(text):
            raise Refused("Contains a control character that cannot be kept.")
        return text

    def _name(self, raw: Any) -> str:
        """A text to find somebody or something by; SQLite refuses to compare very long ones."""
        text = self._text(raw).strip()
        if len(text) > LONGEST_NAME:
            raise Refused(f"Too long for a name: {LONGEST_NAME} characters at most.")
        return text


class Markdown(FieldKind):
    """Longer text in Markdown; line breaks are kept."""

    name = "markdown"

    def clean(self, raw: Any, actor: Actor) -> Any:
        if raw is None:
            return None
        text = self._text(raw).replace("\r\n", "\n").replace("\r", "\n").rstrip()
        if len(text) > self.longest:
            raise Refused(f"Too long: {len(text):,} characters, {self.longest:,} at most.")
        return text or None


class Number(FieldKind):
    """A finite number; ``low`` and ``high`` are the limits, inclusive."""

    name = "number"
    compare = "number"

    def __init__(self, *, low: float | None = None, high: float | None = None, whole: bool = False) -> None:
        super().__init__()
        self.low, self.high, self.whole = low, high, whole

    def clean(self, raw: Any, actor: Actor) -> Any:
        if raw is None or (isinstance(raw, str) and not raw.strip()):
            return None
        value = self._number(raw)
        if self.low is not None and value < self.low:
            raise Refused(f"Must be {self.low:g} or more.")
        if self.high is not None and value > self.high:
            raise Refused(f"Must be {self.high:g} or less.")
        if not self.whole:
            return value
        if value != int(value):
            raise Refused("Must be a whole number.")
        return int(value)

    def _number(self, raw: Any) -> float:
        if isinstance(raw, bool):
            raise Refused("Expected a number.")
        try:
            text = raw.strip().replace("\u00a0", "").replace(" ", "") if isinstance(raw, str) else raw
            value = float(text[:-1] if isinstance(text, str) and text.endswith("%") else text)
        except (TypeError, ValueError, OverflowError):
            raise Refused("Expected a number, for example 1200 or 0.5.") from None
        if not math.isfinite(value) or abs(value) > 1e15:
            raise Refused("The number is too large.")
        return value


class Money(Number):
    """An amount in whole units of the workspace's currency."""

    name = "money"

    def _number(self, raw: Any) -> float:
        return super()._number(raw.strip().strip("€$£").replace(",", "") if isinstance(raw, str) else raw)


class Flag(FieldKind):
    """Yes or no."""

    name = "flag"
    compare = "number"
    _WORDS: ClassVar[dict[str, bool]] = {
        **dict.fromkeys(("yes", "true", "1", "on", "y"), True),
        **dict.fromkeys(("no", "false", "0", "off", "n"), False),
    }

    def clean(self, raw: Any, actor: Actor) -> Any:
        if raw is None or isinstance(raw, bool):
            return raw
        if isinstance(raw, int | float):
            raw = str(int(raw))
        text = self._text(raw).strip().lower()
        if not text:
            return None
        if text not in self._WORDS:
            raise Refused("Expected yes or no.")
        return self._WORDS[text]


class Day(FieldKind):
    """A calendar date, written 2026-11-22."""

    name = "date"
    compare = "date"

    def clean(self, raw: Any, actor: Actor) -> Any:
        if isinstance(raw, datetime):
            return raw.date()
        if raw is None or isinstance(raw, date):
            return raw
        text = self._text(raw).strip()
        if not text:
            return None
        try:
            value = parse_date(text[:10]) if len(text) == 10 or text[10:11] in "T " else None
        except ValueError:
            value = None
        if value is None:
            raise Refused("Expected a date such as 2026-11-22.")
        return value

    def exchange(self, value: Any) -> Any:
        return value.isoformat() if isinstance(value, date) else value


class Moment(FieldKind):
    """An instant, kept in UTC, written 2026-11-22T09:30:00Z."""

    name = "moment"
    compare = "time"

    def clean(self, raw: Any, actor: Actor) -> Any:
        if raw is None or raw == "":
            return None
        if not isinstance(raw, datetime):
            text = self._text(raw).strip()
            try:
                value = parse_datetime(text if len(text) > 10 else f"{text}T00:00:00Z")
            except ValueError:
                value = None
            if value is None:
                raise Refused("Expected a date and time such as 2026-11-22T09:30:00Z.")
            raw = value
        return raw if raw.tzinfo else raw.replace(tzinfo=UTC)

    def exchange(self, value: Any) -> Any:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z") if isinstance(value, datetime) else value


class Choice(FieldKind):
    """One of a fixed list of (value, label); the label is accepted too."""

    name = "choice"

    def __init__(self, choices: tuple[tuple[Any, str], ...]) -> None:
        super().__init__()
        self.choices = choices
        self._by_word = {str(v).lower(): v for v, _ in choices}
        self._by_label = {label.lower(): v for v, label in choices}

    def clean(self, raw: Any, actor: Actor) -> Any:
        if raw is None:
            return None
        text = self._text(raw).strip().lower()
        if not text:
            return None
        value = self._by_word.get(text, self._by_label.get(text))
        if value is None:
            value = self._by_word.get(text.replace(" ", "_"))
        if value is None:
            raise Refused(f"Expected one of: {', '.join(str(v) for v, _ in self.choices)}.")
        return value


class Email(FieldKind):
    """An e-mail address."""

    name = "email"

    def clean(self, raw: Any, actor: Actor) -> Any:
        text = super().clean(raw, actor)
        if text is None:
            return None
        try:
            validate_email(text)
        except ValidationError:
            raise Refused("Expected an e-mail address.") from None
        return text


class Web(FieldKind):
    """A link to a page: http or https only."""

    name = "link"

    def clean(self, raw: Any, actor: Actor) -> Any:
        text = super().clean(raw, actor)
        if text is None:
            return None
        try:
            parts = urlsplit(text)
        except ValueError:
            raise Refused("Expected a link that begins with https://.") from None
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise Refused("Expected a link that begins with https://.")
        return text


def as_id(raw: Any) -> UUID | None:
    """The id that a raw value is, or None."""
    if isinstance(raw, UUID):
        return raw
    try:
        return UUID(str(raw)) if len(str(raw)) in (32, 36) else None
    except ValueError:
        return None


def _known(table: str, actor: Actor, ident: UUID, also: str = "") -> list[UUID]:
    """The id, in a list, if the workspace has a row of it; plain SQL, because every write asks."""
    sql = f"SELECT id FROM {table} WHERE id = %s AND workspace_id = %s{also}"
    return [rows.ident(row[0]) for row in rows.fetch(sql, [ident, actor.workspace_id])]


class Person(FieldKind):
    """A member of the workspace: by id, handle, e-mail address, exact name, or ``me``."""

    name = "person"
    compare = "id"

    def clean(self, raw: Any, actor: Actor) -> Any:
        if isinstance(raw, dict):  # as an answer names somebody; an empty one names nobody and empties nothing
            raw = raw.get("id") or raw.get("handle") or raw
        if raw is None or raw == "":
            return None
        if isinstance(raw, Member):
            raw = raw.pk
        ident = as_id(raw)
        if ident is not None:
            ids = _known("kernel_member", actor, ident, " AND left_at IS NULL")
        else:
            text = self._name(raw).removeprefix("@")
            if text.lower() == "me":
                return actor.member_id
            here = Member.objects.filter(workspace_id=actor.workspace_id, left_at=None).filter(
                models.Q(handle__iexact=text) | models.Q(user__email__iexact=text) | models.Q(name__iexact=text)
            )
            ids = list(here.values_list("pk", flat=True)[:2])
        if len(ids) != 1:
            raise Refused("Nobody here by that name." if not ids else "More than one person has that name.")
        return ids[0]

    def exchange(self, value: Any) -> Any:
        return str(value) if isinstance(value, UUID) else value


class ProductRef(FieldKind):
    """A product of the workspace: by id, slug or exact name."""

    name = "product"
    compare = "id"

    def clean(self, raw: Any, actor: Actor) -> Any:
        if isinstance(raw, dict):
            raw = raw.get("id") or raw
        if raw is None or raw == "":
            return None
        ident = as_id(raw.pk if isinstance(raw, Product) else raw)
        if ident is not None:
            ids = _known("kernel_product", actor, ident)
        else:
            text = self._name(raw)
            here = Product.objects.filter(workspace_id=actor.workspace_id)
            found = here.filter(models.Q(slug__iexact=text) | models.Q(name__iexact=text))
            ids = list(found.values_list("pk", flat=True)[:2])
        if len(ids) != 1:
            raise Refused("No product of that name here.")
        return ids[0]

    def exchange(self, value: Any) -> Any:
        return str(value) if isinstance(value, UUID) else value


class Reference(FieldKind):
    """Another record that the actor may see: by id, key (F-112) or, when it is the only one, title."""

    name = "reference"
    compare = "id"

    def __init__(self, kind: str) -> None:
        super().__init__()
        self.kind = kind

    def clean(self, raw: Any, actor: Actor) -> Any:
        if isinstance(raw, dict):
            raw = raw.get("id") or raw.get("key") or raw
        if raw is None or raw == "":
            return None
        if isinstance(raw, models.Model):
            raw = raw.pk
        ident = as_id(raw)
        if ident is not None:
            near, params = reach_sql(actor, "c")
            sql = f"SELECT c.id FROM kernel_card c WHERE c.id = %s AND c.kind = %s AND c.archived_at IS NULL AND {near}"
            ids = [rows.ident(r[0]) for r in rows.fetch(sql, [ident, self.kind, *params])]
        else:
            text = self._name(raw)
            cards = reach(actor, Card).filter(kind=self.kind, archived_at=None)
            ids = list(cards.filter(key=text.upper()).values_list("pk", flat=True))
            ids = ids or list(cards.filter(title=text).values_list("pk", flat=True)[:2])
        if len(ids) != 1:
            raise Refused(f"No {self.kind.replace('_', ' ')} of that name here.")
        return ids[0]

    def exchange(self, value: Any) -> Any:
        return str(value) if isinstance(value, UUID) else value


def kind_named(name: str, choices: list[str] | None = None) -> FieldKind:
    """The kind of a workspace's own field: text, number, money, date, choice, person or link."""
    if name == "choice":
        return Choice(tuple((c, c) for c in choices or []))
    by_name: dict[str, type[FieldKind]] = {k.name: k for k in (FieldKind, Number, Money, Day, Person, Web)}
    return by_name[name]()


def kind_of(field: Any) -> FieldKind:
    """The kind that a model's column asks for."""
    if isinstance(field, models.GeneratedField):
        return kind_of(field.output_field)
    if isinstance(field, models.ForeignKey):
        target: Any = field.related_model
        if target is Member:
            return Person()
        return ProductRef() if target is Product else Reference(target.kind)
    if field.choices:
        return Choice(tuple((v, str(label)) for v, label in field.choices))
    limits: dict[str, Any] = {}
    for validator in field.validators:
        edge = {"min_value": "low", "max_value": "high"}.get(getattr(validator, "code", ""))
        if edge:
            limits[edge] = validator.limit_value
    for column, make in _BY_COLUMN:
        if isinstance(field, column):
            kind: FieldKind = make(field, limits)
            return kind
    raise TypeError(f"no kind of field for {field!r}")


# The first that fits: a more special column stands before the one it is a kind of.
_BY_COLUMN: tuple[tuple[type[models.Field[Any, Any]], Callable[[Any, dict[str, Any]], FieldKind]], ...] = (
    (models.BooleanField, lambda field, limits: Flag()),
    (models.BigIntegerField, lambda field, limits: Money(whole=True, **limits)),
    (models.IntegerField, lambda field, limits: Number(whole=True, **limits)),
    (models.FloatField, lambda field, limits: Number(**limits)),
    (models.DateTimeField, lambda field, limits: Moment()),
    (models.DateField, lambda field, limits: Day()),
    (models.EmailField, lambda field, limits: Email(longest=254)),
    (models.URLField, lambda field, limits: Web(longest=field.max_length or 500)),
    (models.TextField, lambda field, limits: Markdown()),
    (models.CharField, lambda field, limits: FieldKind(longest=field.max_length or 300)),
)
