"""Inputs of any size and kind: read whole, or refused with a sentence; never waited for in vain."""

from __future__ import annotations

import hashlib
import os
import shutil
import threading
import time
from contextlib import suppress
from pathlib import Path

import pytest
from conftest import ROOT, run, solved
from tables import each

from fte_alloc.inputs import input_files
from fte_alloc.inputs.toml import key_lines
from fte_alloc.questions.verify.verify import verify

SECRET = "hush"
FIGURES = "territory,role,new_fte\n53,facilitator,2\n"


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    """A working directory with shipped files, a secret beside it, a FIFO nobody writes to."""
    home = tmp_path / "home"
    for name in ("models", "scenarios"):
        shutil.copytree(ROOT / name, home / name)
    for name in ("secret.txt", "secret.toml", "secret.csv"):
        (tmp_path / name).write_text(f"{SECRET}\n", encoding="utf-8")
    (home / "link.toml").symlink_to(tmp_path / "secret.txt")
    (home / "link.csv").symlink_to(tmp_path / "secret.csv")
    os.mkfifo(home / "fifo.toml")
    os.mkfifo(home / "scenarios" / "waiting.toml")  # lists of names look past it
    monkeypatch.chdir(home)
    return home


def digest(path: str | Path) -> str:
    return "sha256:" + hashlib.sha256(Path(path).read_bytes()).hexdigest()


def stranger(changes=(), **inputs):
    """A saved plan that a stranger has changed."""
    document = dict(solved("reference").document)
    files = {**document["inputs"]["files"], **dict(changes)}
    document["inputs"] = {**document["inputs"], "files": files, **inputs}
    return document


@each(
    "name",
    [
        "fifo.toml",
        "/dev/zero",
        "/dev/stdin",
        "/proc/self/environ",
        "../secret.txt",
        "package:../../../../../etc/passwd",
        "link.toml",
        "models",
        "nul\0.toml",
        "large.csv",
    ],
)
def test_a_plan_may_name_inputs_only(folder, name):
    """What it names elsewhere is not even hashed, and nothing of it is told."""
    with Path("large.csv").open("wb") as large:
        large.truncate(input_files.MOST_BYTES + 1)
    for document in (stranger({name: "sha256:0"}), stranger({name: "sha256:0"}, file=name)):
        (finding,) = verify(document).findings
        assert finding.path == f"inputs.files[{name}]"
        assert finding.recomputed.startswith(("(not read:", "(no such file)"))


@each("name", ["../secret.toml", "link.csv"])
def test_inputs_elsewhere_are_hashed_and_never_quoted(folder, name):
    (finding,) = verify(stranger({name: "sha256:0"})).findings
    assert finding.recomputed == digest(name)
    known = stranger({name: digest(name)}, file=name, overrides={"reference_plan": name})
    told = str(verify(known).findings)
    assert "inputs" in told
    assert SECRET not in told


@each("name", ["../secret.txt", "../secret.csv", "fifo.toml", "/dev/zero"])
def test_what_a_plan_overrides_names_no_other_file(folder, name):
    document = stranger(overrides={"reference_plan": str(Path(name).absolute())})
    (finding,) = verify(document).findings
    assert finding.path.startswith("inputs.files[")
    assert SECRET not in f"{finding.saved} {finding.recomputed}"


def test_pipes_are_read_where_the_command_line_names_them(folder, capsys, search_once):
    def write(data: bytes) -> None:
        def feed() -> None:
            with suppress(BrokenPipeError), Path("pipe").open("wb") as pipe:
                pipe.write(data)

        threading.Thread(target=feed, daemon=True).start()

    os.mkfifo("pipe")
    fa_json = run(capsys, "solve", "reference", "--format", "json")[1].encode()
    for lang in ("en", "fr"):  # in French the document is made a second time
        write(fa_json)
        code, out, _ = run(capsys, "verify", "pipe", "--format", "json", "--lang", lang)
        assert (code, '"accepted": true' in out) == (0, True)
    write(FIGURES.encode())
    assert run(capsys, "evaluate", "reference", "--posts", "./pipe")[0] == 1  # coordinators lack
    write(b'extends = "reference"\n')
    assert run(capsys, "check", "./pipe")[0] == 0
    write(b" " * (input_files.MOST_BYTES + 2))
    code, _, err = run(capsys, "verify", "pipe")
    assert (code, "is larger than 64 MB" in err) == (5, True)


@each(
    ("arguments", "told"),
    [
        (["solve", "/dev/zero"], "/dev/zero: is a device"),
        (["verify", "/dev/zero"], "/dev/zero: is a device"),
        (["evaluate", "reference", "--posts", "/dev/zero"], "/dev/zero: is a device"),
        (["sweep", "reference", "--cases", "/dev/zero"], "/dev/zero: is a device"),
        (["weights", "reference", "--explain-plan", "/dev/zero"], "/dev/zero: is a device"),
        (["solve", "device"], "/dev/zero: is a device"),
        (["solve", "large"], "large.toml: is larger than 64 MB"),
        (["solve", "nested"], "too deep to read"),
        (["solve", "dotted"], "too deep to read"),
        (["verify", "nested.json"], "is not a saved plan"),
        (["show"], "reference"),
    ],
)
def test_no_input_is_without_end(folder, capsys, arguments, told):
    Path("scenarios/device.toml").write_text('extends = "/dev/zero"\n')
    with Path("scenarios/large.toml").open("wb") as large:
        large.truncate(100 << 20)
    Path("scenarios/nested.toml").write_text(f"title = {'[' * 100_000}")
    Path("scenarios/dotted.toml").write_text(f"title.{'a.' * 200_000}a = 1")
    Path("nested.json").write_text(
        '{"format": "fte-alloc/plan/1", "inputs": ' + '{"a": ' * 400 + "1" + "}" * 401
    )
    begun = time.monotonic()
    code, out, err = run(capsys, *arguments)
    path = os.path.relpath("/dev/zero")
    assert told.replace("/dev/zero", path) in out + err
    assert code == (0 if arguments == ["show"] else 5)
    assert time.monotonic() - begun < 10


def test_lines_of_keys_are_found_in_time_that_grows_as_they_do():
    """40,000 keys: 9 s where lines are counted from the top for each."""
    text = "".join(f"k{n} = {n}\n" for n in range(40_000))
    begun = time.process_time()
    assert key_lines(text)["k39999",] == 40_000
    assert time.process_time() - begun < 3
