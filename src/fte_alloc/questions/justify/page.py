"""The weights that justify a plan, on a page of 100 columns; or why there are none."""

from __future__ import annotations

from collections.abc import Iterable

from fte_alloc import numbers as show
from fte_alloc.language import N_, NN_, _, few, listed, ngettext
from fte_alloc.questions.answer import Grid, Line, Page
from fte_alloc.questions.document import Document, Documented, inputs_of, scenario_keys
from fte_alloc.questions.evaluate import broken_limits
from fte_alloc.questions.inputs_in_words import assumed_figures_lines
from fte_alloc.questions.places import territory_words

JUSTIFY_MEASURES = {"total": N_("in total"), "largest": N_("at most")}
JUSTIFY_ROLES = {
    "facilitator": NN_("facilitator", "facilitators"),
    "coordinator": NN_("coordinator", "coordinators"),
}

#: Largest number of weights that a sentence lists in full.
_FEW = 3
#: Largest number of posts with contradicting conditions that are listed.
_MOST_POSTS = 4


def justify_page(found: Documented) -> Page:
    """Text page of the command ``weights --explain-plan``."""
    whole = scenario_keys(found.problem)
    document = {**found.document, "territory": inputs_of(whole).get("territory")}
    tone, claim, body = "good", _("PROVED: no smaller change of the weights does it"), _justified
    if document["status"] == "breaks_limits":
        tone, claim, body = "bad", _("BREAKS LIMITS: weights are not asked about"), broken_limits
    elif document["refusal"] is not None:
        tone, claim, body = "bad", _("NO WEIGHTS JUSTIFY IT"), _refusal
        if not _refusal_is_proved(document):
            claim = _("NO WEIGHTS FOUND THAT JUSTIFY IT")
    title = _("{scenario}: weights that justify a plan").format(scenario=document["scenario"])
    page: Page = [Line(title, tone, right=claim)]
    if count := document["unnamed_posts"]:
        text = _(
            "Unnamed    not in the plan as it was given, counted as 0: {count} of {all} posts."
        )
        page.append(Line(text.format(count=count, all=document["possible_posts"]), "warn"))
    return [*page, *body(document), *assumed_figures_lines(whole)]


# -- weights there are -----------------------------------------------------------------------------


def _justified(document: Document) -> Page:
    """Page of a justified plan: weights in a sentence and as lines to paste, the check, notes."""
    weights, text = document["weights"], _("The plan is the best one {weights}.")
    if _changed(weights):
        text = _(
            "The plan is the best one {weights}; relative change {distance} {measure}, and no "
            "smaller change does it (proved)."
        )
    sentence = text.format(
        weights=_in_words(weights),
        distance=show.significant(weights["distance"], 4),
        measure=_(JUSTIFY_MEASURES[document["measure"]]),
    )
    page: Page = [Line(sentence), *_typed(document)]
    if weights["difference_fte"] is not None:
        text = _(
            "Check      solved with these weights, no post differs by more than {fte} FTE from the "
            "plan; of plans that are as good in the first stage, later stages choose."
        )
        page.append(Line(text.format(fte=show.at_most(weights["difference_fte"], 3))))
    return [*page, *_shared(document), *_indicators(document), *_to_paste(weights)]


def _changed(weights: Document) -> list[Document]:
    """Weights whose printed value changes, by decreasing relative change (absolute from 0)."""
    rows = weights["territories"]
    return sorted(
        (row for row in rows if _weight_text(row["needed"]) != _weight_text(row["now"])),
        key=lambda row: (-abs(row["change"]) / (row["now"] or 1.0), row["territory"]),
    )


def _in_words(weights: Document) -> str:
    """Phrase with the weights that change most, or the phrase that none changes."""
    changes = _filled_sentences(_("{name} at {needed} instead of {now}"), "name", _changed(weights))
    if not changes:
        return _("with the weights as they are")
    listing = few(changes, _FEW) if len(changes) > _FEW else listed(changes)
    return _("with {weights}").format(weights=listing)


def _filled_sentences(sentence: str, name: str, rows: Iterable[Document]) -> list[str]:
    """*sentence* filled with the name, the needed and the present value of each row."""
    return [
        sentence.format(
            name=row[name], needed=_weight_text(row["needed"]), now=_weight_text(row["now"])
        )
        for row in rows
    ]


def _to_paste(weights: Document) -> Page:
    """Lines of a scenario that set the weights; none where no weight changes."""
    if not _changed(weights):
        return []
    lines = [Line(line, whole=True) for line in weights["toml"]]
    text = _(
        "To paste into the scenario; in brackets what each is now. Only their ratios matter, with "
        "indicators as they are."
    )
    return [Line(""), Line(text, "head"), *lines, Line("")]


def _typed(document: Document) -> Page:
    """Lines on the rounding of the typed posts, and on the limits that they break."""
    rounding = document["rounding_fte"]
    if not rounding:
        return []
    text = _(
        "Typed      to {fte} FTE: the plan meant is not the typed one itself but, of those that "
        "round to it and keep all limits, the best for the present weights."
    )
    broken = broken_limits(document) if document["violations"] else []
    return [Line(text.format(fte=_weight_text(2 * rounding))), *broken]


def _shared(document: Document) -> Page:
    """Warning, where true, that weights, or nearer ones, might justify other shares of support."""
    text = _(
        "Support    coordinators share theirs among territories as under the present weights; with "
        "other shares, some weights might justify the plan, or nearer ones."
    )
    return [] if document["support_settled"] else [Line(text, "warn")]


def _indicators(document: Document) -> Page:
    """Line on whether coefficients of indicators alone would justify the plan, and which."""
    answer = document["indicators"]
    if answer is None or not _changed(document["weights"]):
        return []
    text = _(
        "Indicators alone would do, weights by name as they are: {weights}; relative change "
        "{distance}, proved the smallest."
    )
    if not answer["justifies"]:
        text = _(
            "Indicators alone would not do, weights by name as they are: the conditions of {posts} "
            "contradict each other. Nearest come {weights}: the plan then loses at most {loss}."
        )
    sentence = text.format(
        weights=listed(
            _filled_sentences(_("{name} {needed} (now {now})"), "column", answer["coefficients"])
        ),
        distance=show.significant(answer["distance"] or 0.0, 4),
        posts=_posts_between(document, answer) if answer["between"] else "",
        loss=show.share_at_most(answer["relative_loss"]),
    )
    return [Line(sentence)]


# -- no weights ------------------------------------------------------------------------------------


def _refusal(document: Document) -> Page:
    """Page of a refused plan: the reason in a sentence, and a plan near by that weights justify."""
    nearest = document["refusal"]["nearest"]
    text = _(
        "Nearest    found that weights justify: {fte} FTE of both roles moved (that no plan is "
        "nearer is not proved). It is the best one {weights}."
    )
    fte, weights = show.at_most(nearest["moved_fte"]), _in_words(nearest["weights"])
    why = _("No weights justify the plan: {reason}.")
    if not _refusal_is_proved(document):
        why = _("No weights were found that justify the plan: {reason}.")
    return [
        Line(why.format(reason=_reason_of_refusal(document)), "bad"),
        *_typed(document),
        Line(text.format(fte=fte, weights=weights)),
        Line(""),
        _moves(document),
        *_shared(document),
        *_to_paste(nearest["weights"]),
    ]


def _refusal_is_proved(document: Document) -> bool:
    """Whether a better plan proves the refusal, however coordinators share their support."""
    return document["support_settled"] and document["refusal"]["better"] is not None


def _reason_of_refusal(document: Document) -> str:
    refusal = document["refusal"]
    if (better := refusal["better"]) is None:
        text = _("what {posts} ask of the weights contradicts each other")
        return text.format(posts=_posts_between(document, refusal))
    given, taken = better["moves"][0], better["moves"][-1]
    text = _("{taken} could be added{others}, no post given up and no limit broken")
    if given["change_fte"] < 0:
        text = _(
            "{given} could give way to {taken}{others}, and no {territory} would cover less, some "
            "more{weighted}"
        )
    weighted = _(" (contracts weighted by kind of buyer and year)")
    return text.format(
        given=_move_text(document, given),
        taken=_move_text(document, taken),
        others=_(", among other moves") if len(better["moves"]) > 2 else "",
        territory=territory_words(document["territory"] or "")[0],
        weighted=weighted if refusal["unit"] != "contracts" else "",
    )


def _posts_between(document: Document, answer: Document) -> str:
    return listed(_post_text(document, post) for post in answer["between"][:_MOST_POSTS])


def _move_text(document: Document, move: Document) -> str:
    """Text of a move, such as « 0.8 coordinators in Guadeloupe »."""
    fte = abs(move["change_fte"])
    post, digits = _post_text(document, move, fte), 1 if fte >= 0.1 else 3
    return _("{fte} {post}").format(fte=show.count(fte, digits), post=post)


def _post_text(document: Document, post: Document, fte: float = 2.0) -> str:
    """Text of a post, such as « facilitators in Bretagne », with the year if there are several."""
    year = _(" in {year}").format(**post) if len(document["years"]) > 1 else ""
    role = ngettext(*JUSTIFY_ROLES[post["role"]], fte)
    return _("{role} in {name}{year}").format(role=role, name=post["name"], year=year)


def _moves(document: Document) -> Grid:
    """Table of posts that differ between the plan given and the plan that weights justify."""
    nearest, rows = document["refusal"]["nearest"]["posts"], []
    for typed, row in zip(document["posts"], nearest, strict=True):
        ends = typed["new_fte"], row["new_fte"]
        texts = [show.count(fte, 2) for fte in ends]
        if texts[0] != texts[1]:
            rows.append([_post_text(document, row), *texts, show.difference(*ends, 2)])
    return Grid((_("New posts, FTE"), _("as given"), _("nearest"), _("difference")), rows)


def _weight_text(value: float) -> str:
    return show.significant(value, 5)
