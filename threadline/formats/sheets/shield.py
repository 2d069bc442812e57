"""How text that a spreadsheet would run as a formula is written to CSV, and read back.

The rule: text is written with one apostrophe more if, after any apostrophes it begins with,
a sign follows that makes a formula (= + - @, also as full-width or small forms, also behind
space, or a tab or line break in front). Reading takes one apostrophe away from exactly such
text. So what was written is read back the same, an apostrophe of the text's own included
("'=1" becomes "''=1" and returns as "'=1"), and "'tis" is never touched.
"""

from __future__ import annotations

import re

_INVISIBLE = r"\s\x00-\x1f\x7f-\x9f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff"
_SIGN = r"=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
_FORMULA = re.compile(rf"'*+(?:[\t\r\n]|[{_INVISIBLE}]*+[{_SIGN}])")


def shield(text: str) -> str:
    """`text` as it is written: never the beginning of a formula."""
    # Most text begins with a letter or digit, and an export asks for every cell.
    if text[:1].isalnum():
        return text
    return f"'{text}" if _FORMULA.match(text) else text


def unshield(text: str) -> str:
    """The text that `shield` was given."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text) else text
