"""The command itself, to which every other one belongs."""

from __future__ import annotations

import os

import click

from fte_alloc.cli.options import lang

# The matrices here are small: threads of linear algebra cost more than they bring, and what they
# add up in whatever order would depend on the machine. Said before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@lang
@click.version_option(package_name="fte-alloc")
def cli() -> None:
    """Decide where co-financed posts go, and prove that no better distribution exists.

    SCENARIO is a name (fte-alloc show lists them) or the path of a .toml file.
    """
