"""Reading a long table takes no more memory than reading a short one."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from threadline.formats.tests.test_sheets_xlsx import HEADER, MAIN, RELATIONS, SHEET, SHEET_END, TYPES, WORKBOOK

MEASURE = """
import resource, sys
from pathlib import Path
from threadline.formats.sheets import open_sheet
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
count = sum(1 for _ in open_sheet(Path(sys.argv[1])).rows())
print(count, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize("ending", ["csv", "json", "xlsx"])
def test_memory_does_not_grow_with_the_file(tmp_path: Path, ending: str) -> None:
    """40,000 rows of 1 kB are 40 MB of text; reading them may add 25 MB at most (ru_maxrss is in kB)."""
    path = tmp_path / f"long.{ending}"
    texts = [f"{number} " + "The raid was lost again. " * 36 + f"{number**24:x}" for number in range(40_000)]
    if ending == "csv":
        path.write_text("id,text\n" + "".join(f"1,{text}\n" for text in texts))
    elif ending == "json":
        path.write_text(json.dumps({"data": [{"id": 1, "text": text} for text in texts]}))
    else:
        write_shared(path, texts)
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    count, grown = map(int, done.stdout.split())
    assert count == 40_000
    assert grown < 25_000


def write_shared(path: Path, texts: list[str]) -> None:
    """A workbook as Excel writes it, every text in the table of shared texts."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        package.writestr("[Content_Types].xml", TYPES)
        package.writestr("xl/workbook.xml", WORKBOOK)
        package.writestr("xl/_rels/workbook.xml.rels", RELATIONS)
        package.writestr("xl/styles.xml", f'<styleSheet xmlns="{MAIN}"/>')
        shared = "".join(f"<si><t>{text}</t></si>" for text in texts)
        package.writestr("xl/strings.xml", f'<sst xmlns="{MAIN}">{shared}</sst>')
        rows = "".join(f'<row><c><v>{at}</v></c><c t="s"><v>{at}</v></c></row>' for at in range(len(texts)))
        package.writestr("xl/s.xml", f"{SHEET}{HEADER}{rows}{SHEET_END}")
