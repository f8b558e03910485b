"""Scenarios and models at hand, in the working directory and in the package."""

from __future__ import annotations


def at_hand() -> dict[str, list[tuple[str, str, str]]]:
    """Name, title and file of every scenario and model, by heading."""
    import tomllib

    from fte_alloc import words
    from fte_alloc.scenario.finding import available, shown_path

    listed = {}
    for heading, kind in ((words.SHOW_SCENARIOS, "scenarios"), (words.SHOW_MODELS, "models")):
        rows = []
        for name, path in available(kind).items():
            file = path / "model.toml" if kind == "models" else path
            try:
                title = str(tomllib.loads(file.read_text(encoding="utf-8-sig")).get("title", ""))
            except (OSError, ValueError):
                title = words.UNREADABLE
            rows.append((name, title, shown_path(file)))
        listed[heading] = rows
    return listed
