"""The world around: pipes, disks, code pages, hostile names, libraries that print."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import unicodedata
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from conftest import ROOT, run, slow
from markdown_it import MarkdownIt
from spreadsheet import opened
from tables import each

from fte_alloc.questions.sweep.cases import table_of_cases
from fte_alloc.render.data import as_csv
from fte_alloc.render.result import FORMATS
from fte_alloc.texts import utf8

pytestmark = pytest.mark.usefixtures("search_once")

#: What a name must not do to a terminal, a page, a spreadsheet.
HOSTILE = (
    "=cmd|' /C calc'!A0 \x1b[31m\x07\x9b2J\u202eevil\u2066\u200b [bold]<b>&lt; <script>x</script> "
    "[a](http://e.example) `c` *s* _u_ www.e.example https://e.example "
    "ftp://e me@e.example mailto:x #\nParis\t99\ufffe"
)
#: Every command, each on a model of three territories.
COMMANDS = {
    "show": "show mine",
    "names": "show",
    "check": "check mine",
    "solve": "solve mine",
    "impossible": "solve mine --set budget.state_eur_per_year=1000",
    "compare": "compare mine other plan.json --why",
    "evaluate": "evaluate mine --posts posts.csv",
    "explain": "explain mine",
    "territory": "explain mine --territory 11",
    "frontier": "frontier mine --between coverage:state_cost",
    "regret": "regret mine other",
    "sweep": "sweep mine --vary posts.cap_fte=200,210",
    "weights": "weights mine --weight weights.territory.11",
    "path": "weights mine --path weights.territory.11=0.9:1.1",
    "justify": "weights mine --explain-plan posts.csv",
    "verify": "verify plan.json",
    "refused": "verify changed.json",
}
DRAWN = {"svg": ".svg", "html": ".html"}


@pytest.fixture(scope="module")
def small(tmp_path_factory) -> Path:
    """A folder with a model of three territories whose names are hostile, and plans made of it."""
    folder = tmp_path_factory.mktemp("small")
    shutil.copytree(ROOT / "models", folder / "models")
    (folder / "models" / "france-2023").rename(folder / "models" / "mine")
    for table, key in (("territories.csv", "code"), ("contracts.csv", "territory")):
        path = folder / "models" / "mine" / table
        rows = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
        rows = [row for row in rows if row[key] in ("11", "53", "94")]
        for row in rows:
            row |= {"name": f"{HOSTILE} {row['code']}"} if "name" in row else {}
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    path = folder / "models" / "mine" / "model.toml"
    text = path.read_text(encoding="utf-8")
    for pattern in (r"(?m)^((?:title|name)(?:_fr)? *= ).*", r'(note = )"whole(?:\\.|[^"\\])*"'):
        text = re.sub(pattern, lambda found: found[1] + json.dumps(HOSTILE), text)
    path.write_text(text, encoding="utf-8")
    (folder / "scenarios").mkdir()
    for name, cap in (("mine", 200), ("other", 190)):
        text = f'title = {json.dumps(HOSTILE)}\nmodel = "mine"\n[posts]\ncap_fte = {cap}\n'
        (folder / "scenarios" / f"{name}.toml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for out in ("plan.json", "posts.csv"):
            assert _code("solve", "mine", "--out", out) == 0
        document = json.loads(Path("plan.json").read_text(encoding="utf-8"))
        document["money"]["state_eur"] += 1
        document["title"] += "!"
        Path("changed.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def _code(*arguments: str) -> int:
    from fte_alloc.cli import main

    try:
        main(list(arguments))
    except SystemExit as leaving:
        return int(leaving.code or 0)
    return 0


@pytest.fixture
def here(small, tmp_path, monkeypatch) -> Path:
    """A copy of the small folder, to write in."""
    shutil.copytree(small, tmp_path / "here")
    monkeypatch.chdir(tmp_path / "here")
    return tmp_path / "here"


def forms(name: str) -> list[str]:
    formats = [*FORMATS, *(DRAWN if name == "frontier" else ())]
    return [form for form in formats if form != "xlsx"]  # which goes to files alone


# -- hostile names ---------------------------------------------------------------------------------


def steering(text: str) -> set[str]:
    """Signs that do not print, but for line ends."""
    return {
        sign
        for sign in text
        if not (sign.isprintable() or sign == "\n" or unicodedata.category(sign) == "Zs")
    }


CASES = [(name, form) for name in COMMANDS for form in forms(name)]


@each(("name", "form"), CASES[::20])
def test_a_hostile_name_is_shown_and_does_nothing(capsys, here, few_points, name, form):
    hostile_name_is_shown(capsys, name, form)


@pytest.mark.slow
@each(("name", "form"), [case for n, case in enumerate(CASES) if n % 20])
def test_a_hostile_name_does_nothing_in_any_form(capsys, here, few_points, name, form):
    hostile_name_is_shown(capsys, name, form)


def hostile_name_is_shown(capsys, name: str, form: str) -> None:
    code, out, err = run(capsys, *COMMANDS[name].split(), "--format", form)
    assert code == {"impossible": 3, "refused": 1}.get(name, 0), err
    assert not steering(err)
    assert not steering(out.removeprefix("\ufeff") if form == "csv-fr" else out)
    if form == "json":
        document = json.loads(out)
        assert name != "solve" or document["title"] == HOSTILE
    if form in ("csv", "csv-fr"):
        lines = csv.reader(io.StringIO(out), delimiter="," if form == "csv" else ";")
        cells = [cell for row in lines for cell in row]
        assert not [c for c in cells if re.match(r"[=@\t\r]|[+-](?![\d.,]+(e[+-]\d+)?$)", c)]
    if form == "svg":
        ET.fromstring(out)
    if form in ("html", "svg"):
        assert not re.search(r"<(b|script)>", out)
    if form == "markdown":
        page = MarkdownIt("commonmark").enable("table").render(out)
        assert not re.search(r"<(a|b|script|em)\b", page)
        assert "<h1>Paris" not in page
        assert not re.search(r"(?<!\\)://|www\.|\w@\w|mailto:", out)
        if name == "solve":
            told = HOSTILE.partition("#")[0].replace("&", "&amp;").replace("<", "&lt;")
            assert told[-40:].replace(">", "&gt;") in page
    if form == "table":
        assert "\nParis\\t99" not in out


@pytest.mark.parametrize(
    "name", ["compare", *map(slow, ("solve", "regret", "explain", "evaluate"))]
)
def test_a_workbook_shows_hostile_names_as_text(capsys, here, search_once, name):
    assert run(capsys, *COMMANDS[name].split(), "--out", "book.xlsx")[0] == 0
    cells = [
        cell
        for sheet in opened(Path("book.xlsx").read_bytes()).worksheets
        for row in sheet.iter_rows()
        for cell in row
    ]
    shown = [cell for cell in cells if isinstance(cell.value, str) and "calc" in cell.value]
    assert shown
    assert {cell.data_type for cell in shown} == {"s"}
    assert not set().union(*(steering(cell.value) for cell in shown))


@each(
    "typed",
    [
        "solve \x1b[31mX",
        "solve mine --set \x1b[31mX=1",
        "solve mine --set budget.state_eur_per_year=\x1b[31m",
        "verify \x1b]0;X\x07.json",
        "solve mine --out \x1b[31m/x.json",
        "solve mine --jobs\x1b[31m",
        "evaluate mine --posts \u202eX.csv",
        "compare mine other\x9b2J",
        "\x1b[31m",
    ],
)
def test_an_error_shows_what_steers_a_terminal(capsys, here, typed):
    _, out, err = run(capsys, *typed.split(" "))
    assert not steering(out + err)
    assert re.search(r"\\x1b|\\u001b|\\u202e|\\x9b", err)


def test_a_cell_made_inert_reads_back_the_same():
    texts = ["=1+1", "+1 a", "-x", "＠a", "-3.5", "+2e-3", "'=x", "it's"]
    written = as_csv(["a", "b"], [{"a": text, "b": -3.5} for text in texts])
    assert [row[0] for row in csv.reader(io.StringIO(written))][1:] == [
        *("'=1+1", "'+1 a", "'-x", "'＠a", "-3.5", "+2e-3", "'=x", "it's"),
    ]
    table = table_of_cases(written.encode(), "t.csv")
    assert [row["a"].text for row in table.rows] == [*texts[:-2], "=x", "it's"]
    assert {row["b"].text for row in table.rows} == {"-3.5"}


def test_a_sweep_over_texts_writes_no_formula_and_goes_on_from_its_own_file(capsys, here):
    Path("cases.csv").write_text("title\n=1+1\n\x1b[31m\n@b\n", encoding="utf-8")
    told = [run(capsys, "sweep", "mine", "--cases", "cases.csv", "--out", "r.csv") for _ in "12"]
    assert [(code, err.partition(":")[2]) for code, _, err in told] == [
        (0, " 3 cases, 3 of them solved now.\n"),
        (0, " 3 cases, 0 of them solved now.\n"),
    ]
    with Path("r.csv").open(encoding="utf-8", newline="") as file:
        assert [row[0] for row in csv.reader(file)][1:] == ["'=1+1", "\\x1b[31m", "'@b"]


# -- plans in other encodings ----------------------------------------------------------------------


@each("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig"])
def test_a_text_in_any_unicode_is_told_by_its_bytes(encoding):
    assert utf8("é\n".encode(encoding)).decode("utf-8-sig") == "é\n"


@each("encoding", ["utf-16", "utf-16-be"])
def test_a_plan_in_any_unicode_is_read(capsys, here, search_once, encoding):
    for name in ("plan.json", "posts.csv"):
        text = Path(name).read_text(encoding="utf-8")
        Path(f"any-{name}").write_bytes(text.encode(encoding))
    assert run(capsys, "verify", "any-plan.json")[0] == 0
    for posts in ("any-posts.csv", "any-plan.json"):
        assert run(capsys, "evaluate", "mine", "--posts", posts)[0] == 0
    Path("cases.csv").write_bytes("posts.cap_fte\n190\n".encode(encoding))
    assert run(capsys, "sweep", "mine", "--cases", "cases.csv")[0] == 0


# -- --out -----------------------------------------------------------------------------------------


def test_out_keeps_mode_and_link(capsys, here):
    old, link = Path("old.json"), Path("link.json")
    old.write_text("before", encoding="utf-8")
    old.chmod(0o640)
    link.symlink_to(old)
    Path("new.json").symlink_to("target.json")
    assert run(capsys, *COMMANDS["show"].split(), "--out", "link.json")[0] == 0
    assert link.is_symlink()
    assert json.loads(old.read_text(encoding="utf-8"))
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert run(capsys, *COMMANDS["show"].split(), "--out", "new.json")[0] == 0
    assert json.loads(Path("target.json").read_text(encoding="utf-8"))
    Path("rows.csv").symlink_to("kept.csv")
    assert run(capsys, *COMMANDS["sweep"].split(), "--out", "rows.csv")[0] == 0
    assert Path("rows.csv").is_symlink()
    assert len(Path("kept.csv").read_text(encoding="utf-8").splitlines()) == 3
    assert not [path for path in here.iterdir() if path.name.endswith(".tmp")]


def test_out_takes_any_name_that_the_system_takes(capsys, here):
    name = "a" * (os.pathconf(".", "PC_NAME_MAX") - 5 if hasattr(os, "pathconf") else 200) + ".json"
    assert run(capsys, "show", "--out", name)[0] == 0
    assert json.loads(Path(name).read_text(encoding="utf-8"))


def test_a_page_goes_to_its_stream_alone(capsys, here, monkeypatch, search_once):
    """Whatever a notebook or a variable asks for, and though the stream has little to offer."""

    class Tee:
        text = ""

        def write(self, text: str) -> None:
            self.text += text

        def flush(self) -> None: ...

    assert run(capsys, "solve", "mine", "--out", "plain.txt")[0] == 0
    plain = Path("plain.txt").read_text(encoding="utf-8")
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert run(capsys, "solve", "mine", "--out", "page.txt")[0] == 0
    assert Path("page.txt").read_text(encoding="utf-8") == plain
    shell = type("ZMQInteractiveShell", (), {})
    monkeypatch.setattr("builtins.get_ipython", shell, raising=False)
    assert run(capsys, "solve", "mine") == (0, plain, "")
    for stream in ("stdout", "stderr"):
        monkeypatch.setattr(sys, stream, Tee())
    assert _code(*COMMANDS["sweep"].split(), "--out", "s.txt") == 0
    assert _code("solve", "mine") == 0
    assert sys.stdout.text == plain


@each(
    "typed",
    [
        "solve nope.toml",
        "verify nope.csv",
        "evaluate mine --posts nope.csv",
        "weights mine --explain-plan nope.csv",
        "sweep mine --cases nope.csv",
    ],
)
def test_a_file_that_is_not_there_or_may_not_be_read_is_told_with_exit_5(
    capsys, here, monkeypatch, typed
):
    code, _, err = run(capsys, *typed.split())
    assert (code, "no such file" in err) == (5, True)
    if not typed.startswith("solve"):
        Path("nope.csv").mkdir()
        with monkeypatch.context() as patch:
            patch.setattr(os, "access", lambda *_, **__: False)
            assert run(capsys, *typed.split())[0] == 5
        Path("nope.csv").rmdir()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names")
def test_out_replaces_no_device(capsys, here):
    Path("null.json").symlink_to("/dev/null")
    Path("full.json").symlink_to("/dev/full")
    os.mkfifo("pipe.json")
    assert run(capsys, "show", "--out", "null.json")[0] == 0
    code, _, err = run(capsys, "show", "--out", "full.json")
    assert (code, "No space left on device" in err) == (5, True)
    code, _, err = run(capsys, "show", "--out", "pipe.json")
    assert (code, "a pipe that nobody reads" in err) == (5, True)
    reader = subprocess.Popen(["cat", "pipe.json"], stdout=subprocess.PIPE)
    descriptor = os.open("pipe.json", os.O_WRONLY)  # once somebody reads
    assert run(capsys, "show", "--out", "pipe.json")[0] == 0
    os.close(descriptor)
    assert json.loads(reader.communicate(timeout=30)[0])
    assert stat.S_ISFIFO(Path("pipe.json").stat().st_mode)
    os.mkfifo("pipe.csv")
    assert run(capsys, *COMMANDS["sweep"].split(), "--out", "pipe.csv")[0] == 5
    assert stat.S_ISFIFO(Path("pipe.csv").stat().st_mode)


@pytest.fixture
def linked(here) -> None:
    """Some files of the folder have a second name."""
    Path("cases.csv").write_text("posts.cap_fte\n190\n", encoding="utf-8")
    Path("scenarios/child.toml").write_text('extends = "mine"\n', encoding="utf-8")
    Path("link.json").symlink_to(here / "scenarios" / "mine.toml")
    Path("link.md").symlink_to("models/mine/model.toml")
    Path("link.csv").symlink_to("models/mine/contracts.csv")
    Path("hard.txt").hardlink_to("scenarios/mine.toml")


@each(
    ("typed", "read"),
    [
        ("verify plan.json --out ./plan.json", "plan.json"),
        ("verify plan.json --out link.md", "models/mine/model.toml"),
        ("evaluate mine --posts posts.csv --out posts.csv", "posts.csv"),
        ("weights mine --explain-plan posts.csv --out ../here/posts.csv", "posts.csv"),
        ("compare mine plan.json --out plan.json", "plan.json"),
        ("compare mine other --out models/mine/contracts.csv", "models/mine/contracts.csv"),
        ("solve mine --out models/mine/territories.csv", "models/mine/territories.csv"),
        ("solve mine --out link.json", "scenarios/mine.toml"),
        ("check mine --out models/mine/contracts.csv", "models/mine/contracts.csv"),
        ("show mine --out hard.txt", "scenarios/mine.toml"),
        ("sweep mine --cases cases.csv --out cases.csv", "cases.csv"),
        ("sweep mine --vary posts.cap_fte=190,200 --out link.csv", "models/mine/contracts.csv"),
        ("solve child --set budget.state_eur_per_year=1 --out link.json", "scenarios/mine.toml"),
    ],
)
def test_out_overwrites_no_input(capsys, linked, typed, read):
    before = Path(read).read_bytes()
    code, out, err = run(capsys, *typed.split())
    assert (code, out) == (5, "")
    assert re.search(r"--out \S+: this command reads \S+, the same file", err)
    assert Path(read).read_bytes() == before


# -- processes -------------------------------------------------------------------------------------

#: A solver that prints on file descriptor 1, in Python and through a buffer of C.
NOISE = """
import ctypes, os, highspy
def run(self, *given, before=highspy.Highs.run):
    os.write(1, b"NOISE\\n"); print("NOISE"); ctypes.CDLL(None).printf(b"NOISE\\n")
    return before(self, *given)
highspy.Highs.run = run
from fte_alloc.cli import main
main()
"""


def process(typed: str, *, noise: bool = False, **how) -> subprocess.CompletedProcess[bytes]:
    """A command as a process; what how it is run does not say, is captured."""
    start = ["-c", NOISE] if noise else ["-m", "fte_alloc.cli"]
    environment = {**os.environ, **how.pop("env", {}), "PYTHONPATH": str(ROOT / "src")}
    how = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "timeout": 120} | how
    return subprocess.run([sys.executable, *start, *typed.split()], env=environment, **how)


def unread() -> int:
    """The writing end of a pipe whose reader has gone."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


@pytest.mark.skipif(sys.platform == "win32", reason="a C library with printf")
@pytest.mark.parametrize("name", ["impossible", *map(slow, ("explain", "frontier", "regret"))])
def test_what_a_library_prints_is_no_result(here, name):
    done = process(f"{COMMANDS[name]} --format json", noise=True)
    json.loads(done.stdout)
    assert done.stderr.count(b"NOISE") >= 3


CODES = {"refused": 1, "solve": 0, "impossible": 3, "names": 0, "check": 0}


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("refused", "table"),
        pytest.param("solve", "json", marks=pytest.mark.slow),
        pytest.param("impossible", "csv", marks=pytest.mark.slow),
        pytest.param("names", "markdown", marks=pytest.mark.slow),
        pytest.param("check", "table", marks=pytest.mark.slow),
    ],
)
def test_a_closed_pipe_leaves_the_exit_code(here, name, form):
    writer = unread()
    done = process(f"{COMMANDS[name]} --format {form}", stdout=writer)
    assert done.returncode == CODES[name]
    assert done.stderr in (b"", b"mine: no plan is possible.\n")
    os.close(writer)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is full")
@pytest.mark.parametrize("typed", ["verify changed.json", slow("--help")])
def test_a_full_disk_is_told_with_exit_5(here, typed):
    with Path("/dev/full").open("wb") as full:
        done = process(typed, stdout=full)
    assert done.returncode == 5
    sentence = "The result cannot be written to standard output (No space left on device).\n"
    assert done.stderr.decode() == sentence


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no disk that is full")
def test_a_disk_too_full_to_say_so_is_exit_5_all_the_same(here):
    with Path("/dev/full").open("wb") as full:
        assert process("show --format json", stdout=full, stderr=full).returncode == 5


def test_what_a_script_printed_before_comes_before():
    script = "from fte_alloc.cli import main\nprint('before'); main(['show']); print('after')"
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "PYTHONUNBUFFERED": ""}
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, env=environment)
    lines = done.stdout.decode().splitlines()
    assert (lines[0], lines[-1], done.stderr) == ("before", "after", b"")


@pytest.mark.skipif(sys.platform == "win32", reason="a shell that closes descriptors")
@pytest.mark.parametrize(
    ("end", "code", "told"),
    [
        pytest.param(
            ">&-",
            5,
            "The result cannot be written to standard output (it is closed).\n",
            marks=pytest.mark.slow,
        ),
        pytest.param(">&- 2>&-", 5, "", marks=pytest.mark.slow),
        ("<&- >&- 2>&- --out new.json", 0, ""),
        pytest.param("2>&- | cat >/dev/null; exit ${PIPESTATUS[0]}", 0, "", marks=pytest.mark.slow),
    ],
)
def test_closed_descriptors(here, end, code, told):
    command = f'"{sys.executable}" -m fte_alloc.cli show mine --format json {end}'
    done = subprocess.run(["bash", "-c", command], capture_output=True, timeout=60, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (code, "", told)
    if "--out" in end:
        assert json.loads(Path("new.json").read_text(encoding="utf-8"))


@pytest.mark.skipif(sys.platform == "win32", reason="the folder of a process can be deleted")
@each("name", [n for n in COMMANDS if n != "names"])
def test_a_working_directory_that_is_gone_is_told_with_exit_5(capsys, tmp_path, monkeypatch, name):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    typed = COMMANDS[name].replace("--explain-plan posts.csv", "")
    gone.rmdir()
    code, out, err = run(capsys, *typed.split())
    assert (code, out) == (5, "")
    assert "the working directory is no longer there" in err
    monkeypatch.chdir(tmp_path)


@pytest.mark.slow
@each(("console", "form"), [("cp1252", "csv"), ("ascii", "markdown"), ("ascii", "json")])
def test_data_are_utf8_whatever_the_console_speaks(here, capsys, console, form):
    environment = {"PYTHONIOENCODING": console, "PYTHONUTF8": "0", "LC_ALL": "C"}
    done = process(f"{COMMANDS['solve']} --format {form}", env=environment)
    _, out, _ = run(capsys, *COMMANDS["solve"].split(), "--format", form)
    assert done.stdout.decode("utf-8") == out
