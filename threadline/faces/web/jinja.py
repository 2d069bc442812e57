"""The Jinja2 environment of all pages."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import jinja2
from django.conf import settings
from django.template import engines
from jinja2 import Environment, FileSystemBytecodeCache, Template, nodes
from jinja2.compiler import CodeGenerator
from jinja2.environment import TemplateModule
from jinja2.runtime import Context, Macro, missing
from markupsafe import Markup, escape

from threadline.faces.web import keymap
from threadline.faces.web.assets import asset
from threadline.faces.web.wording import initials, on_day, plural, size_text

_METHODS = frozenset(dir(dict))


_means_something = re.compile("[&<>\"']").search


def escaped(value: Any) -> str:
    """What a template writes of a value: as markupsafe does, without its wrapping of plain text."""
    kind = value.__class__
    if kind is Markup or (kind is str and _means_something(value) is None):
        return value
    return str(value) if kind is int else escape(value)


class _Code(CodeGenerator):
    """Compiled templates use our ``escaped``: a page of a hundred rows calls it thousands of times."""

    def visit_Template(self, node: nodes.Template, frame: Any = None) -> None:  # noqa: N802 - the compiler's own name
        super().visit_Template(node, frame)
        self.writeline("escape = environment.escaped")


class _Context(Context):
    """Calls a macro without the questions that any other callable is asked: a page calls a hundred of them."""

    def call(self, obj: Any, /, *args: Any, **kwargs: Any) -> Any:
        """What a call in a template gives."""
        if obj.__class__ is not Macro or obj.catch_kwargs or obj.catch_varargs or obj.caller:
            return super().call(obj, *args, **kwargs)
        kwargs.pop("_block_vars", None)
        kwargs.pop("_loop_vars", None)
        rest = obj.arguments[len(args) :]
        given = (*args, *[kwargs.pop(name, missing) for name in rest])
        if kwargs or len(given) != len(obj.arguments):
            return super().call(obj, *args, **kwargs)  # which says what is wrong
        return str.__new__(Markup, obj._func(*given))


class _Page(Template):
    """A template whose macros are made once: no page of ours adds names that all templates see."""

    def _get_default_module(self, ctx: Context | None = None) -> TemplateModule:
        if self._module is None:
            self._module = self.make_module()
        return self._module


class Pages(Environment):
    """Looks into dicts first: contexts are made of them, and asking them for an attribute costs an exception."""

    code_generator_class = _Code
    context_class = _Context
    template_class = _Page
    escaped = staticmethod(escaped)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._at_hand: dict[str | tuple[str, ...], Template] = {}

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """The template of a name. A page asks for a dozen: once found, it is not looked for again."""
        if self.auto_reload or globals is not None or name.__class__ is not str:
            return super().get_template(name, parent, globals)
        found = self._at_hand.get(name)
        if found is None:
            found = self._at_hand[name] = super().get_template(name, parent)
        return found

    def first_of(self, names: Sequence[str]) -> Template:
        """The first template of these that there is; which of them there are does not change while the server runs."""
        if self.auto_reload:
            return self.select_template(list(names))
        found = self._at_hand.get(tuple(names))
        if found is None:
            found = self._at_hand[tuple(names)] = self.select_template(list(names))
        return found

    def getattr(self, obj: Any, attribute: str) -> Any:
        """``obj.attribute`` in a template; what a dict does not hold is undefined."""
        if obj.__class__ is dict and attribute not in _METHODS:
            try:
                return obj[attribute]
            except KeyError:
                return self.undefined(obj=obj, name=attribute)
        return super().getattr(obj, attribute)


def _compiled() -> FileSystemBytecodeCache | None:
    """Where compiled templates are kept from one start to the next: compiling took a third of a start.

    Jinja looks whether a template has changed; a change of ours to how they are compiled is another folder.
    """
    rules = hashlib.sha256(Path(__file__).read_bytes() + jinja2.__version__.encode()).hexdigest()[:12]
    home = Path(settings.DATA_DIR) / "cache" / f"templates-{rules}"
    try:
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # a place that is only read
        return None
    return FileSystemBytecodeCache(str(home), "%s")


def environment(**options: Any) -> Environment:
    """Build the environment with Django's options; named in settings."""
    made = Pages(trim_blocks=True, lstrip_blocks=True, bytecode_cache=_compiled(), **options)
    made.globals.update(asset=asset, shortcut=keymap.shown)
    made.filters.update(initials=initials, plural=plural, on_day=on_day, size=size_text)
    return made


def templates() -> Pages:
    """The environment that pages are drawn with; Django's own wrapping of it is left out."""
    engine: Any = engines["jinja2"]
    made: Pages = engine.env
    return made


def warm() -> int:
    """Compile every template once, before the first visitor; returns how many."""
    names = templates().list_templates(extensions=["html"])
    for name in names:
        templates().get_template(name)
    return len(names)
