"""The weights that justify a plan, on a page of 100 columns; or why there are none."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fte_alloc import words
from fte_alloc.report import numbers as show
from fte_alloc.report.claims import regional_lines
from fte_alloc.report.evaluation_answer import broken_limits
from fte_alloc.report.names import territory_words
from fte_alloc.report.pages import Grid, Line, Page

Document = Mapping[str, Any]
#: Weights as CSV: what each is, and what it would have to be.
WEIGHT_COLUMNS = ("key", "now", "needed", "change", "relative_change")
#: Weights are named in the sentence while there are no more of them.
_FEW = 3
#: Posts that contradict each other are named so far.
_MOST_POSTS = 4
#: A plan is reproduced where no post differs by more, rounding apart [FTE].
_SAME_FTE = 0.01
#: Less State money [EUR] and less of the cap [FTE] left over than this is none.
_LEFT_EUR, _LEFT_FTE = 1.0, 0.05


def justify_page(document: Document) -> Page:
    """The page of ``weights``."""
    title = words.JUSTIFY_TITLE.format(scenario=document["scenario"])
    if document["status"] == "breaks_limits":
        head, page = Line(title, "bad", words.JUSTIFY_BREAKS), broken_limits(document)
    elif document["refusal"] is not None:
        head, page = Line(title, "bad", words.JUSTIFY_REFUSED), _refusal(document)
    else:
        head, page = Line(title, "good", words.JUSTIFY_PROVED), _justified(document)
    return [head, *_unnamed(document), *page, *regional_lines(document)]


def _unnamed(document: Document) -> Page:
    """How many posts the plan does not name."""
    count = document["unnamed_posts"]
    if not count:
        return []
    sentence = words.plural(words.JUSTIFY_UNNAMED, count)
    return [Line(sentence.format(count=count, all=document["possible_posts"]), "warn")]


def weight_rows(document: Document) -> list[dict[str, Any]]:
    """The weights found, one row each; none where none justify the plan."""
    weights, indicators = document["weights"], document["indicators"]
    rows = [
        row | {"key": f"weights.territory.{row['territory']}"}
        for row in (weights["territories"] if weights else ())
    ]
    if indicators and indicators["justifies"]:
        rows += [
            row | {"key": f"weights.indicators.{row['column']}"}
            for row in indicators["coefficients"]
        ]
    return rows


# -- weights there are -----------------------------------------------------------------------------


def _justified(document: Document) -> Page:
    """The weights in a sentence, one by one, as lines to paste; what holds and what was asked."""
    weights = document["weights"]
    page: Page = [Line(_with(document, weights) or words.JUSTIFY_AS_IS), *_typed(document)]
    page += _check(document)
    page.append(Line(words.JUSTIFY_ASKED))
    if not document["support_settled"]:
        page.append(Line(words.JUSTIFY_SHARED, "warn"))
    page += _indicators(document)
    return [*page, *_grid(weights), *_paste(weights["toml"] if _changed(weights) else [])]


def _with(document: Document, weights: Document) -> str:
    """« With Bretagne at 1.12 instead of 1 … », empty where nothing changes."""
    if not _changed(weights):
        return ""
    sentence = words.JUSTIFY_WITH[document["measure"]]
    return str(sentence.format(weights=_told(weights), distance=_distance(weights["distance"])))


def _changed(weights: Document) -> list[Document]:
    """Weights that change, the most first."""
    rows = [row for row in weights["territories"] if row["needed"] != row["now"]]
    return sorted(rows, key=lambda row: (-abs(_relative(row)), row["territory"]))


def _relative(row: Document) -> float:
    """The change as it counts: relative, or from 0 as it is."""
    return float(row["change"] if row["relative_change"] is None else row["relative_change"])


def _told(weights: Document) -> str:
    """The weights that change most, by name."""
    rows = _changed(weights)
    first = [
        words.JUSTIFY_ONE.format(
            name=row["name"], needed=_number(row["needed"]), now=_number(row["now"])
        )
        for row in rows[:_FEW]
    ]
    if len(rows) <= _FEW:
        return _and(first)
    return str(words.JUSTIFY_MORE.format(first=", ".join(first), count=len(rows) - _FEW))


def _grid(weights: Document) -> Page:
    """Every weight that changes."""
    rows = [
        [
            f"{row['territory']} {row['name']}",
            _number(row["now"]),
            _number(row["needed"]),
            show.count_change(row["change"], 4)
            if row["relative_change"] is None
            else show.rate_change(row["relative_change"]),
        ]
        for row in _changed(weights)
    ]
    return [Line(""), Grid(words.JUSTIFY_HEADINGS, rows)] if rows else []


def _paste(lines: Sequence[str]) -> Page:
    """Lines of a scenario."""
    if not lines:
        return []
    return [
        Line(""),
        Line(words.JUSTIFY_PASTE, "head"),
        *(Line(line, whole=True) for line in lines),
        Line(""),
    ]


def _typed(document: Document) -> Page:
    """To what decimal the plan was typed, and which limits it breaks for that."""
    rounding = document["rounding_fte"]
    if not rounding:
        return []
    page: Page = [Line(words.JUSTIFY_TYPED.format(fte=_number(2 * rounding)))]
    if document["violations"]:
        page += [Line(words.JUSTIFY_TYPED_BEYOND, "warn"), *broken_limits(document)]
    return page


def _check(document: Document) -> Page:
    """How far the best plan for the weights is from the one given."""
    difference_fte = document["weights"]["difference_fte"]
    if difference_fte is None:
        return []
    # Rounding of the posts and of the plan solved for add up.
    is_same = difference_fte <= _SAME_FTE + 2 * document["rounding_fte"]
    sentence = words.JUSTIFY_CHECK if is_same else words.JUSTIFY_CHECK_TIED
    return [Line(sentence.format(fte=show.at_most(difference_fte, 3)))]


def _indicators(document: Document) -> Page:
    """The other answer: coefficients of indicators alone."""
    answer = document["indicators"]
    if answer is None:
        return []
    changed = [row for row in answer["coefficients"] if row["change"]]
    if answer["justifies"] and not changed:
        return [Line(words.JUSTIFY_INDICATORS_AS_IS)] if _changed(document["weights"]) else []
    weights = _and(
        words.JUSTIFY_INDICATOR.format(
            name=row["column"], needed=_number(row["needed"]), now=_number(row["now"])
        )
        for row in answer["coefficients"]
    )
    if answer["justifies"]:
        distance = _distance(answer["distance"])
        return [Line(words.JUSTIFY_INDICATORS.format(weights=weights, distance=distance))]
    posts = _and(_post(document, post) for post in answer["between"][:_MOST_POSTS])
    loss = show.share_at_most(answer["relative_loss"])
    sentence = words.JUSTIFY_INDICATORS_LOSE
    return [Line(sentence.format(posts=posts, weights=weights, loss=loss))]


# -- no weights ------------------------------------------------------------------------------------


def _refusal(document: Document) -> Page:
    """The reason in a sentence, what is left unused, and a plan near by that weights justify."""
    nearest = document["refusal"]["nearest"]
    weights = nearest["weights"]
    told = words.JUSTIFY_NEAREST_AS_IS
    if _changed(weights):
        told = words.JUSTIFY_NEAREST_WITH.format(weights=_told(weights))
    page: Page = [Line(words.JUSTIFY_REASON.format(reason=_reason(document)), "bad")]
    page += [*_typed(document), *_left(document)]
    fte = show.at_most(nearest["moved_fte"])
    page += [Line(words.JUSTIFY_NEAREST.format(fte=fte, weights=told)), Line("")]
    page.append(_moves(document))
    if not document["support_settled"]:
        page.append(Line(words.JUSTIFY_SHARED, "warn"))
    return [*page, *_grid(weights), *_paste(weights["toml"] if _changed(weights) else [])]


def _reason(document: Document) -> str:
    """Which posts contradict each other."""
    refusal = document["refusal"]
    better = refusal["exchange"] or refusal["better"]
    if better is None:
        posts = _and(_post(document, post) for post in refusal["between"][:_MOST_POSTS])
        return str(words.JUSTIFY_CONDITIONS.format(posts=posts))
    moves = sorted(better["moves"], key=lambda move: move["change_fte"])
    given, taken = (_amount(document, move) for move in (moves[0], moves[-1]))
    if moves[0]["change_fte"] > 0:
        return str(words.JUSTIFY_ADD.format(taken=taken))
    sentence = words.JUSTIFY_EXCHANGE if refusal["exchange"] else words.JUSTIFY_AMONG
    territory, _, _ = territory_words(document["territory"] or "")
    return str(
        sentence.format(
            given=given,
            taken=taken,
            territory=territory,
            weighted=words.JUSTIFY_WEIGHTED if refusal["unit"] != "contracts" else "",
        )
    )


def _amount(document: Document, move: Document) -> str:
    """« 0.8 coordinators in Guadeloupe »."""
    fte = abs(move["change_fte"])
    digits = 1 if fte >= 0.1 else 3
    post = _post(document, move, fte)
    return str(words.JUSTIFY_FTE_OF.format(fte=show.count(fte, digits), post=post))


def _post(document: Document, post: Document, fte: float = 2.0) -> str:
    """« facilitators in Bretagne », with the year where there are several."""
    year = ""
    if len(document["years"]) > 1:
        year = words.JUSTIFY_IN_YEAR.format(year=post["year"])
    role = words.plural(words.JUSTIFY_ROLES[post["role"]], fte)
    return str(words.JUSTIFY_POST.format(role=role, name=post["name"], year=year))


def _left(document: Document) -> Page:
    """What the plan does not use, where it uses up neither money nor cap."""
    page: Page = []
    for left in document["refusal"]["left"]:
        eur, fte = left["state_eur"], left["cap_fte"]
        if (eur is not None and eur < _LEFT_EUR) or (fte is not None and fte < _LEFT_FTE):
            continue
        sentence = words.JUSTIFY_LEFT if len(document["years"]) == 1 else words.JUSTIFY_LEFT_IN
        page.append(
            Line(
                sentence.format(
                    eur=words.JUSTIFY_NO_CAP if eur is None else show.count(eur),
                    fte=words.JUSTIFY_NO_CAP if fte is None else show.count(fte, 1),
                    year=left["year"],
                )
            )
        )
    return page


def _moves(document: Document) -> Grid:
    """Posts that differ between the plan and the nearest that weights justify."""
    typed = {
        (row["role"], row["territory"], row["year"]): row["new_fte"] for row in document["posts"]
    }
    rows = [
        [
            _post(document, row),
            show.count(typed[row["role"], row["territory"], row["year"]], 2),
            show.count(row["new_fte"], 2),
            show.difference(typed[row["role"], row["territory"], row["year"]], row["new_fte"], 2),
        ]
        for row in document["refusal"]["nearest"]["posts"]
        if row["change_fte"]
    ]
    return Grid(words.JUSTIFY_NEAREST_HEADINGS, rows)


# -- words and numbers -----------------------------------------------------------------------------


def _number(value: float) -> str:
    """A weight, with the digits that matter."""
    return show.significant(value, 5)


def _distance(value: float) -> str:
    """A relative change: 0.31."""
    return show.significant(value, 4)


def _and(names: Iterable[str]) -> str:
    """A list in words: « a, b and c »."""
    *first, last = names
    return str(words.AND.join([", ".join(first), last])) if first else last
