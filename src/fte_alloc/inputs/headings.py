"""Headings of tables as planners write them, in French or English, and the keys they stand for.

A heading is known if all its words are known: `ETP en poste`, `Postes existants (2023)` and
`existing_facilitators_fte` are one key, `ETP demandés` is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache

from fte_alloc.inputs.codes import plain_name
from fte_alloc.inputs.schema import TERRITORY_COLUMNS
from fte_alloc.programme.data import COORDINATOR, FACILITATOR

#: Words of one meaning, without accents, as regular expressions of whole words.
_WORDS = {
    "facilitator": r"facilit\w*",
    "coordinator": r"coord\w*",
    "existing": r"exist\w*|place|actuel\w*|current|presents?",
    "committed": r"recond\w*|renouvel\w*|renew\w*|committed",
    "new": r"nouv\w*|new",
    "your": r"vos|your",
    "least": r"min|minimums?|minimale?s?|minimaux|moins|least",
    "most": r"max|maximums?|maximale?s?|maximaux|plus|most",
    "rate": r"taux|rates?",
    "cost": r"couts?|costs?",
    "partner": r"partenaires?|cofinanceurs?|partners?",
    "capacity": r"capacites?|capacity|apports?|money",
    "factor": r"facteur|factor",
    "contracts": r"marches?|contracts?|contrats?",
    "state": r"etat|state",
    "hospital": r"hospital|hospitals|hospitaliers?|hopitaux",
    "local": r"collectivites?|local|locale?s|locaux|territoriales?|authorities",
    "operator": r"operateurs?|operators?|reseaux?",
    "enterprises": r"entreprises?",
    "public": r"public|publics|publiques?",
    "population": r"populations?|habitants?|hab|inhabitants?",
    "code": r"codes?|insee|num|numero",
    "name": r"noms?|names?|libelles?|intitules?",
    "region": r"regions?|reg",
    "territory": r"territoires?|territory|territories|departements?|dep|dept",
    "buyer": r"acheteurs?|buyers?|segments?",
    "kind": r"types?|categories?|kinds?",
    "role": r"roles?|fonctions?",
    "year": r"annees?|year|exercice",
    "status": r"statuts?|status",
    "source": r"sources?|origine",
    "key": r"cles?|key",
    "value": r"valeurs?|value",
    "total": r"totale?s?|totaux|ensemble",
    "fte": r"etp|fte|postes?|posts?|emplois",
    "eur": r"€|eur|euros?",
    "percent": r"%",
    # Words without effect on the meaning.
    "": r"de|du|des|d|la|le|les|l|en|et|of|the|and|in|a|au|aux|par|per|n|nb|nbre|nombre|number|an"
    r"|yr|of|un|une|already|exigee?s?|required|secteur|officiel|regionaux|regional|regionales|deja|annuels?|(?:19|20)\d\d"
    r"|\d{1,2}|1er|janv\w*|fevr?\w*|mars|avr\w*|mai|juin|juil\w*|aout|sept\w*|oct\w*|nov|novemb\w*"
    r"|dec|decemb\w*|january|february|march|april|may|june|july|august",
}
_KNOWN = [(meaning, re.compile(words)) for meaning, words in _WORDS.items()]

#: Meanings of words that are units.
_UNITS = {"fte", "eur", "percent"}

#: Meanings of headings, units left out, by the key that these headings stand for.
_KEYS: dict[str, tuple[str, ...]] = {
    "code": ("code", "code territory"),
    "region code": ("code region",),
    "name": ("name", "territory", "name territory"),
    "region": ("region", "name region"),
    "population": ("population",),
    "existing_facilitators_fte": ("existing", "existing facilitator"),
    "committed_facilitators_fte": ("committed", "committed facilitator"),
    "existing_coordinators_fte": ("existing coordinator",),
    "committed_coordinators_fte": ("committed coordinator",),
    "min_new_facilitators_fte": ("least new", "least facilitator", "least new facilitator"),
    "max_new_facilitators_fte": ("most new", "most facilitator", "most new facilitator"),
    "partner_capacity_eur": ("partner capacity",),
    "least_rate": ("least rate",),
    "facilitator_cost_eur_per_fte": ("facilitator cost",),
    "facilitator_state_rate": ("facilitator state rate",),
    "coordinator_cost_eur_per_fte": ("coordinator cost",),
    "coordinator_state_rate": ("coordinator state rate",),
    "new_fte": ("new", "your"),
    "new_facilitators_fte": ("new facilitator", "your facilitator", "your new facilitator"),
    "new_coordinators_fte": ("new coordinator", "your coordinator", "your new coordinator"),
    "role": ("role",),
    "year": ("year",),
    "buyer": ("buyer", "buyer kind"),
    "contracts_per_year": ("contracts", "contracts year"),
    "contracts.state_hospital": ("state", "state hospital", "public state hospital"),
    "contracts.local": ("local", "local public"),
    "contracts.operators": ("operator", "enterprises operator public", "enterprises public"),
    "status": ("status",),
    "source": ("source",),
    "key": ("key",),
    "value": ("value",),
    "posts?": ("", "facilitator", "coordinator"),
    "total": ("total", "total contracts", "total existing", "total new"),
}
_BY_MEANING = {frozenset(meanings.split()): key for key, made in _KEYS.items() for meanings in made}
#: Unit of the values in columns with a key; columns with other keys hold texts.
UNITS = {
    **{column: unit for column, unit in TERRITORY_COLUMNS.items() if unit},
    **dict.fromkeys(("new_fte", "new_facilitators_fte", "new_coordinators_fte"), "FTE"),
    "contracts_per_year": "contracts/yr",
    "effort_fte": "FTE",
}
#: Words for each status in a column of statuses.
_STATUSES = {
    "published": r"published|publiee?s?",
    "derived": r"derived|calculee?s?|derivee?s?",
    "reported": r"reported|declaree?s?",
    "assumption": r"assum\w+|hypotheses?|supposee?s?",
}
#: Words for each role, and the column of new posts of each role.
_ROLES = {
    FACILITATOR: r"facilit(at(eur|rice|or)s?)?",
    COORDINATOR: r"coord((in|onn)at(eur|rice|or)s?)?( regiona(l|le|ux|les))?",
}


def status_of_text(text: str) -> str:
    """The status that a text names, in either language; empty for none."""
    return next(
        (one for one, words in _STATUSES.items() if re.fullmatch(words, plain_name(text))), ""
    )


def role_of_text(text: str) -> str:
    """The role that a text in French or English names; the text itself where it names none."""
    spelt = plain_name(text).replace(".", "")
    return next((role for role, words in _ROLES.items() if re.fullmatch(words, spelt)), text)


#: Names of rows that are surely totals; « somme » is not one, as Somme is a département.
NAMED_TOTAL = re.compile(
    r"\b((sous|sub)?(totals?|totaux)|tot|ensemble|sum|overall|cumul)\b"
    r"|^\S+ (france|nation(al)?|all|tou(te)?s)\b"
)


@lru_cache(maxsize=65536)
def heading_words(text: str) -> tuple[str, ...]:
    """The words of a heading: lower case, without accents, brackets or line breaks."""
    spelt = re.sub(r"\ben (?:poste|place)s?\b|\bin post\b", "existing", plain_name(text))
    return tuple(re.findall(r"\w+|€|%", spelt))


@lru_cache(maxsize=65536)
def heading_meaning(text: str) -> tuple[frozenset[str], frozenset[str]] | None:
    """Meanings of the words of a heading, and its units; None where a word is not known."""
    found = set()
    for word in heading_words(text):
        meaning = next((meaning for meaning, known in _KNOWN if known.fullmatch(word)), None)
        if meaning is None:
            return None
        found.add(meaning)
    return frozenset(found - _UNITS - {""}), frozenset(found & _UNITS)


_EXACT = {" ".join(heading_words(key)): key for key in (*TERRITORY_COLUMNS, *UNITS)}


def heading_key(text: str, more: Mapping[str, str] | None = None) -> str | None:
    """The key that a heading stands for, None where it stands for none.

    more : further keys by heading in lower case, such as those of indicators and kinds of buyer
    """
    own = " ".join(heading_words(text))
    if own in (more or {}) or own in _EXACT:
        return (more or {}).get(own) or _EXACT[own]
    understood = heading_meaning(text) if own else None
    if understood is None:
        return None
    meaning, units = understood
    key = _BY_MEANING.get(meaning) or _BY_MEANING.get(meaning - {"contracts"})
    if key is None or (key == "posts?" and not (units or meaning)):
        return None
    return key if units <= _MAY_STAND.get(heading_unit(key), set()) or key in _OF_POSTS else None


#: Units that a heading may name, by unit of its column.
_MAY_STAND = {"FTE": {"fte"}, "EUR/yr": {"eur"}, "EUR/(FTE.yr)": {"eur", "fte"}, "1": {"percent"}}
_OF_POSTS = ("posts?", "total")


def heading_unit(key: str) -> str:
    """Unit of the values in columns with a key, such as ``FTE``; empty for texts."""
    of_model = {"contracts": "contracts/yr", "indicator": "1"}
    return UNITS.get(key, of_model.get(key.partition(".")[0], "") if "." in key else "")


def model_headings(
    indicators: Iterable[str], buyers: Mapping[str, Iterable[str]] | None = None
) -> dict[str, str]:
    """Keys of indicators and kinds of buyer, by heading; *buyers*: code and names of each kind."""
    more = {" ".join(heading_words(column)): f"indicator.{column}" for column in indicators}
    for code, texts in (buyers or {}).items():
        for own in (" ".join(heading_words(text)) for text in texts):
            more |= {f"{b}{own}": f"contracts.{code}" for b in ("", "marches ", "contracts ")}
    return more
