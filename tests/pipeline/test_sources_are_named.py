"""Every command that reads a public file says who publishes it, and under which licence.

Licence Ouverte 2.0 asks for the source: FAULTS found it on no page.
"""

import re

import pytest

from privaudit.cli import main
from tests.fixtures.doors import write_doors

SOURCE = {
    "en": "Source of “{}”: national address base (Base Adresse Nationale), Licence Ouverte 2.0.",
    "fr": "Source de « {} » : Base Adresse Nationale, Licence Ouverte 2.0.",
}


def _without_spans(page):
    """Return a page whose numbers stand in their sentence."""
    return re.sub("</?span[^>]*>", "", page.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    write_doors(folder)
    dots = ["x,y,status", *(f"{700_000 + 30 * n},6600000,to_meet" for n in range(1, 25))]
    (folder / "carte.csv").write_text("\n".join(dots), encoding="utf-8")
    people = ["nom,adresse,sexe", *(f"Zxqv{n},{n} rue Haute,{'FM'[n % 2]}" for n in range(1, 31))]
    (folder / "fiches.csv").write_text("\n".join(people), encoding="utf-8")
    towns = ["commune;dep;population", *(f"0100{n};01;{300 + n}" for n in range(1, 6))]
    (folder / "communes.csv").write_text("\n".join(towns), encoding="utf-8")
    return folder


def text_of(page):
    text = " ".join(re.sub(r"<[^>]+>", " ", _without_spans(page)).split())
    return text.replace("\u00a0", " ").replace("\u202f", " ").replace("’", "'")


@pytest.mark.heavy
@pytest.mark.parametrize("lang", ["en", "fr"])
@pytest.mark.parametrize("words", [["map", "carte.csv"], ["link", "fiches.csv", "carte.csv"]])
def test_the_address_base_is_named_with_its_licence(files, tmp_path, lang, words):
    given = [words[0], *(str(files / name) for name in words[1:])]
    options = ["--addresses", str(files / "adresses.csv"), "--lang", lang]
    assert main([*given, *options, "--out", str(tmp_path / "out")]) == 0
    assert SOURCE[lang].format("adresses.csv") in text_of(tmp_path / "out" / "annex.html")


def test_the_statistical_office_is_named_for_both_of_its_files(files, tmp_path):
    population = ["--population", str(files / "communes.csv")]
    assert main(["country", *population, "--out", str(tmp_path / "out")]) == 0
    text = text_of(tmp_path / "out" / "annex.html")
    assert "Source of “communes.csv”: Insee, legal populations of the communes, Licence" in text
    assert "Insee, age pyramid of France, Licence Ouverte 2.0." in text
