"""Every sentence the tool says, in the language in force.

``words.NAME`` is looked up where it is used, never at import: the English text of ``english.py``.
"""

from typing import Any

from fte_alloc.words import english


def __getattr__(name: str) -> Any:
    return getattr(english, name)
