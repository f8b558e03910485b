"""On which line each key of a TOML file stands, against files numbered by hand."""

from __future__ import annotations

import tomllib
from pathlib import Path

from tables import each

from fte_alloc.inputs.toml import key_lines

ROOT = Path(__file__).resolve().parents[1]


def lines(text: str) -> dict[str, int]:
    """Lines by dotted key; parts with a dot stay in quotes."""
    return {
        ".".join(f'"{part}"' if "." in part else part for part in path): line
        for path, line in key_lines(text).items()
    }


def test_tables_and_keys():
    text = """\
title = "x"                      # line 1

[posts]
cap_fte = 600

  [posts.facilitator]            # indented
  state_rate=0.7
"""
    assert lines(text) == {
        "title": 1,
        "posts": 3,
        "posts.cap_fte": 4,
        "posts.facilitator": 6,
        "posts.facilitator.state_rate": 7,
    }


def test_dotted_keys_name_every_table_on_their_way():
    text = """\
posts.cap_fte = 1
posts . facilitator . state_rate = 0.7

[coverage]
segments.local.floor_rate = 0.1
segments.local.ceiling_rate = 0.5
"""
    assert lines(text) == {
        "posts": 1,
        "posts.cap_fte": 1,
        "posts.facilitator": 2,
        "posts.facilitator.state_rate": 2,
        "coverage": 4,
        "coverage.segments": 5,
        "coverage.segments.local": 5,
        "coverage.segments.local.floor_rate": 5,
        "coverage.segments.local.ceiling_rate": 6,
    }


def test_a_table_that_others_imply_stands_where_the_first_does():
    assert lines("\n[a.b.c]\nx = 1\n[a.d]\ny = 2\n") == {
        "a": 2,
        "a.b": 2,
        "a.b.c": 2,
        "a.b.c.x": 3,
        "a.d": 4,
        "a.d.y": 5,
    }


def test_a_table_of_its_own_counts_more_than_one_implied():
    found = lines("[a.b]\nx = 1\n\n[a]\ny = 2\n")
    assert (found["a"], found["a.b"]) == (4, 1)


def test_arrays_of_tables_count_from_1():
    text = """\
[[stages]]
maximise = "worst_rate"

[[stages]]
minimise = "posts"
[stages.more]
x = 1
[[stages.deep]]
y = 1
[[stages.deep]]
y = 2
"""
    assert lines(text) == {
        "stages": 1,
        "stages.1": 1,
        "stages.1.maximise": 2,
        "stages.2": 4,
        "stages.2.minimise": 5,
        "stages.2.more": 6,
        "stages.2.more.x": 7,
        "stages.2.deep": 8,
        "stages.2.deep.1": 8,
        "stages.2.deep.1.y": 9,
        "stages.2.deep.2": 10,
        "stages.2.deep.2.y": 11,
    }


def test_inline_tables_and_lists_over_several_lines():
    text = """\
cap_fte = { 2023 = 585, 2024.x = { y = [1, 2] } }
stages = [
    # a comment with ] and }
    { maximise = "worst_rate", concede = 0.01 },   # and a [bracket

    { maximise = "coverage" },
]
years = [2023,
         2024
        ]
after = 1
"""
    assert lines(text) == {
        "cap_fte": 1,
        "cap_fte.2023": 1,
        "cap_fte.2024": 1,
        "cap_fte.2024.x": 1,
        "cap_fte.2024.x.y": 1,
        "cap_fte.2024.x.y.1": 1,
        "cap_fte.2024.x.y.2": 1,
        "stages": 2,
        "stages.1": 4,
        "stages.1.maximise": 4,
        "stages.1.concede": 4,
        "stages.2": 6,
        "stages.2.maximise": 6,
        "years": 8,
        "years.1": 8,
        "years.2": 9,
        "after": 11,
    }


def test_strings_hide_brackets_hashes_quotes_and_lines():
    text = '''\
a = "] # } \\" = ["
b = ']] # \\'
c = """first ]
second = 3   # no key
quote "" inside \\""" still inside
"""
d = \'\'\'
[no table]
\'\'\'
e = """four quotes: """"
f = 1  # g = 2
'''
    assert lines(text) == {"a": 1, "b": 2, "c": 3, "d": 7, "e": 10, "f": 11}
    assert set(tomllib.loads(text)) == set("abcdef")


def test_quoted_keys_with_dots_accents_and_brackets():
    text = """\
[territories."Île-de-France"]
"least.rate" = 0.1
[territories.'Pays de la Loire'.x]
"a]b # c" = 1
"\\u00e9t\\u00e9" = 2
"" = 3
"""
    assert lines(text) == {
        "territories": 1,
        "territories.Île-de-France": 1,
        'territories.Île-de-France."least.rate"': 2,
        "territories.Pays de la Loire": 3,
        "territories.Pays de la Loire.x": 3,
        "territories.Pays de la Loire.x.a]b # c": 4,
        "territories.Pays de la Loire.x.été": 5,
        "territories.Pays de la Loire.x.": 6,
    }


def test_values_of_every_type_end_where_they_end():
    text = """\
a = 1979-05-27 07:32:00   # a date with a space
b = [ true, inf, -1.5e3 , 07:32:00 ]
c = {}
d = []
e = 0xff
"""
    found = lines(text)
    assert [found[key] for key in "abcde"] == [1, 2, 3, 4, 5]
    assert found["b.4"] == 2


@each(
    "path",
    [*sorted((ROOT / "scenarios").glob("*.toml")), *sorted((ROOT / "models").glob("*/*.toml"))],
)
def test_every_key_of_every_shipped_file_has_the_line_that_holds_it(path):
    text = path.read_text(encoding="utf-8")
    found, rows = key_lines(text), text.split("\n")

    def walk(value, at):
        if at:
            assert found[at] >= 1, at
            if not at[-1].isdigit():
                assert at[-1] in rows[found[at] - 1], at
        children = value.items() if isinstance(value, dict) else ()
        if isinstance(value, list):
            children = ((str(number), one) for number, one in enumerate(value, start=1))
        for key, child in children:
            walk(child, (*at, key))

    walk(tomllib.loads(text), ())
