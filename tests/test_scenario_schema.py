"""The JSON Schema of scenario files, walked by hand: it allows what the reader allows."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

from json_schema import faults, json_schema
from tables import each

from fte_alloc.inputs import schema
from fte_alloc.programme.objectives import OBJECTIVES

ROOT = Path(__file__).resolve().parents[1]
SCHEMA = json_schema()


def test_it_is_json_and_says_which_schema_it_is():
    assert json.loads(json.dumps(SCHEMA)) == SCHEMA
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@each("path", sorted((ROOT / "scenarios").glob("*.toml")))
def test_every_shipped_scenario_is_allowed(path):
    assert faults(SCHEMA, tomllib.loads(path.read_text(encoding="utf-8"))) == []


@each("parameter", schema.PARAMETERS)
def test_every_input_is_there_with_its_meaning(parameter):
    node = SCHEMA
    for part in parameter.pattern:
        node = node["additionalProperties"] if part == "*" else node["properties"][part]
    unit = f" [{parameter.unit}]" if parameter.unit else ""
    assert node["description"] == parameter.text + unit
    assert bool(faults(node, "none")) == (
        not parameter.optional and parameter.kind not in ("text", "code")
    )


ALLOWED = """
posts.cap_fte = 600
posts.cap_fte = "none"
posts.cap_fte = { 2023 = 600, 2024 = "none" }
posts.step_fte = 0.5
years = [2023, 2024]
coverage.curve = "table"
coverage.draws = 25
weights.segment.local = 2
weights.indicators.qpv_share = -0.25
weights.year.2024 = 0.5
territories.53 = { least_rate = 0.2, area = "W", name = "Breizh", unemployment_rate = 0.06 }
contracts."Île-de-France".local = { 2023 = 5 }
stages = [{ minimise = "posts", concede = 0.1 }, { maximise = "coverage" }]
reference_plan = "plan.csv"
"""
REFUSED = """
posts.cap_ft = 600
posts.cap_fte = true
posts.cap_fte = "600"
posts.cap_fte = -1
posts.cap_fte = 1e13
posts.cap_fte = {}
posts.cap_fte = { next = 600 }
posts.step_fte = "none"
posts.step_fte = { 2023 = 1 }
posts = 5
years = 2023
years = []
years = [2023.5]
coverage.curve = "sigmoid"
coverage.draws = 0
coverage.target_rate = 30
title = ""
model = 3
tables.territories.x = 1
territories.53 = 3
contracts.53 = 100
stages = []
stages = ["coverage"]
stages = [{ concede = 0.1 }]
stages = [{ maximise = "coverage", minimise = "posts" }]
stages = [{ minimise = "coverage" }]
stages = [{ maximise = "coverage", concede = 1 }]
"""


@each("text", ALLOWED.strip().splitlines())
def test_what_the_reader_takes_is_allowed(text):
    assert faults(SCHEMA, tomllib.loads(text)) == []


@each("text", REFUSED.strip().splitlines())
def test_what_the_reader_refuses_is_not(text):
    assert faults(SCHEMA, tomllib.loads(text))


def test_every_objective_stands_under_its_own_sense():
    stage = SCHEMA["properties"]["stages"]["items"]["properties"]
    for objective, one in OBJECTIVES.items():
        assert objective in stage[one.sense]["enum"]
    assert sum(len(stage[sense]["enum"]) for sense in ("maximise", "minimise")) == len(OBJECTIVES)
