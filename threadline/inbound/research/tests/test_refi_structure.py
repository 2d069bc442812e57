"""What we hand to other programs keeps to the structure of REFI-QDA 1.5: identities, references, sources, positions."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring

from threadline.formats import refi
from threadline.inbound.research import carrying
from threadline.inbound.research.tests.test_carrying import study_with
from threadline.kernel.testing import World

ORDER = ("Users", "CodeBook", "Variables", "Cases", "Sources", "Notes", "Links", "Sets", "Graphs")
GUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SPACE = f"{{{refi.PROJECT}}}"


def faults(data: bytes) -> list[str]:
    """What the standard would object to in a project file."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        root = fromstring(archive.read("project.qde"))
        kept = {name: archive.read(name).decode() for name in archive.namelist() if name != "project.qde"}
    found = [f"not of the standard's namespace: {e.tag}" for e in root.iter() if not e.tag.startswith(SPACE)]
    parts = [e.tag.removeprefix(SPACE) for e in root]
    if parts != [name for name in ORDER if name in parts]:
        found.append(f"parts out of order: {parts}")
    return found + _identities(root) + _references(root) + _sources(root, kept)


def _identities(root: Element) -> list[str]:
    guids = [e.attrib["guid"] for e in root.iter() if "guid" in e.attrib]
    twice = [f"twice: {g}" for g, times in Counter(guids).items() if times > 1]
    return twice + [f"no GUID: {g}" for g in guids if not GUID.fullmatch(g)]


def _references(root: Element) -> list[str]:
    codes = {e.attrib["guid"] for e in root.iter(f"{SPACE}Code")}
    users = {e.attrib["guid"] for e in root.iter(f"{SPACE}User")}
    lost = [e.attrib["targetGUID"] for e in root.iter(f"{SPACE}CodeRef") if e.attrib["targetGUID"] not in codes]
    unknown = [e.attrib["creatingUser"] for e in root.iter() if e.attrib.get("creatingUser", "") not in users | {""}]
    return [f"no such code: {g}" for g in lost] + [f"no such user: {g}" for g in unknown]


def _sources(root: Element, kept: dict[str, str]) -> list[str]:
    found, named = [], set()
    for source in root.iter(f"{SPACE}TextSource"):
        name = source.attrib["plainTextPath"].replace("internal://", "sources/", 1)
        named.add(name)
        if name not in kept:
            found.append(f"not in the archive: {name}")
            continue
        for one in source.iter(f"{SPACE}PlainTextSelection"):
            start, end = int(one.attrib["startPosition"]), int(one.attrib["endPosition"])
            if not 0 <= start < end <= len(kept[name]):
                found.append(f"outside of its text: {start} to {end}")
    return found + [f"named by nothing: {name}" for name in kept if name not in named]


def test_a_project_keeps_to_the_structure_of_the_standard(world: World) -> None:
    project = carrying.as_project(world.pm, study_with(world))
    assert len(project.sources[0].selections) == 3
    assert faults(refi.write_project(project)) == []


def test_a_codebook_keeps_to_it_too(world: World) -> None:
    root = fromstring(refi.write_codebook(carrying.as_project(world.pm, study_with(world)).codes))
    assert root.tag == f"{{{refi.CODEBOOK}}}CodeBook"
    assert _identities(root) == []
    names = [e.attrib["name"] for e in root.iter(f"{{{refi.CODEBOOK}}}Code")]
    assert sorted(names) == ["lists & notes", "ways"]


@pytest.mark.parametrize("harm", ["end", "start", "code", "user", "twice", "guid"])
def test_the_check_finds_what_is_wrong(world: World, harm: str) -> None:
    project = carrying.as_project(world.pm, study_with(world))
    mark, other = project.sources[0].selections[:2]
    if harm == "end":
        mark.end = len(project.sources[0].text) + 1
    elif harm == "start":
        mark.start = mark.end
    elif harm == "code":
        mark.codes = [refi.guid("nothing")]
    elif harm == "user":
        mark.user = refi.guid("nobody")
    elif harm == "twice":
        other.guid = mark.guid
    else:
        mark.guid = "17"
    assert faults(refi.write_project(project))
