"""``python -m fte_alloc.cli``."""

from fte_alloc.cli import main

main()
