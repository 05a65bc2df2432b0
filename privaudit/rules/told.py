"""What a description says, as lines in a reader's language: for the PIA file and for notices.

The words come in from above (``Says``): this room knows no language.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from privaudit.rules.description import Description
from privaudit.rules.rulings import Rulings

__all__ = ["DescribedRulings", "Says"]

_SAFE = ("authentication", "encryption", "export_control", "access_log")


class Says(Protocol):
    """Words of one language: `privaudit.words.words.Words`."""

    lang: str

    def __call__(self, key: str, /, **values: Any) -> str:
        """Return the sentence of a key."""
        ...

    def translated(self, texts: Mapping[str, str], /) -> str:
        """Return the text of its language, else the English one."""
        ...


@dataclass(frozen=True)
class DescribedRulings:
    """A description and the rulings of a day, said in one language.

    Each property is a list of lines, empty where nothing is told: a gap is shown then.

    Parameters
    ----------
    description : Description
    rulings : Rulings
    say : Says
    """

    description: Description
    rulings: Rulings
    say: Says

    def _of(self, section: str, key: str) -> Any:
        return self.description.get(section, key)

    @property
    def name(self) -> list[str]:
        """What the processing is called."""
        name = self._of("processing", "name")
        return [name] if name else []

    @property
    def controller(self) -> list[str]:
        """Who decides."""
        name, kind = (self._of("controller", key) for key in ("name", "type"))
        if kind is None:
            return [name] if name else []
        word = self.say(f"choice.{kind}")
        return [self.say("told.controller", name=name, type=word) if name else word]

    @property
    def purposes(self) -> list[str]:
        """What it is for."""
        return list(self._of("processing", "purpose") or ())

    @property
    def channels(self) -> list[str]:
        """By which ways people are contacted."""
        return [self.say(f"choice.{one}") for one in self._of("processing", "channels") or ()]

    @property
    def since(self) -> list[str]:
        """When it began, and the ballot."""
        days = (("started_at", "told.started"), ("election_date", "told.ballot"))
        return [
            self.say(key, day=str(day))
            for name, key in days
            if (day := self._of("processing", name))
        ]  # fmt: skip

    @property
    def columns(self) -> list[str]:
        """Each column, where it came from, and what it rests on."""
        lines = []
        for name, one in self.description.columns.items():
            source, basis = (
                self.say(f"choice.{one[key]}") if key in one else self.say("told.unsaid")
                for key in ("source", "legal_basis")
            )
            lines.append(self.say("told.column", name=name, source=source, basis=basis))
        return lines

    @property
    def bases(self) -> list[str]:
        """The legal bases that are declared, once each."""
        told = (one.get("legal_basis") for one in self.description.columns.values())
        return [self.say(f"choice.{one}") for one in dict.fromkeys(told) if one]

    @property
    def sources(self) -> list[str]:
        """Where data came from, once each."""
        told = (one.get("source") for one in self.description.columns.values())
        return [self.say(f"choice.{one}") for one in dict.fromkeys(told) if one]

    @property
    def recipients(self) -> list[str]:
        """Who receives it, and how many accounts where that is told."""
        lines = []
        for one in self.description.each("recipients"):
            role = self.say(f"choice.{one['role']}") if "role" in one else self.say("told.unsaid")
            known = "n" in one
            lines.append(self.say("told.recipients", role=role, n=one["n"]) if known else role)
        return lines

    @property
    def retention(self) -> list[str]:
        """How long it is kept."""
        lines = [
            self.say(f"told.{key}", n=n)
            for key in ("prospects_days", "regular_days")
            if (n := self._of("retention", key)) is not None
        ]
        ballot = self._of("retention", "end_of_ballot")
        return lines + ([self.say("told.end_of_ballot")] if ballot else [])

    @property
    def processors(self) -> list[str]:
        """Who works for the controller."""
        lines = []
        for one in self.description.each("processors"):
            contract = one.get("contract")
            key = "unsaid" if contract is None else "yes" if contract else "no"
            unsaid = self.say("told.unsaid")
            lines.append(
                self.say("told.processor", name=one.get("name", unsaid),
                         country=one.get("country", unsaid), contract=self.say(f"told.{key}"))
            )  # fmt: skip
        return lines

    @property
    def safeguards(self) -> list[str]:
        """What keeps it safe, by the description."""
        return [self.say(f"safeguard.{key}") for key in _SAFE if self._of("security", key)]

    @property
    def mentions(self) -> list[str]:
        """What people are told, and what they are not."""
        told = self.description.told.get("information", {})
        return [
            self.say("told.mention", what=self.say(f"mention.{key}"),
                     given=self.say(f"told.{'yes' if given else 'no'}"))
            for key, given in told.items()
        ]  # fmt: skip

    def verdicts(self, names: Iterable[str]) -> list[str]:
        """Return the verdicts of some rules, as far as they hold on that day."""
        wanted = set(names)
        return [
            self.say(
                "told.verdict", verdict=self.say(f"verdict.{one.verdict}"), rule=one.rule.id,
                title=self.say.translated(one.rule.title),
                where=one.rule.where(self.say.lang),
            )
            for one in self.rulings
            if one.rule.id in wanted
        ]  # fmt: skip

    @property
    def standards(self) -> list[str]:
        """The sources of the rules that held that day, once each."""
        return list(dict.fromkeys(one.rule.where(self.say.lang) for one in self.rulings))
