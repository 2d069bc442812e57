"""The strict parser takes plain JSON and answers everything else with BadJSON alone."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from threadline.formats.strictjson import MAX_DEPTH, BadJSON, loads, loads_any

REFUSED = {
    "empty": (b"", ""),
    "blank": (b" \n\t", ""),
    "bad UTF-8": (b'{"a": "\xff"}', ""),
    "encoded surrogate": (b'{"a": "\xed\xa0\x80"}', ""),
    "byte order mark": (b'\xef\xbb\xbf{"a": 1}', ""),
    "UTF-16": ('{"a": 1}'.encode("utf-16"), ""),
    "NaN": (b'{"a": [1, NaN]}', "/a/1"),
    "infinity": (b'{"a": -Infinity}', "/a"),
    "duplicate key": (b'{"a": {"b": 1, "c": 2, "b": 3}}', "/a/b"),
    "duplicate key by escape": (b'{"a": 1, "\\u0061": 1}', "/a"),
    "escaped pointer": (b'{"x/y~z": NaN}', "/x~1y~0z"),
    "lone high surrogate": (b'{"a": "\\ud800"}', "/a"),
    "lone low surrogate": (b'["\\uDFFF"]', "/0"),
    "surrogate in a key": (b'{"\\udc00": 1}', "/\\udc00"),
    "NUL escape": (b'{"a": "x\\u0000y"}', "/a"),
    "raw NUL": (b'{"a": "x\0y"}', ""),
    "raw newline in text": (b'{"a": "x\ny"}', ""),
    "64 bits exceeded": (b'{"a": 9223372036854775808}', "/a"),
    "64 bits exceeded below": (b'{"a": -9223372036854775809}', "/a"),
    "5,000 digits": (b'{"a": ' + b"9" * 5000 + b"}", "/a"),
    "long fraction": (b'{"a": 0.' + b"1" * 5000 + b"}", "/a"),
    "float overflow": (b'{"a": 1e400}', "/a"),
    "negative float overflow": (b'{"a": -1E999}', "/a"),
    "trailing garbage": (b'{"a": 1} x', ""),
    "two documents": (b'{"a": 1}{"b": 2}', ""),
    "trailing comma": (b'{"a": 1,}', ""),
    "comment": (b'{"a": 1 /* no */}', ""),
    "single quotes": (b"{'a': 1}", ""),
    "bare word": (b"undefined", ""),
    "leading zero": (b'{"a": 01}', ""),
    "unclosed": (b'{"a": [1', ""),
    "unclosed text": (b'{"a": "' + b"\\" * 99, ""),
    "deep lists": (b"[" * 100_000, ""),
    "deep lists, closed": (b"[" * 65 + b"]" * 65, ""),
    "deep objects": (b'{"a":' * 100_000, ""),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name: str) -> None:
    data, pointer = REFUSED[name]
    with pytest.raises(BadJSON) as caught:
        loads_any(data)
    assert caught.value.pointer == pointer
    assert caught.value.message.endswith(".")
    assert str(caught.value) == caught.value.message


@pytest.mark.parametrize("data", [b"[]", b"[{}]", b'"x"', b"1", b"1.5", b"null", b"true"])
def test_an_object_is_wanted(data: bytes) -> None:
    loads_any(data)
    with pytest.raises(BadJSON, match="object is wanted"):
        loads(data)


def test_size_is_checked_first() -> None:
    assert loads(b'{"a": 1}', max_bytes=8) == {"a": 1}
    with pytest.raises(BadJSON, match="9 bytes long; at most 8"):
        loads(b'{"a": 12}', max_bytes=8)


def test_taken_at_the_edges() -> None:
    assert loads_any(b"[9223372036854775807, -9223372036854775808]") == [2**63 - 1, -(2**63)]
    assert loads_any(b'"\\ud83d\\ude00"') == "😀"
    assert loads_any(b'"\\\\u0000"') == "\\u0000"
    assert loads_any(b'{"": {"a": []}}') == {"": {"a": []}}
    assert loads_any(b"[" * MAX_DEPTH + b"]" * MAX_DEPTH)
    brackets_in_text = b'["' + b"[{" * 500 + b'\\"[["]'
    assert loads_any(brackets_in_text) == ["[{" * 500 + '"[[']
    assert loads_any(b"1e-400") == 0.0


def test_a_syntax_error_names_line_and_column() -> None:
    with pytest.raises(BadJSON, match=r"^Line 2, column 7: expecting value\.$"):
        loads(b'{\n "a": ,}')
    with pytest.raises(BadJSON, match=r"^Line 1, column 4: something follows the end of the JSON\.$"):
        loads(b"{} {}")


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values, st.booleans())
def test_what_the_standard_library_writes_is_read_back(value: object, ascii_only: bool) -> None:
    assert loads_any(json.dumps(value, ensure_ascii=ascii_only).encode()) == value


fragments = st.lists(
    st.sampled_from(["{", "}", "[", "]", '"', "\\", "\\u", "d800", ",", ":", "1", "e9", "-", "NaN", "a"]).map(
        str.encode
    )
    | st.binary(max_size=3)
).map(b"".join)


@given(st.binary() | fragments)
@example(b"\xfe\xff")
@example(b'"\\')
def test_no_other_exception_and_no_other_value(data: bytes) -> None:
    try:
        value = loads_any(data)
    except BadJSON:
        return
    assert not isinstance(value, float) or math.isfinite(value)
    assert json.loads(data) == value
