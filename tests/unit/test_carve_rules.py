"""The rules of carving: what is text, what is refused, and what is covered when nothing may be refused."""

import pytest

from forum.markup import carve, is_spoiler_free, may_carve, render, render_carved
from forum.markup.carve_model import MAX_CUTS, MAX_DEPTH, Carved, SpoilerProblem


def _known(label: str) -> bool:
    return label.startswith(("JJ", "LC"))


def _strict(source: str) -> Carved:
    return carve(source, strict=True, is_label=_known)


def _lenient(source: str) -> Carved:
    return carve(source, strict=False, is_label=_known)


def _seen(carved: Carved) -> str:
    rendered = render_carved(carved)
    return f"{rendered.html}\n{rendered.text}"


@pytest.mark.parametrize(
    "source",
    [
        "",
        "a || b",
        "if (a || b) then",
        "a | b | c",
        "| | a | |",
        "first a || b here\n\nand c || d there",
        "`||a||`",
        "``a `||` b``",
        "`>!a!<` `[spoiler]` `</spoiler>` `~!a!~`",
        "```\n||a||\n```",
        "~~~\n>! a\n:::spoiler\n[/spoiler]\n~~~",
        "    ||a||\n    >! b",
        "a\n\n    [spoiler]\n    b\n    [/spoiler]\n    :::spoiler\n\nc",
        "- a\n\n      ||b||",
        "> ```\n> ||a||\n> ```",
        "```\n||a||",
        r"\||a||",
        r"\|\|a\|\|",
        r"\>!a!<",
        r">\!a!<",
        r"\~!a!~",
        r"\[spoiler]a[/spoiler]",
        r"\[spoiler=JJ]a\[/spoiler]",
        r"\<spoiler>a</spoiler>",
        "\\:::spoiler JJ\na\n\\:::",
        r"\||a|| and \||b||",
        r"\>! a",
        r"a\!< b",
        "[spoiler: Jessica Jones S1E13] was good",
        "[Spoilers] ahead, and [spoilers for JJ S1]",
        "a &amp; b &lt;3 &gt; c &#124; d",
        "a &#124;&#124; b",
        "wow! <3 > ! ~ !",
        "I love it!<3 and him!<3",
        "yay~! Off we go~!",
        "::: warning",
        "> @ana said",
        "a:::b",
        "[a]: https://e.org/x\n\n[b][a]",
        "\u0915\u094d\u200d\u0937 \U0001f468\u200d\U0001f469 \u0645\u06cc\u200c\u062e",
    ],
)
def test_it_stays_visible(source: str) -> None:
    carved = _strict(source)
    assert carved == Carved(source)
    assert render_carved(carved).html == str(render(source).html)


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("a || b and ||secret||", "a || b and {}"),
        ("||secret|| and a || b", "{} and a || b"),
        ("||secret a || secret b||", "{}"),
        ("|| secret || and", "{} and"),
        ("say || secret || and", "say {} and"),
        ("say || secret||", "say {}"),
        (r"\\||secret||", r"\{}"),
        (r"\||a|| but ||secret||", "||a|| but {}"),
        (r"\|| but ||secret||", "|| but {}"),
        (r"||secret \|| secret||", "{}"),
        ("`a` ||secret `||` secret|| `b`", "a {} b"),
        ("||secret\n```\n||\n```\nsecret||", "{}"),
        ("|\u200b|secret|\u2060|", "{}"),
        (">\u200d!secret!\ufeff<", "{}"),
        ("[sp\u200boil\u00ader]secret[/spoi\u200bler\u200b]", "{}"),
        ("<\u200bspoiler>secret<\u200b/spoiler>", "{}"),
        (":\u200b::spoiler\nsecret\n::\u200b:", "{}"),
        ("\\\u200b||secret||", "\\\u200b{}"),
        ("|\ue000|secret|\ue001|", "{}"),
        ("|\x00|secret|\x7f|", "{}"),
    ],
)
def test_only_the_spoiler_is_covered(source: str, shown: str) -> None:
    carved = _strict(source)
    assert render_carved(carved).text == shown.format(*(f"\ue000{cut.seq}\ue001" for cut in carved.passages))
    assert len(carved.passages) == 1
    assert carved.passages[0].source.replace("secret", "") != carved.passages[0].source


@pytest.mark.parametrize(
    "source",
    [
        "a [x ||secret|| y](https://e.org/secret) b",
        "a ![||secret||](https://e.org/secret.png) b",
        'a [secret](https://e.org/secret "||secret||") b',
        "a [secret](https://e.org/||secret||) b",
        "a [secret](<https://e.org/||secret||>) b",
        "a <https://e.org/secret/||secret||> b",
        "a https://e.org/secret/||x||/secret b",
        "a https://e.org/secret~!x!~secret b",
        "a [![>!secret!<](https://e.org/secret)](https://e.org/secret) b",
        "a [secret ||secret](https://e.org/secret) secret|| b",
        "a ||secret [secret|| secret](https://e.org/secret) b",
        "a [||secret|| and [JJ]||secret||](https://e.org/secret) b",
    ],
)
def test_the_whole_link_is_covered(source: str) -> None:
    carved = _strict(source)
    assert render_carved(carved).text == "a \ue0001\ue001 b"
    assert "secret" not in _seen(carved)
    assert "https://e.org/secret" in render_carved(carved).passages[1][0]


@pytest.mark.parametrize(
    ("source", "code", "position"),
    [
        ("a ||secret", "unclosed_spoiler", 2),
        ("a >!secret", "unclosed_spoiler", 2),
        ("a ~!secret", "unclosed_spoiler", 2),
        ("a [spoiler]secret", "unclosed_spoiler", 2),
        ("a [JJ] [spoiler=LC]secret", "unclosed_spoiler", 7),
        ("a <spoiler>secret", "unclosed_spoiler", 2),
        ("a\n:::spoiler JJ\nsecret", "unclosed_spoiler", 2),
        ("a [spoiler]secret ||secret[/spoiler] secret", "unclosed_spoiler", 18),
        ("a ||secret [spoiler]secret|| secret", "unclosed_spoiler", 26),
        ("a ||secret `|| secret`", "unclosed_spoiler", 2),
        ("a ||secret\n\n    secret||", "unclosed_spoiler", 2),
        ("a [spoiler]secret\n\n    [/spoiler]", "unclosed_spoiler", 2),
        ("\ue000\ue000a |\u200b|secret", "unclosed_spoiler", 4),
        ("a\n>! secret [spoiler]secret\n\nsecret", "unclosed_spoiler", 12),
        ("a [spoiler]\n>! secret [/spoiler] secret", "unclosed_spoiler", 2),
    ],
)
def test_what_is_not_closed_is_refused_or_covered_to_the_end(source: str, code: str, position: int) -> None:
    with pytest.raises(SpoilerProblem) as raised:
        _strict(source)
    assert (raised.value.code, raised.value.position) == (code, position)
    assert "secret" not in str(raised.value)
    carved = _lenient(source)
    assert "secret" not in _seen(carved)
    assert _seen(carved).startswith("<p>a")


@pytest.mark.parametrize(
    "source",
    [
        "secret!<",
        "secret!~",
        "secret[/spoiler]",
        "[spoilers]secret[/spoilers]",
        "[spoiler JJ]secret[/spoiler]",
        "secret</spoiler>",
        "<spoiler/>secret</spoiler>",
        "secret\n:::",
        "text :::spoiler secret",
        ":::warning\nsecret\n:::",
        ">!secret\n\nsecret!<",
        "> !secret!<",
        "secret||",
        "||x||secret||",
        "x|| y ||secret|| y ||z",
        "a || secret\n\nsecret||",
        "[a]: https://e.org/||secret||\n\n[secret][a]",
        '[a]: https://e.org/ "||secret||"\n\n[secret][a]',
        "[secret](||se cret||)",
        "&#124;&#124;secret&#124;&#124;",
        "&#x7C;&verbar;secret&#124;|",
        "|&#124;secret&#124;|",
        "&gt;!secret!&lt;",
        "&gt;! secret",
        "&#62;&excl;secret&excl;&#60;",
        "&#126;!secret!&#126;",
        "&lsqb;spoiler]secret[/spoiler&rsqb;",
        "&#91;spoiler&#93;secret&#91;/spoiler&#93;",
        "&lt;spoiler&gt;secret&lt;/spoiler&gt;",
        "&colon;::spoiler secret",
        "|&#8203;|secret|&#8203;|",
        "||x|| &#124;&#124;secret&#124;&#124;",
        "||x &gt;!secret!&lt;|| y",
        "[secret](https://e.org/&#124;&#124;secret&#124;&#124;)",
    ],
)
def test_what_makes_no_sense_is_refused_or_covered_as_a_whole(source: str) -> None:
    with pytest.raises(SpoilerProblem) as raised:
        _strict(source)
    assert raised.value.code in ("broken_spoiler", "unclosed_spoiler")
    assert 0 <= raised.value.position <= len(source)
    carved = _lenient(source)
    assert carved.source == "\ue0001\ue001"
    (cut,) = carved.passages
    assert (cut.inline, cut.label, cut.start, cut.end, carved.share) == (False, None, 0, len(source), 1)


def test_too_deep() -> None:
    deep, deeper = ("[spoiler]" * count + "secret" + "[/spoiler]" * count for count in (MAX_DEPTH, MAX_DEPTH + 1))
    assert len(_strict(deep).passages) == MAX_DEPTH
    with pytest.raises(SpoilerProblem, match="spoiler_too_deep at 72"):
        _strict(deeper)
    assert "secret" not in _seen(_lenient(deep)) + _seen(_lenient(deeper))


@pytest.mark.parametrize("spelling", ["||secret|| ", ">! secret\n\n", "> @ana#c1\n> secret\n\n", "[JJ]~!secret!~ "])
def test_too_many(spelling: str) -> None:
    assert len(_strict(spelling * MAX_CUTS).passages) == MAX_CUTS
    with pytest.raises(SpoilerProblem, match="too_many_spoilers"):
        _strict(spelling * (MAX_CUTS + 1))
    assert "secret" not in _seen(_lenient(spelling * (MAX_CUTS + 1)))


@pytest.mark.parametrize(
    "title",
    ["||a||", "a ||b", ">! a", "a !<", "~!a!~", "[spoiler]", "a [/Spoiler]", "<spoiler>", ":::spoiler", "|\u200b|a||"],
)
def test_a_title_with_a_delimiter(title: str) -> None:
    assert not is_spoiler_free(title)


@pytest.mark.parametrize(
    "title", ["", "a || b", "Spoilers!", "[spoiler free] a", "a | b", "<3", "a: b", "What?! > no", "spoiler", "~a~"]
)
def test_a_title_without_any(title: str) -> None:
    assert is_spoiler_free(title)


def test_what_need_not_be_carved_is_known_at_once() -> None:
    assert not may_carve("Just [words](https://e.org), *some* | more: `a`\n\n> and a quote & so on")
    assert all(
        map(may_carve, ["||a||", "|\u200b|", ">! a", "&#124;&#124;a", "> @ana#c1\n> a", "[spoiler]", ":::spoiler a"])
    )
