"""Rewrites what is generated from the code: run it, then read the difference.

.venv/bin/python tests/regenerate.py
"""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
from contextlib import chdir, redirect_stderr, redirect_stdout
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import catalogue
import xlsxwriter
from json_schema import json_schema

import fte_alloc as fa
from fte_alloc.cli import main
from fte_alloc.inputs import schema
from fte_alloc.language import FRENCH, in_language
from fte_alloc.questions.document import Documented
from fte_alloc.questions.inputs_in_words import input_unit
from fte_alloc.questions.plan import solve

ROOT = Path(__file__).resolve().parents[1]


def inputs_table() -> str:
    """What the page of every input begins with, from the schema."""
    lines = [
        "# Inputs",
        "",
        "Every key a model or a scenario may set. A model writes a number in long form",
        "(`{ value, unit, status, source, note }`), a scenario writes the bare value.",
        "A `*` stands for a code. *By year*: may be a table such as `{ 2023 = 585, 2024 = 600 }`.",
        '*none*: may be `"none"`, no such limit. This page is generated from `inputs/schema.py`.',
        "",
        "What a post costs and the State's rate may differ by place: four columns of",
        "`territories.csv`, such as `facilitator_cost_eur_per_fte`. Keys of `[posts.*]` are then",
        "those of places without a value of their own and change these alone, by `--set` too, with",
        'a warning that counts the others; `"none"` takes a value of its own away. The ceilings of',
        "the State hold for all places.",
        "",
        "| key | kind | unit | default | by year | none | meaning |",
        "|---|---|---|---|---|---|---|",
    ]
    for p in schema.PARAMETERS:
        default = (
            "required" if p.default is schema.REQUIRED else "" if p.default is None else p.default
        )
        cells = (
            f"`{p.key}`",
            p.kind,
            p.unit or "",
            default,
            "yes" if p.by_year else "",
            "yes" if p.optional else "",
            p.text,
        )
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines) + "\n"


def limit_examples() -> str:
    """How to write limits of one's own: each example solved, and told what it changes."""
    template = (ROOT / "tests" / "inputs_template.md").read_text(encoding="utf-8")
    before = solve(fa.load("reference"), priced=False)

    def told(block: re.Match[str]) -> str:
        with TemporaryDirectory() as folder:
            path = Path(folder) / "example.toml"
            path.write_text('extends = "reference"\n\n' + block[1], encoding="utf-8")
            after = solve(fa.load(path), priced=False)
        contracts = [f"{plan.expected_contracts:,.0f}" for plan in (before, after)]
        moved = [
            (row["new_fte"] - was["new_fte"], row["role"], row["name"])
            for row, was in zip(after.document["posts"], before.document["posts"], strict=True)
        ]
        moved.sort(key=lambda change: (-round(abs(change[0]), 3), change[1:]))
        posts = "; ".join(
            f"{name} {change:+.1f} {role}"
            for change, role, name in moved[:3]
            if abs(change) >= 0.05
        )
        return f"{block[0]}\n\nContracts {contracts[0]} → {contracts[1]}. Most moved: {posts} FTE."

    return re.sub(r"```toml\n(.*?)```", told, template, flags=re.DOTALL)


def schema_text() -> str:
    """The JSON Schema of a scenario file."""
    return json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n"


def readme() -> str:
    """The README with the output of its first command."""
    from fte_alloc.inputs.load import load
    from fte_alloc.questions.solve.answer import plan_answer
    from fte_alloc.render.terminal import print_page

    page = io.StringIO()
    print_page(plan_answer(solve(load("reference")).document).page(), page)
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    command = "$ fte-alloc solve reference\n"
    before, after = text.split(command, 1)
    return before + command + page.getvalue() + "```" + after.split("```", 1)[1]


def impossible_text(name: str) -> str:
    """What ``solve tests/impossible/<name>.toml`` prints."""
    from fte_alloc.inputs.load import load
    from fte_alloc.questions.infeasible.diagnose import diagnose
    from fte_alloc.questions.infeasible.page import impossible_page
    from fte_alloc.render.terminal import print_page

    scenario = f"tests/impossible/{name}.toml"
    page = io.StringIO()
    with chdir(ROOT):
        print_page(impossible_page(diagnose(load(scenario)).document), page)
    return page.getvalue()


def frontier_text(curve: Documented | None = None) -> str:
    """What ``frontier tight-budget --between coverage:state_cost`` prints."""
    from fte_alloc.inputs.load import load
    from fte_alloc.questions.frontier.frontier import frontier
    from fte_alloc.questions.frontier.page import frontier_page
    from fte_alloc.render.terminal import print_page

    page = io.StringIO()
    curve = curve or frontier(load("tight-budget"), "coverage", "state_cost")
    print_page(frontier_page(curve.document), page)
    return page.getvalue()


IMPOSSIBLE = sorted(path.stem for path in (ROOT / "tests" / "impossible").glob("*.toml"))


def proof_page() -> str:
    """The page of the proof, its example solved."""
    from proof_example import page

    return page()


def printed(command: str, spoken: str = "en") -> str:
    """What a command prints; of one that ends with a pipe to head or tail, so many lines."""
    command, *cut = re.split(r" \| (head|tail) -", command)
    page = io.StringIO()
    with redirect_stdout(page):
        try:
            main([*shlex.split(command), "--lang", spoken])
        except SystemExit as leaving:
            if leaving.code not in (None, 0, 3):  # 3: impossible, which the page shows
                raise
    lines = page.getvalue().splitlines(keepends=True)
    if cut:
        lines = lines[: int(cut[1])] if cut[0] == "head" else lines[-int(cut[1]) :]
    return "".join(lines)


def weights_page() -> str:
    """The page of a question about weights, its commands run; the committee's table is typed."""
    template = (ROOT / "tests" / "weights_template.md").read_text(encoding="utf-8")
    with TemporaryDirectory() as folder, chdir(folder):
        rows = solve(fa.load("need-first"), priced=False).document["posts"]
        lines = [f"{r['territory']},{r['role']},{r['new_fte']:.1f}\n" for r in rows]
        Path("committee.csv").write_text("territory,role,new_fte\n" + "".join(lines), "utf-8")
        return re.sub(
            r"```console\n\$ fte-alloc (.*)\n```",
            lambda command: f"{command[0][:-3]}{printed(command[1])}```",
            template,
        )


#: Posts in place as the regions sent them, some of them as text.
MAILED = (
    ("Guadeloupe", 4), ("Martinique", 3), ("Guyane", "5,5"), ("La Réunion", 9), ("Mayotte", 7.5),
    ("Ile de France", 95), ("Centre-Val de Loire", 13), ("BFC", 14), ("Normandie", 17),
    ("Hauts de France", 43), ("Grand-Est", 30), ("Pays de la Loire", "16,5"), ("Bretagne", 13),
    ("Nouvelle Aquitaine", 26), ("Occitanie", 31), ("Auvergne Rhône-Alpes", 40), ("PACA", 34),
    ("Corse", 2),
)  # fmt: skip


def mailed(name: str) -> None:
    """Write the table of eighteen regions as it came by e-mail, its total stored."""
    book = xlsxwriter.Workbook(name)
    sheet = book.add_worksheet("Postes 2026")
    titles = ["Clause sociale : postes en région", "Retours au 12 mars 2026", ""]
    headings = ("Région", "ETP en poste\n(mars 2026)", "Observations")
    for n, row in enumerate([*((title,) for title in titles), headings, *MAILED]):
        sheet.write_row(n, 0, row)
    sheet.write_string("C22", "retour mail")
    total = sum(fte for __, fte in MAILED if not isinstance(fte, str))
    sheet.write_string("A23", "Total")
    sheet.write_formula("B23", "=SUM(B5:B22)", value=total)
    book.close()


def figures_page(template: str, spoken: str) -> str:
    """A page of commands, run where the mailed table and a procurement file are."""
    text = (ROOT / "tests" / template).read_text(encoding="utf-8")
    with TemporaryDirectory() as folder, chdir(folder):
        mailed("regions.xlsx")
        shutil.copy(ROOT / "tests" / "decp_example.csv", "decp-2024.csv")
        for name, scenario in re.findall(r"```toml\n# (\S+)\n(.*?)```", text, re.DOTALL):
            Path(name).write_text(scenario, encoding="utf-8")
        with redirect_stderr(io.StringIO()):
            return re.sub(
                r"^\$ fte-alloc (.*)\n",
                lambda command: command[0] + printed(command[1], spoken),
                text.replace("{clés}", planners_keys()),
                flags=re.MULTILINE,
            )


def planners_keys() -> str:
    """The keys that a planner changes, in French, from the schema."""
    heads = ("budget", "posts", "weights", "territories")
    left = ("step_fte", "name", "area", "area_name", "contracts_per_fte_factor", "draws")
    with in_language(FRENCH):
        rows = [
            f"| `{p.key}` | {p.words} | {input_unit(p.unit)} |"
            for p in schema.PARAMETERS
            if p.pattern[0] in heads or p.key == "coverage.target_rate"
            if p.pattern[-1] not in left and " here" not in p.text and " its area" not in p.text
        ]
    return "\n".join(["| clé | ce que c’est | unité |", "|---|---|---|", *rows])


def import_page() -> str:
    """The page of the import, its commands run on a file typed by hand."""
    template = (ROOT / "tests" / "import_template.md").read_text(encoding="utf-8")
    with TemporaryDirectory() as folder, chdir(folder):
        shutil.copy(ROOT / "tests" / "decp_example.csv", "decp-2024.csv")
        shutil.copytree(ROOT / "models", "models")

        def told(block: re.Match[str]) -> str:
            lines = []
            for line in block[1].splitlines():
                ours = line.removeprefix("$ fte-alloc ")
                if ours == line:  # of the shell
                    shutil.copytree(*line.split()[-2:])
                lines.append(f"{line}\n{printed(ours) if ours != line else ''}")
            return f"```console\n{''.join(lines)}```"

        with redirect_stderr(io.StringIO()):
            return re.sub(r"```console\n(.*?)```", told, template, flags=re.DOTALL)


def tour() -> str:
    """The notebook of examples, its cells run anew, without style sheets: forges leave them out."""
    import nbformat
    from nbclient import NotebookClient

    book = nbformat.read(ROOT / "examples" / "tour.ipynb", as_version=4)
    about = dict(book.metadata)
    with TemporaryDirectory() as folder:
        where = {"metadata": {"path": folder}}
        NotebookClient(book, timeout=300, record_timing=False, resources=where).execute()
    book.metadata = about  # without the version of Python
    text = nbformat.writes(book) + "\n"
    return re.sub(r'\n *"<style>\.fte-alloc\{.*?\}</style>\\n",', "", text, flags=re.DOTALL)


def documents_page() -> str:
    """The page of every key of the JSON documents, with examples."""
    from document_sample import sample
    from documents import documents_page as page

    return page(sample())


def documents_schema_text() -> str:
    """The JSON Schema of the JSON documents."""
    from documents import documents_schema

    text = json.dumps(documents_schema(), indent=1, ensure_ascii=False) + "\n"
    return re.sub(r"{[^{}]*}", lambda inner: re.sub(r"\n *", " ", inner[0]), text)  # a key a line


GENERATED = {
    "README.md": readme,
    "docs/documents.md": documents_page,
    "docs/documents.schema.json": documents_schema_text,
    "README.fr.md": partial(figures_page, "readme_fr_template.md", "fr"),
    "docs/import.md": import_page,
    "docs/inputs.md": lambda: inputs_table() + limit_examples(),
    "docs/proof.md": proof_page,
    "docs/scenario.schema.json": schema_text,
    "docs/weights.md": weights_page,
    "docs/your-figures.md": partial(figures_page, "your_figures_template.md", "en"),
    **{
        f"docs/fr/{page.replace('_', '-')}.md": partial(figures_page, f"{page}_template.md", "fr")
        for page in ("vos_chiffres", "lire_la_reponse", "scenario", "marches_publies")
    },
    "examples/tour.ipynb": tour,
    "tests/golden/frontier.txt": frontier_text,
}

if __name__ == "__main__":
    for name, make in GENERATED.items():
        (ROOT / name).write_text(make(), encoding="utf-8")
    for code in catalogue.LANGUAGES:
        catalogue.write(code)
    for name in IMPOSSIBLE:
        page = ROOT / "tests" / "impossible" / f"{name}.txt"
        page.write_text(impossible_text(name), encoding="utf-8")
