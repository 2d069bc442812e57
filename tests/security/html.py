"""What a page offers: its links, and its forms as a browser without scripts would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit


@dataclass
class Control:
    """One named control. ``options`` are the values that can be chosen or ticked."""

    name: str
    type: str
    value: str = ""
    options: list[str] = field(default_factory=list)
    on: bool = True  # whether a browser sends it when nothing was touched
    required: bool = False


@dataclass
class Form:
    """A form of a page; ``action`` is a path of this server."""

    page: str
    method: str
    action: str
    controls: list[Control] = field(default_factory=list)

    def sent(self) -> dict[str, list[str]]:
        """What is sent when only the needed blanks are filled."""
        data: dict[str, list[str]] = {}
        for control in self.controls:
            if control.type == "file":
                continue
            value = control.value
            if control.type == "select" and not value and control.required:
                value = next((o for o in control.options if o), "")
            if control.required and not value and control.type not in ("checkbox", "radio"):
                value = _FILL.get(control.type, "Some words")
            if control.on or control.required:
                data.setdefault(control.name, []).append(value)
        return data

    @property
    def files(self) -> list[str]:
        """Names of controls that take a file."""
        return [c.name for c in self.controls if c.type == "file"]


_FILL = {"email": "someone@else.example", "number": "1", "date": "2026-03-04", "url": "https://customer.example/",
         "password": "correct horse battery staple"}  # fmt: skip


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__(convert_charrefs=True)
        self.address = address
        self.links: list[str] = []
        self.forms: dict[str, Form] = {}
        self._open: list[Form] = []
        self._select: Control | None = None
        self._area: Control | None = None
        self._loose: list[tuple[str, Control]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        for name in ("href", "src"):
            if name in given:
                self.links.append(given[name])
        if tag == "meta" and given.get("http-equiv", "").lower() == "refresh" and "url=" in given.get("content", ""):
            self.links.append(given["content"].partition("url=")[2])
        if tag == "form":
            action = urljoin(self.address, given.get("action", "") or self.address)
            form = Form(self.address, given.get("method", "get").lower(), action)
            self.forms[given.get("id", f"form-{len(self.forms)}")] = form
            self._open.append(form)
        elif tag == "button" and "formaction" in given and self._open:
            action = urljoin(self.address, given["formaction"])
            form = Form(self.address, given.get("formmethod", self._open[-1].method), action, self._open[-1].controls)
            self.forms[f"form-{len(self.forms)}"] = form
        self._control(tag, given)

    def _control(self, tag: str, given: dict[str, str]) -> None:
        name, kind = given.get("name", ""), given.get("type", "text").lower()
        if tag == "option" and self._select is not None:
            self._select.options.append(given.get("value", ""))
            if "selected" in given:
                self._select.value = given.get("value", "")
            return
        if tag not in ("input", "select", "textarea", "button") or not name:
            return
        made = Control(name, kind if tag == "input" else tag, given.get("value", ""), required="required" in given)
        if made.type in ("checkbox", "radio"):
            made.value, made.on = given.get("value", "on"), "checked" in given
        if tag == "button":
            made.on = False
        if tag == "select":
            self._select = made
        if tag == "textarea":
            self._area = made
        if "form" in given:
            self._loose.append((given["form"], made))
        elif self._open:
            self._open[-1].controls.append(made)

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            self._area.value += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form" and self._open:
            self._open.pop()
        elif tag == "select":
            if self._select is not None and not self._select.value:
                self._select.value = next(iter(self._select.options), "")
            self._select = None
        elif tag == "textarea":
            self._area = None

    def finish(self) -> None:
        """Give controls that stand outside their form to it."""
        for ident, control in self._loose:
            if ident in self.forms:
                self.forms[ident].controls.append(control)


def read(text: str, address: str) -> tuple[list[str], list[Form]]:
    """Paths of this server that the page links to, and its forms."""
    reader = _Reader(address)
    reader.feed(text)
    reader.close()
    reader.finish()
    links = (urljoin(address, link) for link in reader.links)
    own = [link.partition("#")[0] for link in links if not urlsplit(link).scheme and not link.startswith("//")]
    return list(dict.fromkeys(own)), list(reader.forms.values())
