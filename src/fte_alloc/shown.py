"""Answers that show themselves: tables and pictures in a notebook, a few lines at any other prompt.

How, is in ``api``, which is found by name when it is needed: nothing below it imports a renderer.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from importlib import import_module
from typing import Any


def renderer(name: str = "api") -> Any:
    """The module that renders answers, or one of ``render``."""
    return import_module(f"fte_alloc.{name}")


class Shown:
    """What prints in ten lines at most, and is saved in the formats of its command."""

    def __repr__(self) -> str:
        return str(renderer().brief(self))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write a file whole; its ending sets the format, such as ``.json``, ``.xlsx``, ``.svg``.

        Raises InputError for another ending, a file that was read (but for plans), or one that
        cannot be written.
        """
        renderer().save(self, path)


class Tables(Shown):
    """An answer that a notebook displays as its command prints it."""

    def _repr_html_(self) -> str:
        page = renderer().result_of(self).page()
        return str(renderer("render.html").html_part(page))


@dataclass(frozen=True, repr=False)
class Drawing(Shown):
    """A picture that a notebook displays.

    title, description : in words, for those who do not see it
    """

    title: str
    description: str

    def _repr_svg_(self) -> str:
        return str(renderer("render.svg").svg(self))
