"""Tables: CSV by hand, and IMDb's, which are larger than memory; and files that are not what they claim."""

import gzip
from pathlib import Path

import pytest

from forum.spoilers.catalogue.checking import check
from forum.spoilers.catalogue.drafts import Catalogue, CatalogueProblem
from forum.spoilers.catalogue.importing import Source, files, read
from forum.spoilers.model import Group, Kind

HEADER = "work,kind,title,aliases,unit,group,released\n"


def table(path: Path, text: str) -> Catalogue:
    path /= "works.csv"
    path.write_text(text, encoding="utf-8")
    return check(read(path, Source.CSV))


def test_csv(tmp_path: Path) -> None:
    text = (
        HEADER
        + 'civil-war,comic,"Civil War, the comic",CW|Civil War,#1,main,US=2006-05-03|GB=2006-05-04\n'
        + "\n"
        + "civil-war,,,,#2,main,\n"
        + "film,film,Film,,,,2016-04-29\n"
    )
    comic, film = table(tmp_path, text).works
    assert (comic.id, comic.kind, comic.title) == ("civil-war", Kind.COMIC, "Civil War, the comic")
    assert comic.aliases == ("CW", "Civil War")
    assert [(unit.code, unit.group, sorted(unit.released)) for unit in comic.units] == [
        ("#1", "main", ["GB", "US"]),
        ("#2", "main", []),
    ]
    assert [(unit.code, sorted(unit.released)) for unit in film.units] == [("", ["*"])]


def test_more_columns_in_any_order(tmp_path: Path) -> None:
    text = "Unit,work,kind,title,branch,expected,group,franchise\nS1E1,a,tv,A,,13,S1,demo\nS1SP1,a,,,yes,,S1,\n"
    (work,) = table(tmp_path, text).works
    assert work.franchise == "demo"
    assert work.groups == (Group("S1", expected=13),)
    assert [unit.branch for unit in work.units] == [False, True]


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("", "missing", "line 1"),
        ("work,title\n", "missing", "line 1"),
        ("work,kind,title,unit,colour\n", "unknown_column", "line 1"),
        (HEADER, "nothing", ""),
        (HEADER + "a,movie,A,,,,\n", "bad_kind", "line 2, kind"),
        (HEADER + "a,film,A,,,,\nb,film,B,,,,2016\n", "bad_date", "line 3, released"),
        (HEADER + "a,film,A,,x y,,\n", "bad_code", "line 2"),
        (HEADER + "a,film,A,,,,\na,film,B,,#2,,\n", "bad_csv", "line 3, title"),
        (HEADER + "a,film,A,,#1,,\na,,,,#1,,\n", "code_twice", "line 3"),
        (HEADER + "a,film,A,,,,,,,\n", "bad_csv", "line 2"),
        (HEADER + 'a,film,"A,,,,\n', "bad_csv", "line 2"),
        (HEADER + "a,film,A,,,,Mars=2016-04-29\n", "bad_region", "line 2"),
        ("work,kind,title,unit,group,expected\na,tv,A,S1E1,,13\n", "expected_number", "line 2, expected"),
        ("work,kind,title,unit,branch\na,tv,A,S1E1,perhaps\n", "expected_flag", "line 2, branch"),
    ],
)
def test_a_mistake_is_named_with_its_line(tmp_path: Path, text: str, code: str, place: str) -> None:
    with pytest.raises(CatalogueProblem) as caught:
        table(tmp_path, text)
    assert (caught.value.code, caught.value.place) == (code, place)


EPISODES = (
    "tconst\tparentTconst\tseasonNumber\tepisodeNumber\n"
    "tt11\ttt1\t1\t10\n"
    "tt12\ttt1\t1\t9\n"
    "tt21\ttt2\t1\t1\n"
    "tt13\ttt1\t\\N\t\\N\n"
    "tt111\ttt11\t1\t1\n"
)


def imdb(folder: Path, *, packed: bool = False) -> Path:
    names = {
        "title.episode.tsv": EPISODES,
        "title.basics.tsv": "tconst\ttitleType\tprimaryTitle\toriginalTitle\ntt11\tx\tno\tno\ntt1\tx\tLamp\tLampe\n",
        "title.akas.tsv": "titleId\tordering\ttitle\tregion\ntt1\t1\tLamp\tUS\ntt1\t2\tLa lampe\tFR\ntt2\t1\tno\tGB\n",
    }
    for name, text in names.items():
        data = text.encode()
        (folder / f"{name}.gz" if packed else folder / name).write_bytes(gzip.compress(data) if packed else data)
    return folder / ("title.episode.tsv.gz" if packed else "title.episode.tsv")


@pytest.mark.parametrize("packed", [False, True])
def test_imdb(tmp_path: Path, packed: bool) -> None:
    (work,) = read(imdb(tmp_path, packed=packed), Source.IMDB, series="tt1").works
    assert (work.id, work.title, work.aliases) == ("lamp", "Lamp", ("Lampe", "La lampe"))
    assert work.origin == {"imdb": "tt1"}
    assert [(unit.code, unit.branch) for unit in work.units] == [("S1E9", False), ("S1E10", False), ("S0SP1", True)]
    assert work.units[0].ext == {"imdb": "tt12"}
    # Two of ten: what is not listed is missing.
    assert [(group.code, group.expected) for group in work.groups] == [("S1", None)]


def test_imdb_of_one_series_or_of_a_chosen_one(tmp_path: Path) -> None:
    path = imdb(tmp_path)
    for series, code in ((None, "several_works"), ("tt9", "not_there")):
        with pytest.raises(CatalogueProblem, match=code):
            read(path, Source.IMDB, series=series)
    alone = tmp_path / "alone.tsv"
    alone.write_text(EPISODES.splitlines()[0] + "\ntt21\ttt2\t1\t1\n")
    (work,) = read(alone, Source.IMDB).works
    assert (work.origin, work.title) == ({"imdb": "tt2"}, "")


@pytest.mark.parametrize(
    ("text", "code", "place"),
    [
        ("titleId\tordering\n", "bad_csv", "line 1"),
        ("tconst\tparentTconst\tseasonNumber\tepisodeNumber\ntt1\ttt2\n", "bad_csv", "line 2"),
        ("tconst\tparentTconst\tseasonNumber\tepisodeNumber\ntt1\ttt2\tone\t1\n", "expected_number", "line 2"),
        ("tconst\tparentTconst\tseasonNumber\tepisodeNumber\n" + "x" * 70_000, "bad_text", "line 2"),
    ],
)
def test_a_table_that_is_not_imdbs(tmp_path: Path, text: str, code: str, place: str) -> None:
    path = tmp_path / "title.episode.tsv"
    path.write_text(text)
    with pytest.raises(CatalogueProblem) as caught:
        read(path, Source.IMDB)
    assert (caught.value.code, caught.value.place) == (code, place)


def test_a_small_file_that_unpacks_without_end_is_left(tmp_path: Path) -> None:
    path = tmp_path / "bomb.json.gz"
    with gzip.open(path, "wb", compresslevel=1) as bomb:
        for _ in range(60):
            bomb.write(b" " * files.MEGABYTE)
    with pytest.raises(CatalogueProblem) as caught:
        read(path)
    assert (caught.value.code, caught.value.params) == ("too_big", {"most": 50})


def test_long_tables_end_too(tmp_path: Path) -> None:
    path = tmp_path / "long.tsv.gz"
    path.write_bytes(gzip.compress(b"x\n" * 100_000))
    with pytest.raises(CatalogueProblem, match="too_big"):
        list(files.lines_of(path, most=100_000))


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(b"{}" * 10_000)[:40])
    wrong = tmp_path / "latin.csv"
    wrong.write_bytes(HEADER.encode() + "a,film,Café,,,,\n".encode("latin-1"))
    for path, code in (
        (tmp_path / "missing", "unreadable"),
        (tmp_path, "unreadable"),
        (broken, "unreadable"),
        (wrong, "bad_encoding"),
    ):
        with pytest.raises(CatalogueProblem, match=code):
            read(path, Source.CSV)


def test_deep_json_is_refused_and_not_followed(tmp_path: Path) -> None:
    path = tmp_path / "deep.json"
    path.write_text("[" * 200_000 + "]" * 200_000)
    with pytest.raises(CatalogueProblem, match="bad_json"):
        read(path)
