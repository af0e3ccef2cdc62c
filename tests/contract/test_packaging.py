"""What is handed to others: the wheel's content, that it works where no checkout is, and the locked requirements."""

import json
import re
import subprocess
import sys
import tomllib
from email.parser import HeaderParser
from pathlib import Path
from typing import Final
from zipfile import ZipFile

import pytest

from tests.support.repository import ROOT, files

SHIPPED: Final = {
    "templates": "forum/_data/templates",
    "static": "forum/_data/static",
    "migrations": "forum/_data/migrations",
}
LOCK_LINE: Final = re.compile(
    r"(?P<name>[a-z0-9-]+)==(?P<version>[\w.+]+)(?: ; (?P<marker>[^\\]+))? \\|    --hash=sha256:[0-9a-f]{64}(?: \\)?"
)
ASK: Final = """
import json, forum
from forum import paths
folders = [str(folder) for folder in (paths.TEMPLATES_DIR, paths.MIGRATIONS_DIR, paths.STATIC_DIR)]
print(json.dumps([forum.__file__, *folders, forum.__version__]))
"""


def run(*command: object, cwd: Path, **environment: str) -> str:
    words = [str(word) for word in command]
    ended = subprocess.run(words, cwd=cwd, env=environment or None, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return ended.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the wheel with what is installed: no isolation, so nothing is fetched."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (built,) = folder.glob("aftershow-*.whl")
    return built


def test_the_wheel_carries_all_that_is_needed_and_nothing_else(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        carried = {name for name in archive.namelist() if ".dist-info/" not in name}
    expected = {path.relative_to(ROOT).as_posix() for path in files("forum") if path.suffix != ".mo"}
    for folder, place in SHIPPED.items():
        expected |= {f"{place}/{path.relative_to(ROOT / folder).as_posix()}" for path in files(folder)}
    assert carried == expected
    assert any(name.endswith(".po") for name in carried)
    assert any(name.startswith("forum/_data/templates/") for name in carried)
    assert any(name.startswith("forum/_data/migrations/versions/") for name in carried)


def test_the_wheel_says_what_it_is(wheel: Path) -> None:
    with ZipFile(wheel) as archive:
        by_name = {Path(name).name: name for name in archive.namelist() if ".dist-info/" in name}
        metadata = HeaderParser().parsestr(archive.read(by_name["METADATA"]).decode())
        entry_points = archive.read(by_name["entry_points.txt"]).decode()
    assert metadata["Name"] == "aftershow"
    assert metadata["License-Expression"] == "MIT"
    assert "LICENSE" in by_name
    assert "aftershow = forum.cli:main" in entry_points


def test_an_installed_wheel_finds_its_files(wheel: Path, tmp_path: Path) -> None:
    target = tmp_path / "site"
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "--no-deps", "--no-index"]
    run(*pip, "--target", target, wheel, cwd=tmp_path)
    module, *folders, version = json.loads(run(sys.executable, "-c", ASK, cwd=tmp_path, PYTHONPATH=str(target)))
    assert Path(module).is_relative_to(target)
    for folder in map(Path, folders):
        assert folder.is_relative_to(target)
        assert any(folder.iterdir())
    assert version == tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]


def locked(name: str) -> set[tuple[str, str, str | None]]:
    """Return (package, version, marker) of each line of a lock; a line of any other form fails."""
    found = set()
    for line in (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        match = LOCK_LINE.fullmatch(line)
        assert match, f"requirements/{name}.txt holds more than versions and hashes: {line}"
        if match["name"]:
            found.add((match["name"], match["version"], match["marker"]))
    return found


def test_the_locks_hold_versions_and_hashes_only_and_agree() -> None:
    runtime, dev = locked("runtime"), locked("dev")
    assert {(name, version) for name, version, _ in runtime} <= {(name, version) for name, version, _ in dev}


def test_every_declared_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    extras = [wanted for extra in project["project"]["optional-dependencies"].values() for wanted in extra]
    declared = {"runtime": project["project"]["dependencies"] + extras, "dev": project["dependency-groups"]["dev"]}
    for lock, wanted in declared.items():
        names = {re.split(r"[\[<>=!~ ;]", requirement)[0].lower() for requirement in wanted}
        assert names - {name for name, _, _ in locked(lock)} == set()
