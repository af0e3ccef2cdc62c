"""`aftershow catalogue`: what it prints, what it leaves in the database, and its exit codes."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.support.command import aftershow
from tests.support.repository import ROOT

SAMPLE = str(ROOT / "forum/demo/data/catalogue.json")
SHOW: dict[str, Any] = {
    "id": 77,
    "name": "Harbour Lights",
    "_embedded": {
        "seasons": [{"number": 1, "episodeOrder": 2}],
        "episodes": [
            {"id": 770 + n, "season": 1, "number": n, "type": "regular", "airstamp": f"2020-01-0{n}T20:00:00+00:00"}
            for n in (1, 2)
        ],
    },
}


def stored(path: Path, document: object, name: str = "works.json") -> str:
    path /= name
    path.write_text(json.dumps(document), encoding="utf-8")
    return str(path)


def test_the_sample_is_imported_once(engine_url: str) -> None:
    dry = aftershow("catalogue", "import", SAMPLE, "--dry-run", database_url=engine_url)
    assert (dry.exit_code, dry.stdout.splitlines()[-1]) == (0, "Nothing was changed: this was a dry run.")
    assert "The catalogue is empty." in aftershow("catalogue", "list", database_url=engine_url).stdout
    done = aftershow("catalogue", "import", SAMPLE, database_url=engine_url)
    assert done.exit_code == 0, done.output
    lines = done.stdout.splitlines()
    assert "+ franchise mcu: Marvel" in lines
    assert "+ jessica-jones: Jessica Jones (tv)" in lines
    assert "  + unit S1E1 … S3E13 (39)" in lines
    assert "! “Civil War” now matches 2 works: ca-civil-war, civil-war-2006" in lines
    assert lines[:-1] == dry.stdout.splitlines()[:-1]
    again = aftershow("catalogue", "import", SAMPLE, database_url=engine_url)
    assert (again.exit_code, again.stdout) == (0, "Nothing to change.\n")


def test_works_are_listed_and_shown(sqlite_url: str) -> None:
    aftershow("catalogue", "import", SAMPLE, database_url=sqlite_url)
    listed = aftershow("catalogue", "list", database_url=sqlite_url).stdout
    assert listed.index("alias-comic") < listed.index("jessica-jones") < listed.index("ninth-platform")
    some = aftershow("catalogue", "list", "civil war", database_url=sqlite_url).stdout
    assert "ca-civil-war" in some
    assert "jessica-jones" not in some
    demo = aftershow("catalogue", "list", "--franchise", "demo", database_url=sqlite_url).stdout
    assert "gutterlight" in demo
    assert "jessica-jones" not in demo
    none = aftershow("catalogue", "list", "nobody knows", database_url=sqlite_url)
    assert (none.exit_code, none.stdout) == (0, "No work of the catalogue is like that.\n")
    shown = aftershow("catalogue", "show", "jessica-jones", database_url=sqlite_url).stdout
    for words in ("Jessica Jones", "based_on alias-comic", "S1: 13 of 13 units, complete", "S3E13  * 2019-06-14"):
        assert words in shown
    missing = aftershow("catalogue", "show", "nobody", database_url=sqlite_url)
    assert missing.exit_code == 1
    assert "There is no work 'nobody' here." in missing.stderr


def test_a_source_and_what_it_does_not_say(sqlite_url: str, tmp_path: Path) -> None:
    path = stored(tmp_path, SHOW)
    options = ["--id", "hl", "--title", "Harbour Lights (TV)", "--franchise", "demo=Demo"]
    done = aftershow("catalogue", "import", path, "--from", "tvmaze", *options, database_url=sqlite_url)
    assert done.exit_code == 0, done.output
    assert "+ hl: Harbour Lights (TV) (tv)" in done.stdout
    # From now on it is known by its id there, and keeps its name.
    again = aftershow("catalogue", "import", path, "--from", "tvmaze", database_url=sqlite_url)
    assert "alias Harbour Lights" in again.stdout
    third = aftershow("catalogue", "import", path, "--from", "tvmaze", database_url=sqlite_url)
    assert third.stdout == "Nothing to change.\n"
    short = {**SHOW, "_embedded": {"episodes": SHOW["_embedded"]["episodes"][:1]}}
    kept = aftershow(
        "catalogue", "import", stored(tmp_path, short, "short.json"), "--from", "tvmaze", database_url=sqlite_url
    )
    assert kept.stdout.splitlines() == ["  hl: not in the file, kept: S1E2", "Nothing to change."]
    merged = aftershow("catalogue", "import", path, "--from", "tvmaze", "--merge", database_url=sqlite_url)
    assert merged.stdout == "Nothing to change.\n"
    gone = aftershow(
        "catalogue",
        "import",
        stored(tmp_path, short, "short.json"),
        "--from",
        "tvmaze",
        "--merge",
        database_url=sqlite_url,
    )
    assert "  - unit S1E2" in gone.stdout.splitlines()


def test_imdb_and_packed_files(sqlite_url: str, tmp_path: Path) -> None:
    path = tmp_path / "title.episode.tsv.gz"
    rows = ["tconst\tparentTconst\tseasonNumber\tepisodeNumber", "tt11\ttt1\t1\t1", "tt21\ttt2\t1\t1"]
    path.write_bytes(gzip.compress("\n".join(rows).encode()))
    options = ["--from", "imdb", "--series", "tt1", "--id", "lamp", "--title", "Lamp", "--kind", "tv"]
    done = aftershow("catalogue", "import", str(path), *options, database_url=sqlite_url)
    assert done.exit_code == 0, done.output
    assert "+ lamp: Lamp (tv)" in done.stdout
    again = aftershow("catalogue", "import", str(path), *options[:4], database_url=sqlite_url)
    assert again.stdout == "Nothing to change.\n"


@pytest.mark.parametrize(
    ("document", "options", "code", "words"),
    [
        ({"format": "fan-catalog/1", "works": [{"id": "a"}]}, [], 1, "works[0]: kind is missing."),
        ({"name": "?"}, [], 1, "The format cannot be told from the content"),
        (SHOW, ["--from", "tvdb"], 2, "--from"),
        (SHOW, ["--from", "trakt"], 1, "seasons is missing."),
        ([], ["--from", "trakt"], 1, "give it an id"),
        ([], ["--from", "trakt", "--id", "a"], 1, "give it a title"),
        (SHOW, ["--from", "tvmaze", "--id", "Harbour"], 1, "lower-case letters"),
        (SHOW, ["--from", "tvmaze", "--franchise", "mcu"], 1, "There is no franchise 'mcu' here"),
        (SHOW, ["--from", "tvmaze", "--kind", "show"], 2, "--kind"),
    ],
)
def test_what_cannot_be_imported(
    sqlite_url: str, tmp_path: Path, document: object, options: list[str], code: int, words: str
) -> None:
    path = stored(tmp_path, document)
    ended = aftershow("catalogue", "import", path, *options, database_url=sqlite_url)
    assert ended.exit_code == code
    assert words in " ".join(ended.stderr.replace("│", " ").split())
    if code == 1:
        assert ended.stderr.startswith(f"{path}: ")
    assert "The catalogue is empty." in aftershow("catalogue", "list", database_url=sqlite_url).stdout


def test_options_for_one_work_need_one_work(sqlite_url: str) -> None:
    ended = aftershow("catalogue", "import", SAMPLE, "--id", "a", database_url=sqlite_url)
    assert ended.exit_code == 1
    assert "several works" in ended.stderr


def test_a_file_that_is_not_there(sqlite_url: str, tmp_path: Path) -> None:
    ended = aftershow("catalogue", "import", str(tmp_path / "nothing.json"), database_url=sqlite_url)
    assert ended.exit_code == 1
    assert "cannot be read" in ended.stderr
