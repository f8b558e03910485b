"""Base classes of answers: tables and pictures in a notebook, a few lines at any other prompt.

Renderers are in ``api``, which is imported by name when needed: no module below imports them.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd


def renderer(name: str = "api") -> Any:
    """Import a module of the package by name; by default ``api``, which renders answers."""
    return import_module(f"fte_alloc.{name}")


class Shown:
    """An answer or picture that prints in at most ten lines and is saved in several formats."""

    def __repr__(self) -> str:
        return str(renderer().brief(self))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file whole; its ending sets the format, such as ``.json``, ``.xlsx``, ``.svg``.

        Raises InputError for an unknown ending, a file that was read (except .json), or a file
        that cannot be written.
        """
        renderer().save(self, path)


class Tables(Shown):
    """An answer that a notebook displays as its command prints it."""

    @property
    def table(self) -> pd.DataFrame:
        """The rows of its CSV as a pandas DataFrame."""
        import pandas as pd

        result = renderer().result_of(self)
        return pd.DataFrame(list(result.rows()), columns=list(result.columns))

    def _repr_html_(self) -> str:
        page = renderer().result_of(self).page()
        return str(renderer("render.html").html_part(page))


@dataclass(frozen=True, repr=False)
class Drawing(Shown):
    """A picture that a notebook displays; title and description are for those who do not see."""

    title: str
    description: str

    def _repr_svg_(self) -> str:
        return str(renderer("render.svg").svg(self))
