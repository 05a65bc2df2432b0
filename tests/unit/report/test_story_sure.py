"""How sure a finder is: each sentence names its finder and rests on that finder's numbers."""

import numpy as np
import pandas as pd
import pytest

from privaudit.report.sentences import ResultLookup
from privaudit.report.story import sections_of
from privaudit.results.exposure import CALIBRATION_COLUMNS, Exposure, summarise
from privaudit.results.rows import GAINS
from privaudit.words.catalogues import Words

VIEW = "donut:50:200"
NAMED = {
    "en": ("Someone with the electoral roll", "Someone who takes the nearest address"),
    "fr": ("Quelqu'un qui a la liste électorale", "Quelqu'un qui prend l'adresse la plus proche"),
}
JUDGED = {
    "en": {"good": "about as often", "over": "overconfident", "under": "more often than"},
    "fr": {"good": "aussi souvent", "over": "trop sûr de lui", "under": "plus souvent"},
}
RASH = {
    "en": "Of the 190 blurred dots, {} claims {} addresses and {}: people would be "
    "accused with confidence, and wrongly.",
    "fr": "Sur les 190 points brouillés, {} annonce {} adresses et {} : des "
    "personnes seraient désignées avec assurance, et à tort.",
}


def finder(attack, right, claimed, n=190):
    """An exposure that finds `right` of n people, by every gain, and claims `claimed`."""
    told = {}
    for gain in GAINS:
        told[gain] = (np.arange(n) < right).astype(float)
        told[f"baseline_{gain}"] = np.full(n, 0.01)
        told[f"control_{gain}"] = np.zeros(n)
        told[f"confidence_{gain}"] = np.full(n, claimed / n)
    people = pd.DataFrame(told)
    return Exposure(
        attack=attack, view=VIEW, per_person=people, provenance="simulated",
        calibration=pd.DataFrame(columns=CALIBRATION_COLUMNS).astype({"n": float}),
        overall=summarise(people, np.arange(n)),
    )  # fmt: skip


def said(study, lang, *finders):
    """The sentences, of finders in order of what they know."""
    made = study(*finders, kind="demo")
    words = Words(lang)
    told = ResultLookup(made)
    section = next(s for s in sections_of(made, words, told, {}, [], []) if s.id == "ladder")
    return [text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")
            for text in section.texts]  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize(
    ("right", "claimed", "judged"),
    [(60, 62, "good"), (60, 110, "over"), (110, 60, "under")],
)
def test_the_finder_who_knows_most_is_named_and_judged_by_own_numbers(
    study, lang, right, claimed, judged
):
    texts = said(study, lang, finder("holds_register", right, claimed))
    assert len(texts) == 1
    assert texts[0].startswith(NAMED[lang][0])
    for verdict, sign in JUDGED[lang].items():
        assert (sign in texts[0]) == (verdict == judged)


@pytest.mark.parametrize("lang", ["en", "fr"])
def test_another_finder_who_claims_too_much_is_told_with_both_counts(study, lang):
    """The nearest address is claimed for 185 dots and right for none: no average hides that."""
    texts = said(
        study, lang, finder("nearest", right=0, claimed=185), finder("holds_register", 60, 62)
    )
    who = NAMED[lang][1].replace("Someone", "someone").replace("Quelqu", "quelqu")
    none = {"en": "is right for none", "fr": "n'a raison pour aucune"}[lang]
    assert texts[1:] == [RASH[lang].format(who, 185, none)]


def test_the_rashest_of_others_is_told_and_the_modest_are_not(study):
    texts = said(
        study, "en", finder("nearest", 5, 185), finder("knows_mask", 30, 120),
        finder("knows_electors", 90, 40), finder("holds_register", 60, 62),
    )  # fmt: skip
    assert len(texts) == 2
    assert "claims 185 addresses and is right for 5:" in texts[1]
    assert len(said(study, "en", finder("nearest", 50, 55), finder("holds_register", 60, 62))) == 1
