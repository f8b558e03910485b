"""Plants faults of one line each, one after the other, and says which ones the tests notice.

.venv/bin/python tests/planted_faults.py [--near] [NUMBER ...]

Each fault is planted in a copy of the project and the fast tests are run there until one fails.
With ``--near`` the tests that should notice it are run first, the others only if they do not: the
answer is the same and comes sooner.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

#: Notices any fault of the list, as its line is no longer there: left out.
LIST_TEST = "test_planted_faults_stand_where_they_are_said_to"
ROOT = Path(__file__).resolve().parents[1]
SRC = "src/fte_alloc"


class Fault(NamedTuple):
    """A fault of one line.

    file : below ``src/fte_alloc``
    right, wrong : what stands there once, and what replaces it
    near : files of tests that should notice it
    """

    file: str
    right: str
    wrong: str
    near: str


FAULTS = [
    Fault(*row)
    for row in (
        # -- any linear programme
        (
            "lp/certificate.py",
            "np.where(reduced > 0, upper, ",
            "np.where(reduced > 0, lower, ",
            "proof",
        ),
        ("lp/certificate.py", "and apart <= agreed +", "and 0 <= agreed +", "lies"),
        (
            "lp/certificate.py",
            "if not has_prices or not satisfies(",
            "if not has_prices and not satisfies(",
            "lies",
        ),
        ("lp/newton.py", "NEAR, PASSED = 1e-8, 1e-10", "NEAR, PASSED = 1e-8, 1e-2", "newton"),
        ("lp/conflict.py", "if len(sides) > 1:", "if len(sides) > 9:", "conflict"),
        # -- what is decided
        (
            "programme/statement.py",
            "p.supports_fte * (d.z[a, t] + p.fixed_coordinators_fte[a])",
            "p.supports_fte * d.z[a, t]",
            "golden_lp",
        ),
        (
            "programme/statement.py",
            "before + p.first_year_effectiveness * (now - before)",
            "p.first_year_effectiveness * now",
            "statement",
        ),
        (
            "programme/problem.py",
            "self.full_cost_eur - self.state_eur",
            "self.full_cost_eur",
            "judging",
        ),
        ("programme/problem.py", "MONEY_TOLERANCE * large", "1e-3 * large", "judging"),
        (
            "programme/curves.py",
            "-np.expm1(-k[..., None] / scale) * scale",
            "-np.expm1(-k[..., None] / scale)",
            "coverage_curves",
        ),
        (
            "programme/room.py",
            "np.minimum(most[at], left / per[at])",
            "left / per[at]",
            "frontier",
        ),
        (
            "programme/linear.py",
            "= cost, unit * float(expression.constant)",
            "= cost, float(expression.constant)",
            "proof",
        ),
        (
            "programme/step_tables.py",
            "if area.is_alone or not (0 <= z",
            "if not (0 <= z",
            "steps",
        ),
        (
            "programme/area.py",
            "highest - sigma[:, None, None] * supply, h)",
            "highest, h)",
            "steps",
        ),
        ("programme/area.py", "area.values - each[0] * x if", "area.values if", "steps"),
        ("programme/objectives.py", "e.shortfall((2,))", "e.shortfall((0, 2))", "judging"),
        ("programme/problem.py", "moved = np.abs(", "moved = 0 * np.abs(", "judging"),
        # -- how it is solved
        (
            "search/rounds.py",
            "return proof.relative_gap <= self.gap",
            "return proof.relative_gap <= 1e-6",
            "why",
        ),
        ("search/prices.py", "one.unit.priced / one.unit.row", "one.unit.priced", "prices"),
        ("search/prices.py", "values[links.y] - slope * effort", "values[links.y]", "prices"),
        (
            "search/prices.py",
            "face.range(terms[one] for",
            "face.range(terms[number[0]] for",
            "prices",
        ),
        ("lp/face.py", "gone[one] / a - gone[other] / b", "gone[one] / a", "face"),
        (
            "questions/document.py",
            "float(covered / contracts) if",
            "float(contracts) if",
            "document",
        ),
        (
            "questions/posts.py",
            "new[r][j, t] - (new[r][j, t - 1] if t else 0.0)",
            "new[r][j, t]",
            "document",
        ),
        (
            "search/warm.py",
            "if proof.relative_gap > GAP or plan.violations:",
            "if False:",
            "warm",
        ),
        (
            "search/steps.py",
            "if best <= weight @ optimum - most + room:",
            "if best <= weight @ optimum - most + 3.0 * room:",
            "regret",
        ),
        # -- tables as people type them
        (
            "inputs/typed_numbers.py",
            'if len(marks) != 1 or (mark not in marks and unit == "FTE"):',
            "if marks is None:",
            "typed",
        ),
        (
            "inputs/tables.py",
            "abs(total - value) <= half_unit",
            "total - value <= half_unit",
            "typed",
        ),
        ("inputs/sheets.py", "if value is None:\n        text", "if False:\n        text", "typed"),
        ("inputs/layers.py", "if before:", "if False:", "book"),
        ("inputs/book.py", "if is_same and (is_told", "if (is_told", "new"),
        ("inputs/book.py", "elif missing and self.is_complete:", "elif False:", "book"),
        # -- files
        (
            "inputs/limits.py",
            "share * existing + fte",
            "share * fte",
            "independent",
        ),
        (
            "inputs/limits.py",
            "0.0) - existing - committed))",
            "0.0) - existing))",
            "scenario_values",
        ),
        (
            "inputs/weighing.py",
            "return weight / mean if mean > 0",
            "return weight if mean > 0",
            "weights",
        ),
        (
            "inputs/weighing.py",
            "weights=population)) - 1.0",
            "weights=population))",
            "scenario_values",
        ),
        (
            "inputs/checks.py",
            "sums <= 1.02 * total[at]",
            "sums <= 0.5 * total[at]",
            "input_mistakes",
        ),
        (
            "inputs/typed_numbers.py",
            r"(?![+-]?[1-9]\d{0,2}\.\d{3}$)",
            "",
            "input_mistakes",
        ),
        # -- questions
        ("questions/document.py", 'document["years"][-1]', 'document["years"][0]', "document"),
        ("questions/solve/answer.py", "before / contracts if", "before / covered if", "published"),
        (
            "questions/solve/tables.py",
            'Cell(cell_number(line, "covered") / contracts',
            'Cell(cell_number(line, "total") / contracts',
            "workbook",
        ),
        ("questions/verify/recompute.py", "if effort < 0:", "if effort < -9:", "verify"),
        ("questions/verify/recompute.py", "self.sign * (self.claimed", "(self.claimed", "verify"),
        (
            "questions/infeasible/adjustments.py",
            "key, value, -1 if row.is_floor else 1, unit)",
            "key, value, 1, unit)",
            "impossible",
        ),
        (
            "questions/why/shapley.py",
            "by_block, axis=1).mean(axis=0))",
            "by_block, axis=1).max(axis=0))",
            "why",
        ),
        (
            "questions/regret/regret.py",
            "plan.bound / self._regret_unit",
            "plan.bound",
            "regret",
        ),
        ("questions/regret/regret.py", "else regret / s.optimum", "else regret", "regret"),
        (
            "questions/explain/thresholds.py",
            "math.exp(sign * stretch)",
            "math.exp(stretch)",
            "explain",
        ),
        (
            "questions/weights/ends.py",
            "self.weight.value + self.sign * distance",
            "self.weight.value + distance",
            "weights",
        ),
        (
            "questions/weights/weights.py",
            "if not problem.alone_in_area[i] or any(",
            "if any(",
            "weights",
        ),
        (
            "questions/frontier/curve.py",
            "one.at + s * chord + self.height",
            "one.at + self.height",
            "frontier",
        ),
        (
            "questions/justify/justify.py",
            "if not np.any(gains[counts] > GAIN):",
            "if False:",
            "justify",
        ),
        # -- on paper, and the command line
        ("numbers.py", '_HAIR = Decimal("1e-10")', '_HAIR = Decimal("1e-3")', "shown_figures"),
        ("render/svg.py", "end - start), 2)", "end - start) + 9, 2)", "frontier"),
        # -- the page to send
        (
            "questions/answer.py",
            "bisect_right(shown[1:], shown[0])",
            "bisect_right(self.limits, value)",
            "report",
        ),
        ("texts.py", "return escape(visible(text))", "return visible(text)", "report"),
        (
            "questions/report/charts.py",
            "if codes - shapes.keys() or (",
            "if codes - shapes.keys() and (",
            "report",
        ),
        (
            "questions/report/page.py",
            "+ MARK * is_assumed",
            "+ MARK",
            "report",
        ),
        ("render/sliders.py", "open_elements.pop()", "count - 1", "sliders"),
        ("render/sliders.py", "plan.get(n, tokens[n])", 'plan.get(n, "")', "sliders"),
        ("questions/report/sliders.py", "if plans * places > MOST", "if plans > MOST", "sliders"),
        ("render/data.py", "csv_text(value) if", "value if", "outside"),
        ("render/result.py", "exit_code=4, remark=otherwise", "remark=otherwise", "weights"),
        ("cli/plan_commands.py", "exit_code=0 if verified.accepted else 1", "exit_code=0", "cli"),
        ("api.py", "error.reword(in_arguments)", "error.reword(str)", "notebook"),
        ("api.py", "_LINES = 10", "_LINES = 11", "notebook"),
        (
            "api.py",
            "refuse_overwriting(name, inputs)",
            "refuse_overwriting('', inputs)",
            "notebook",
        ),
        # -- workbooks that answer
        (
            "questions/solve/effort_table.py",
            "bend * t * (1 - t), (rise",
            "bend * t * t, (rise",
            "simulator",
        ),
        (
            "questions/solve/simulator.py",
            'return f"{most}-{least}>',
            'return f"{least}-{most}>',
            "simulator",
        ),
        (
            "questions/solve/simulator.py",
            "{bent}*(1-{{passed}}))",
            "{bent}*{{passed}})",
            "simulator",
        ),
        ("inputs/plan_files.py", "plan if yours is None else yours", "plan", "typed_posts"),
        ("render/data.py", '.replace(".", ",")', "", "page_book"),
        ("render/workbook.py", "(100 if percent else 1)", "1", "page_book"),
        # -- areas of several territories
        ("programme/data.py", "by_area = post[", "by_area = not post[", "areas"),
        (
            "inputs/codes.py",
            "return code if inside in (None, *meant) else None",
            "return code",
            "areas",
        ),
        (
            "questions/places.py",
            "enumerate(lines) if not line.is_inside]",
            "enumerate(lines)]",
            "areas",
        ),
        ("questions/places.py", 'return f"area {area}"', "return area", "areas"),
    )
]


def planted(number: int, near: bool) -> str:
    """The test that notices a fault, empty where none does."""
    fault = FAULTS[number]
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "fte_alloc"
        leave = shutil.ignore_patterns(".venv", ".git", "__pycache__", ".*_cache", "*.egg-info")
        shutil.copytree(ROOT, copy, ignore=leave)
        path = copy / SRC / fault.file
        text = path.read_text("utf-8")
        path.write_text(text.replace(fault.right, fault.wrong), "utf-8")
        env = {**os.environ, "PYTHONPATH": str(copy / "src")}
        command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider"]
        command += ["--deselect", "tests/test_architecture.py::" + LIST_TEST]
        runs = [[f"tests/test_{name}.py" for name in fault.near.split()]] if near else []
        for chosen in (*runs, []):
            done = subprocess.run(
                [*command, *chosen], cwd=copy, env=env, capture_output=True, text=True, check=False
            )
            noticed = re.search(r"^(?:FAILED|ERROR) (\S+)", done.stdout, re.MULTILINE)
            if done.returncode and noticed:
                return noticed[1]
            if done.returncode:
                sys.exit(f"no test failed and yet pytest did:\n{done.stdout}{done.stderr}")
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--near", action="store_true")
    parser.add_argument("numbers", nargs="*", type=int)
    given = parser.parse_args()
    numbers = given.numbers or range(len(FAULTS))
    caught = 0
    for number in numbers:
        begun, fault = time.monotonic(), FAULTS[number]
        noticed = planted(number, given.near)
        caught += bool(noticed)
        verdict = noticed or "NOT NOTICED"
        print(f"{number:2} {fault.file}: {verdict} ({time.monotonic() - begun:.0f} s)", flush=True)
    print(f"{caught} of {len(numbers)} noticed")


if __name__ == "__main__":
    main()
