"""Documents of all commands, to be tried: of shipped scenarios, of few départements, rare ones."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from contextlib import chdir, contextmanager, redirect_stderr, redirect_stdout, suppress
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from unittest.mock import patch

from conftest import cut_model
from documents import DATA
from random_problems import steps_problem
from regenerate import ROOT, mailed

from fte_alloc.cli import main
from fte_alloc.inputs.load import load
from fte_alloc.questions.plan import solve
from fte_alloc.render.data import as_json

#: Départements of two regions, one of them alone in its own.
FEW = ("22", "29", "35", "56", "974")


#: One document of each format, from ``working_folder``, none of which takes long.
QUICK = """
solve few.toml
solve few.toml --set budget.state_eur_per_year=5e4
show
show reference --key posts
check regions.xlsx
calibrate few.toml --rate 0.2
import decp tests/decp_example.csv --year 2024
evaluate few.toml --posts few.csv --set posts.step_fte=0.5
verify changed.json
compare few.toml --set posts.cap_fte=30 --set weights.segment.local=2 --why
regret few.toml heavy.toml
sweep few.toml --vary budget.state_eur_per_year=4e5,5e4
weights few.toml --weight 35
weights few.toml --path weights.territory.35=0.9:1.1
weights reference --explain-plan posts.csv
explain few.toml --area 53 --set territories.35.facilitator_cost_eur_per_fte=50000
frontier few.toml --between coverage:posts --set posts.step_fte=0.5
"""
#: What they lack; every key occurs in one of all these, or in ``rare`` ones.
OTHERS = """
solve horizon-2025
solve half-posts
solve regions.xlsx
solve few.toml --set territories.35.facilitator_cost_eur_per_fte=50000
evaluate tests/impossible/poor.toml --posts posts.csv
weights reference --explain-plan idle.csv
weights reference --explain-plan heavy.json
explain reference
explain few.toml --set territories.35.facilitator_cost_eur_per_fte=50000
explain few.toml --territory 35 --set territories.35.facilitator_cost_eur_per_fte=50000
compare horizon-2025 status-quo
compare reference --set budget.state_eur_per_year=3e6 --set posts.facilitator.state_rate=0.6 --why
"""
#: The commands that the page names come first: its examples are theirs.
SAMPLE = [
    *(described["made"] for described in DATA["documents"].values()),
    *(QUICK + OTHERS).split("\n"),
]
SAMPLE = [command for command in dict.fromkeys(SAMPLE) if command]


@contextmanager
def working_folder() -> Iterator[None]:
    """A folder with what the commands of ``SAMPLE`` read, as the working directory."""
    with TemporaryDirectory() as name, chdir(name):
        for known in ("models", "scenarios", "tests"):
            Path(known).symlink_to(ROOT / known)
        cut_model(Path("few"), FEW, "france-2023-departements")
        few_toml = 'title = "Few"\nmodel = "few"\nbudget.state_eur_per_year = 400_000\n'
        Path("few.toml").write_text(few_toml, encoding="utf-8")
        heavy = few_toml.replace("400", "300") + "weights.territory.35 = 2\n"
        Path("heavy.toml").write_text(heavy, encoding="utf-8")
        mailed("regions.xlsx")
        weighed = solve(load("reference", {"weights.territory.75": 1.1})).document
        Path("heavy.json").write_text(as_json(weighed), encoding="utf-8")
        plan = solve(load("reference")).document
        Path("plan.json").write_text(as_json(plan), encoding="utf-8")
        posts = [(row["territory"], row["role"], row["new_fte"]) for row in plan["posts"]]
        for table, fewer in (("posts.csv", 0.0), ("idle.csv", 2.0)):
            rows = (
                f"{code},{role},{fte - fewer * (code == '53' and role == 'facilitator'):.1f}\n"
                for code, role, fte in posts
            )
            Path(table).write_text("territory,role,new_fte\n" + "".join(rows), encoding="utf-8")
        Path("few.csv").write_text("territory,role,new_fte\n35,facilitator,1\n", encoding="utf-8")
        plan["posts"][3]["new_fte"] += 1.0
        Path("changed.json").write_text(as_json(plan), encoding="utf-8")
        yield


def told(command: str, spoken: str = "en") -> str:
    """What a command gives as JSON, in the working directory."""
    page = io.StringIO()
    with redirect_stdout(page), redirect_stderr(io.StringIO()), suppress(SystemExit):
        main([*command.split(), "--format", "json", "--lang", spoken])
    return page.getvalue()


@cache
def rare() -> list[Any]:
    """Documents of what is rare: a plan that is not proved, sampled orders, trees of steps."""
    why = "compare few.toml --set posts.cap_fte=30 --set weights.segment.local=2 --why"
    with working_folder():
        with patch("fte_alloc.search.rounds.MOST_ROUNDS", 1):
            few = "few.toml --set posts.cap_fte=31"  # which nobody has solved to the end
            stopped = told(f"evaluate {few} --posts few.csv"), told(f"solve {few}")
        with patch("fte_alloc.questions.why.shapley.MOST_EXACT", 1):
            texts = [*stopped, told(why)]
    trees = solve(steps_problem(117, (4, 9), 2.0), priced=False).document
    return [*map(json.loads, texts), json.loads(as_json(trees))]


@cache
def in_english() -> dict[str, str]:
    """What each command of ``SAMPLE`` gives."""
    with working_folder():
        return {command: told(command) for command in SAMPLE}


@cache
def sample() -> list[Any]:
    """Documents in which every key occurs."""
    return [*map(json.loads, in_english().values()), *rare()]
