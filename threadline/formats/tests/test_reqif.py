"""ReqIF in and out: what a file says is what it was made of, and what it holds beyond us is told."""

from __future__ import annotations

import io
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from threadline.formats.refusal import Unreadable
from threadline.formats.reqif import ReqDocument, ReqObject, differs, read, write

AT = "2026-03-04T05:06:07+00:00"
FOREIGN = """<?xml version="1.0"?>
<REQ-IF xmlns="http://www.omg.org/spec/ReqIF/20110401/reqif.xsd" xmlns:h="http://www.w3.org/1999/xhtml">
 <THE-HEADER><REQ-IF-HEADER IDENTIFIER="h"><TITLE>Harbour</TITLE></REQ-IF-HEADER></THE-HEADER>
 <CORE-CONTENT><REQ-IF-CONTENT>
  <DATATYPES><DATATYPE-DEFINITION-ENUMERATION IDENTIFIER="e"><SPECIFIED-VALUES>
    <ENUM-VALUE IDENTIFIER="e1" LONG-NAME="Draft"/><ENUM-VALUE IDENTIFIER="e2" LONG-NAME="Urgent"/>
  </SPECIFIED-VALUES></DATATYPE-DEFINITION-ENUMERATION></DATATYPES>
  <SPEC-TYPES><SPEC-OBJECT-TYPE IDENTIFIER="t" LONG-NAME="Need"><SPEC-ATTRIBUTES>
    <ATTRIBUTE-DEFINITION-XHTML IDENTIFIER="a1" LONG-NAME="ReqIF.Text"/>
    <ATTRIBUTE-DEFINITION-ENUMERATION IDENTIFIER="a2" LONG-NAME="Tags"/>
    <ATTRIBUTE-DEFINITION-INTEGER IDENTIFIER="a3" LONG-NAME="Rank"/>
  </SPEC-ATTRIBUTES></SPEC-OBJECT-TYPE></SPEC-TYPES>
  <SPEC-OBJECTS>
   <SPEC-OBJECT IDENTIFIER="o1" LAST-CHANGE="2021-10-15T11:34:36+02:00"><VALUES>
     <ATTRIBUTE-VALUE-XHTML><THE-VALUE><h:div>The <h:b>gate</h:b> shall<h:br/>close.<h:script>alert(1)</h:script>
       <h:object data="p.png"/></h:div></THE-VALUE>
       <DEFINITION><ATTRIBUTE-DEFINITION-XHTML-REF>a1</ATTRIBUTE-DEFINITION-XHTML-REF></DEFINITION></ATTRIBUTE-VALUE-XHTML>
     <ATTRIBUTE-VALUE-ENUMERATION><VALUES>
       <ENUM-VALUE-REF>e1</ENUM-VALUE-REF><ENUM-VALUE-REF>e2</ENUM-VALUE-REF></VALUES>
       <DEFINITION><ATTRIBUTE-DEFINITION-ENUMERATION-REF>a2</ATTRIBUTE-DEFINITION-ENUMERATION-REF></DEFINITION>
       </ATTRIBUTE-VALUE-ENUMERATION>
     <ATTRIBUTE-VALUE-INTEGER THE-VALUE="7">
       <DEFINITION><ATTRIBUTE-DEFINITION-INTEGER-REF>a3</ATTRIBUTE-DEFINITION-INTEGER-REF></DEFINITION>
       </ATTRIBUTE-VALUE-INTEGER>
     </VALUES><TYPE><SPEC-OBJECT-TYPE-REF>t</SPEC-OBJECT-TYPE-REF></TYPE></SPEC-OBJECT>
   <SPEC-OBJECT IDENTIFIER="o2" LONG-NAME="Second"/>
  </SPEC-OBJECTS>
  <SPEC-RELATIONS><SPEC-RELATION IDENTIFIER="r1"><SOURCE><SPEC-OBJECT-REF>o2</SPEC-OBJECT-REF></SOURCE>
    <TARGET><SPEC-OBJECT-REF>o1</SPEC-OBJECT-REF></TARGET></SPEC-RELATION>
   <SPEC-RELATION IDENTIFIER="r2"><SOURCE><SPEC-OBJECT-REF>o2</SPEC-OBJECT-REF></SOURCE>
    <TARGET><SPEC-OBJECT-REF>gone</SPEC-OBJECT-REF></TARGET></SPEC-RELATION></SPEC-RELATIONS>
  <SPECIFICATIONS><SPECIFICATION IDENTIFIER="s" LONG-NAME="Harbour gates"><CHILDREN>
    <SPEC-HIERARCHY IDENTIFIER="p1"><OBJECT><SPEC-OBJECT-REF>o1</SPEC-OBJECT-REF></OBJECT><CHILDREN>
      <SPEC-HIERARCHY IDENTIFIER="p2"><OBJECT><SPEC-OBJECT-REF>o2</SPEC-OBJECT-REF></OBJECT></SPEC-HIERARCHY>
    </CHILDREN></SPEC-HIERARCHY></CHILDREN></SPECIFICATION></SPECIFICATIONS>
 </REQ-IF-CONTENT></CORE-CONTENT></REQ-IF>"""


def test_another_tools_file_is_read_and_what_is_lost_is_told() -> None:
    found = read(FOREIGN.encode())
    assert found.title == "Harbour gates"
    assert found.tree == [("o1", 0), ("o2", 1)]
    assert found.objects["o1"].kind == "Need"
    assert found.objects["o1"].values == {"ReqIF.Text": "The gate shall\nclose.", "Tags": "Draft, Urgent", "Rank": "7"}
    assert found.objects["o1"].changed == "2021-10-15T11:34:36+02:00"
    assert found.objects["o2"].values == {"ReqIF.Name": "Second"}
    assert found.relations == [("o2", "o1", "")]
    assert found.losses == [
        "Pictures and objects in texts: left out.",
        "Relations to what is not in the file: left out.",
        "The looks of texts (bold, lists, tables, links): left out.",
    ]
    assert differs(found, read(write(found, made_at=AT))) == []


def test_an_archive_is_read_and_its_attachments_are_told() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        made.writestr("a/one.reqif", FOREIGN)
        made.writestr("a/p.png", b"x")
    assert "1 attached files were left out." in read(out.getvalue()).losses


@pytest.mark.parametrize(
    "data",
    [
        b"", b"{}", b"<a/>", b"PK\x03\x04nothing",
        b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><REQ-IF>&e;</REQ-IF>',
        b'<REQ-IF xmlns="http://www.omg.org/spec/ReqIF/20110401/reqif.xsd"/>',
    ],
)  # fmt: skip
def test_what_is_no_reqif_or_worse_is_refused(data: bytes) -> None:
    with pytest.raises(Unreadable):
        read(data)


_texts = st.text(st.characters(exclude_categories=("Cs", "Cc")) | st.sampled_from("\n\t"), min_size=1, max_size=60)


@given(st.lists(st.tuples(_texts, st.integers(0, 4), st.sampled_from(["Requirement", "Criterion"])), max_size=8))
def test_a_file_says_what_it_was_made_of(rows: list[tuple[str, int, str]]) -> None:
    document, depth = ReqDocument("A title"), -1
    for at, (text, wanted, kind) in enumerate(rows):
        depth = min(wanted, depth + 1)
        document.objects[f"_o{at}"] = ReqObject(f"_o{at}", kind, {"ReqIF.Text": text, "State": "agreed"}, AT)
        document.tree.append((f"_o{at}", depth))
        if at:
            document.relations.append((f"_o{at}", f"_o{at - 1}", "depends_on"))
    again = read(write(document, made_at=AT))
    assert differs(document, again) == []
    assert (again.title, again.losses) == ("A title", [])
    assert [o.changed for o in again.objects.values()] == [AT] * len(rows)


def test_a_difference_is_found() -> None:
    first, second = read(FOREIGN.encode()), read(FOREIGN.encode())
    second.objects["o1"].values["Rank"] = "8"
    second.tree.reverse()
    assert differs(first, second) == ["The order or the depth of the tree differs.", "o1 differs in Rank."]
