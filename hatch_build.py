"""Compiles catalogues: before a wheel, a source distribution or an editable install is made.

python hatch_build.py    compiles those of a working tree that is not installed
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


def compile_catalogues(root: Path) -> None:
    """Write the ``.mo`` beside every ``.po`` of the package."""
    for path in (root / "src" / "fte_alloc" / "locale").rglob("*.po"):
        with path.open("rb") as text, path.with_suffix(".mo").open("wb") as compiled:
            write_mo(compiled, read_po(text))


class CatalogueHook(BuildHookInterface):
    """Called by hatchling for every target."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Compile the catalogues before files are gathered."""
        compile_catalogues(Path(self.root))


if __name__ == "__main__":
    compile_catalogues(Path(__file__).resolve().parent)
