"""The page of what each rule cites and on which days, from the rules and texts of the package."""

from __future__ import annotations

from itertools import groupby

from privaudit.rules.packs import GRAVITIES, Rule, Text, all_rules

__all__ = ["rule_page"]

HEAD = """# Texts of each rule

A text may be cited on the days beside it. *Sure*: C, source read; C-part, in part or on a secondary
page; M-high and M-low, from memory. *To be read*: a lawyer must still read something in it
([to-verify](../to-verify.md)). NS-34 binds who declared under it.

| id | rule | texts and their days | sure | to be read | at most |
|---|---|---|---|---|---|
"""


def rule_page() -> str:
    """Return the page: a row a rule, with the texts of all of its branches."""
    rules = sorted(all_rules(), key=lambda rule: rule.id)
    return (
        HEAD + "\n".join(_row(list(own)) for _, own in groupby(rules, lambda rule: rule.id)) + "\n"
    )


def _row(branches: list[Rule]) -> str:
    """Return the row of a rule."""
    cited = [cite for branch in branches for cite in branch.cites]
    texts = dict.fromkeys(f"{cite.where('en')} ({_days(cite.text)})" for cite in cited)
    sure = dict.fromkeys(cite.text.sure for cite in cited)
    read = dict.fromkeys(cite.text.name["en"] for cite in cited if cite.text.read)
    gravest = sorted({branch.verdict for branch in branches}, key=GRAVITIES.index)
    cells = [branches[0].id, branches[0].title["en"]]
    cells += ["; ".join(texts), ", ".join(sure), "; ".join(read) or "–", ", ".join(gravest)]
    return "| " + " | ".join(cells) + " |"


def _days(text: Text) -> str:
    """Return the days on which a text may be cited."""
    return (
        f"{text.valid_from} on"
        if text.valid_to is None
        else f"{text.valid_from} to {text.valid_to}"
    )
