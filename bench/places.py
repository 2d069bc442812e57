"""Where filled databases lie: made once for each version of the generator and the migrations, copied for each run."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
_GENERATOR = ("words.py", "company.py", "filling.py")


def fingerprint() -> str:
    """Changes when the generated data or the tables would."""
    files = [ROOT / "bench" / name for name in _GENERATOR]
    files.append(ROOT / "threadline" / "engine" / "statistics.py")
    files += sorted((ROOT / "threadline").rglob("migrations/*.py"))
    found = hashlib.sha256()
    for path in files:
        found.update(path.name.encode() + path.read_bytes())
    return found.hexdigest()[:12]


def cache() -> Path:
    """The folder of the present fingerprint; older ones are removed."""
    home = Path(tempfile.gettempdir()) / "threadline-bench"
    mine = home / fingerprint()
    if not mine.is_dir():
        shutil.rmtree(home, ignore_errors=True)
        mine.mkdir(parents=True)
    return mine


def environment(folder: Path, database_url: str = "") -> dict[str, str]:
    """The environment of a process of ours: nothing of the operator's own settings."""
    ours = ("DATABASE_URL", "BASE_URL", "ALLOWED_HOSTS", "DEBUG", "PORT", "EVENTS_PORT", "HOST", "TRUSTED_PROXIES")
    found = {name: value for name, value in os.environ.items() if name not in ours}
    found |= {"DATA_DIR": str(folder), "EMAIL_URL": "memory://", "DJANGO_SETTINGS_MODULE": "threadline.settings"}
    return found | ({"DATABASE_URL": database_url} if database_url else {})


def run(module: str, *arguments: str, folder: Path, database_url: str = "") -> None:
    """Run one of our modules to its end; raises CalledProcessError when it fails."""
    command = [sys.executable, "-m", module, *arguments]
    subprocess.run(command, check=True, cwd=ROOT, env=environment(folder, database_url))


def filled_sqlite(size: int, work: Path) -> Path:
    """A folder with a database of ``size`` features and as much feedback, for one run to write in."""
    kept = cache() / f"sqlite-{size}"
    if not kept.is_dir():
        making = kept.with_suffix(".making")
        shutil.rmtree(making, ignore_errors=True)
        run("bench.filling", str(size), str(size), folder=making)
        making.rename(kept)
    return Path(shutil.copytree(kept, work / f"sqlite-{size}"))
