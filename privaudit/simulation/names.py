"""A synthetic name model: surnames by Zipf's law, first names by cohort and sex."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from privaudit.core.checks import Floats, Ints, Strs

SURNAMES = 600_000
_ZIPF, _SHIFT = 0.70, 1.0
FIRST_NAMES = 340
_FIRST_ZIPF = 0.6
# First birth year of each cohort of first names.
COHORT_STARTS = (0, 1945, 1965, 1985, 2000)

# Beginnings, vowels, middles and ends. Consonants and vowels alternate, so that no two choices
# of parts spell the same name.
_SYLLABLES = (
    "B C D F G H J L M N P R S T V Br Cr Dr Fr Gr Pr Tr Bl Cl Fl Gl Pl Ch Ph Th Vr St Kl Chr K W "
    "Sc Sp Z Y",
    "a e i o ou au é è ai oi eu u",
    "b c d f g l m n p r s t v rt rn ld nd nt mb rd ll nn ss tt rr ch gn rm lm rc st lv rb rg ngl "
    "rv ns vr bl dr",
    "ier eau ard on et in ot aud el ain ois ert and ault ol ac ec ic ay ey as is er au oux ou é "
    "eux iot ette ande ine",
)

_GIVEN = {
    "F": (
        "Jeanne Marie Madeleine Denise Simone Yvonne Germaine Suzanne Marcelle Paulette Odette "
        "Lucienne Renée Huguette Raymonde Thérèse Geneviève Andrée Hélène Marguerite Solange "
        "Ginette Henriette Louise Colette Gisèle Jacqueline Monique",
        "Françoise Monique Catherine Nicole Martine Christine Brigitte Annie Sylvie Chantal "
        "Dominique Patricia Véronique Michèle Bernadette Danielle Évelyne Josiane Mireille "
        "Jocelyne Ghislaine Élisabeth Béatrice Agnès Claudine Maryse Corinne Odile",
        "Nathalie Sandrine Isabelle Stéphanie Valérie Sophie Céline Karine Virginie Laurence "
        "Florence Delphine Séverine Aurélie Laëtitia Émilie Christelle Anne Hélène Caroline "
        "Sabrina Magali Élodie Claire Estelle Carole Fabienne Muriel",
        "Laura Marine Camille Manon Julie Pauline Marion Mathilde Justine Élodie Charlotte "
        "Morgane Chloé Lucie Mélanie Anaïs Léa Margaux Clémence Alice Juliette Coralie Océane "
        "Sarah Amandine Noémie Fanny Audrey",
        "Emma Jade Louise Alice Chloé Lina Léa Manon Inès Lola Zoé Rose Anna Camille Juliette "
        "Clara Lucie Éva Romane Maëlys Agathe Jeanne Louna Margot Sarah Lilou Ambre Léonie",
    ),
    "M": (
        "Jean Pierre Marcel René André Louis Robert Roger Georges Henri Maurice Lucien Raymond "
        "Paul Émile Albert Fernand Joseph François Gaston Eugène Léon Jacques Charles Gilbert "
        "Guy Édouard Marius",
        "Michel Philippe Alain Bernard Patrick Daniel Gérard Christian Jacques Claude Serge "
        "Pascal Didier Jean Thierry Gilles Dominique Yves Hervé Joël Francis Marc Denis Bruno "
        "Régis Éric Roland Hubert",
        "Christophe Stéphane Laurent Nicolas Sébastien David Frédéric Olivier Jérôme Cédric "
        "Franck Fabrice Arnaud Vincent Emmanuel Sylvain Guillaume Ludovic Éric François Xavier "
        "Benoît Mickaël Yann Grégory Samuel Cyril Bertrand",
        "Thomas Kévin Alexandre Maxime Julien Romain Quentin Florian Antoine Anthony Clément "
        "Valentin Jérémy Benjamin Adrien Mathieu Simon Dylan Corentin Guillaume Hugo Baptiste "
        "Loïc Rémi Damien Alexis Bastien Tanguy",
        "Lucas Enzo Hugo Nathan Louis Gabriel Jules Théo Raphaël Léo Arthur Ethan Mathis Noah "
        "Tom Adam Paul Sacha Maël Timéo Nolan Baptiste Clément Rayan Yanis Augustin Gaspard "
        "Oscar",
    ),
}
_COMPOUND = {"F": "Marie Anne Rose", "M": "Jean Pierre Paul"}
_ROOT = (
    "Al Am Ar Aub Bas Bel Bri Cel Cor Dal Dor El Er Fab Flo Gar Gil Hel Hor Il Jas Jo Kar Lau Lé "
    "Lis Lor Mar Mel Mir Nad Nel No Ol Or Pal Per Rom Ros Sal Ser Syl Tal Tim Ul Val Ver Vi Yol Zé"
)
_TAIL = {"F": "ine ette ie anne aëlle ia ande ène", "M": "an ian in éric ot uel and é"}


def surname_weights() -> Floats:
    """Return the share of people who bear the surname of each rank, most common first.

    Zipf-Mandelbrot ``(rank + 1) ** -.70`` over 600,000 names: the commonest has .35 % of
    people and the twelve commonest 2.0 %; in France in 1975 twelve surnames held 1.9 %.
    """
    weight = (np.arange(1, SURNAMES + 1) + _SHIFT) ** -_ZIPF
    return np.asarray(weight / weight.sum())


@lru_cache(maxsize=1)
def _surname_steps() -> Floats:
    return np.cumsum(surname_weights())


def draw_surname_ranks(n: int, *, rng: np.random.Generator) -> Ints:
    """Draw ranks (0 the commonest) of surnames."""
    steps = _surname_steps()
    return np.minimum(np.searchsorted(steps, rng.random(n), side="right"), SURNAMES - 1)


def surname(rank: Ints) -> Strs:
    """Spell the surname of each rank; two ranks never share a spelling.

    The name is a French-sounding invention and says nothing of how common that spelling is
    in France. Some are two words (Le, De) or hyphenated, many have accents, as matching must
    meet them.

    Examples
    --------
    >>> surname(np.array([0, 1, 2])).tolist()
    ['Trumbois', 'Froirvine', 'Brèvis']
    """
    unique, back = np.unique(np.asarray(rank, dtype=np.int64), return_inverse=True)
    name, kind = _core(unique), unique * 7 % 60
    before = np.select([kind == 1, kind == 2], ["Le ", "De "], default="")
    after = np.where(kind == 3, np.char.add("-", _core(unique * 31 + 17)), "")
    return np.asarray(np.char.add(np.char.add(before, name), after)[back])


@lru_cache(maxsize=1)
def _parts() -> list[Strs]:
    return [np.array(part.split()) for part in _SYLLABLES]


def _core(rank: Ints) -> Strs:
    parts = _parts()
    total = math.prod(len(part) for part in parts)
    # A step prime to `total` visits every combination once, far from its neighbours.
    left = (rank * 411_277 + 201_101) % total
    name = np.full(len(rank), "")
    for part in parts:
        left, digit = np.divmod(left, len(part))
        name = np.char.add(name, part[digit])
    return name


def first_name_weights() -> Floats:
    """Return the share of each rank of first name within a cohort and sex.

    Zipf with exponent .6 over 340 names: as diverse as 140 equally common ones
    (inverse Simpson index).
    """
    weight = np.arange(1, FIRST_NAMES + 1) ** -_FIRST_ZIPF
    return np.asarray(weight / weight.sum())


@lru_cache(maxsize=16)
def _given(sex: str, cohort: int) -> Strs:
    """List the first names of a cohort, most common first: written in, compound, invented."""
    common = _GIVEN[sex][cohort].split()
    compound = [f"{a}-{b}" for b in common for a in _COMPOUND[sex].split() if a != b]
    invented = [root + tail for tail in _TAIL[sex].split() for root in _ROOT.split()]
    # Cohorts share invented names, but not which of them are common.
    turn = cohort * 67 % len(invented)
    rest = invented[turn:] + invented[:turn]
    # Compound names were common before 1965 and rare after.
    few = compound if cohort < 2 else compound[:12]
    names = list(dict.fromkeys(common + few[:60] + rest))
    return np.array(names[:FIRST_NAMES])


def draw_first_names(sex: Strs, birth_year: Ints, *, rng: np.random.Generator) -> Strs:
    """Draw a first name for each person from their cohort and sex."""
    cohort = np.searchsorted(COHORT_STARTS, birth_year, side="right") - 1
    rank = rng.choice(FIRST_NAMES, len(sex), p=first_name_weights())
    table = np.stack([np.stack([_given(s, c) for c in range(len(COHORT_STARTS))]) for s in "FM"])
    return np.asarray(table[(sex == "M").astype(int), cohort, rank])
