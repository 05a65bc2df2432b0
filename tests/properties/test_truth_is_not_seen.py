"""No attack sees the truth: permute it, and every guess stays the same to the last byte.

Each audit below is run as a study runs it, truth at hand, and what the attack inside it returns is
recorded. A new attack of the registry fails the first test until it is run here too.
"""

import dataclasses
import hashlib
import importlib
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import issparse
from scipy.spatial import cKDTree

import privaudit as pa
from privaudit.campaign.views.area_and_heat_maps import AreaMap, HeatMap
from privaudit.campaign.views.dot_map import open_look_up
from privaudit.campaign.views.exports import PeopleTable
from privaudit.campaign.views.mailings_and_ads import Mailing
from privaudit.linkage.fellegi_sunter import compare_names, link
from privaudit.linkage.join_tables import compare_tables
from privaudit.linkage.person_index import PersonIndex
from privaudit.maps.adversary import Attack
from privaudit.maps.masks.donut import Donut
from privaudit.maps.posterior import Guesses
from privaudit.maps.registry import ATTACKS, parse_adversary
from privaudit.release.read_traces import read_traces
from privaudit.studies import audit_access
from privaudit.studies.audit import audit, audit_versions
from privaudit.studies.audit_access import audit_look_up, audit_times
from privaudit.studies.chain import NEIGHBOURS_KNOW
from privaudit.tables.inference import inference
from privaudit.tables.linkability import linkability
from privaudit.tables.nearest_records import RecordIndex
from privaudit.tables.singling_out import singling_out
from privaudit.traces import periods
from privaudit.traces.periods import match_neighbourhoods, match_periods
from privaudit.traces.scoreboard import _Board, scoreboard
from privaudit.traces.unicity import compress, draw_points, invert, singled_out

# The packages give these names to their measures.
table_singling_out = importlib.import_module("privaudit.tables.singling_out")
table_linkability = importlib.import_module("privaudit.tables.inference")

seeds = st.integers(0, 2**32)
MASK = Donut(r_min=30, r_max=120)
# Where a study calls an attack: the module and the name it calls it by.
ATTACK_CALLS = (
    ("studies.audit", "guess"), ("studies.audit", "attempt"), ("studies.audit", "guess_versions"),
    ("studies.audit", "attempt_together"), ("studies.audit", "read_back"),
    ("studies.audit_views", "invert_counts"), ("studies.audit_views", "guess_from_mail"),
    ("studies.audit_views", "invert_heat"), ("studies.audit_access", "ask_for_everybody"),
    ("studies.audit_access", "link_versions"), ("studies.audit_access", "difference"),
    ("studies.audit_access", "likely_accounts"), ("studies.audit_access", "guess"),
)  # fmt: skip


def digest(value) -> str:
    """Return a digest of all that a value holds, to the last bit."""
    state = hashlib.blake2b(digest_size=16)
    _feed(state, value)
    return state.hexdigest()


def _feed(state, value):
    state.update(type(value).__name__.encode())
    if isinstance(value, pd.DataFrame):
        for name, column in value.items():
            state.update(str(name).encode())
            _feed(state, column.to_numpy())
    elif isinstance(value, pd.Series):
        _feed(state, value.to_numpy())
    elif isinstance(value, np.ndarray) and value.dtype.kind != "O":
        state.update(f"{value.dtype}{value.shape}".encode() + np.ascontiguousarray(value).tobytes())
    elif isinstance(value, cKDTree):
        # Its text is an address of memory.
        _feed(state, np.asarray(value.data))
    elif issparse(value):
        for part in (value.indptr, value.indices, value.data):
            _feed(state, part)
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            _feed(state, getattr(value, field.name))
    elif isinstance(value, Mapping):
        for key in value:
            _feed(state, key)
            _feed(state, value[key])
    elif isinstance(value, (list, tuple, np.ndarray)):
        for part in value:
            _feed(state, part)
    else:
        state.update(repr(value).encode())


def recorded(run, *, calls=ATTACK_CALLS):
    """Run an audit; return the digest of what each attack in it returned, in order."""
    guesses = []
    with pytest.MonkeyPatch.context() as patch:
        for home, name in calls:
            module = importlib.import_module(f"privaudit.{home}")
            attack = getattr(module, name)

            def recording(*given, attack=attack, name=name, **named):
                made = attack(*given, **named)
                guesses.append((name, digest(made)))
                return made

            patch.setattr(module, name, recording)
        run()
    return guesses


@pytest.fixture(scope="module")
def campaign():
    world = pa.simulate(pa.Town(inhabitants=2_000), seed=8)
    return pa.run_campaign(world, seed=7)


@pytest.fixture(scope="module")
def leaks(campaign):
    """Everything that is published of the campaign, with its sealed sources."""
    days = [campaign.plan.as_of - k * np.timedelta64(3, "D") for k in (2, 1, 0)]
    exact = tuple(campaign.plan.as_of - k * np.timedelta64(1, "D") for k in (3, 2, 1, 0))
    views = {
        "dots": pa.DotMap(mask=MASK), "table": pa.TableExport(names=True),
        "picture": pa.Screenshot(zoom=15), "areas": AreaMap(by="grid", size=200),
        "heat": HeatMap(), "mailing": Mailing(),
        "versions": pa.DotMapVersions(at=tuple(days), mask=MASK),
        "exact versions": pa.DotMapVersions(at=exact),
    }  # fmt: skip
    published = {name: pa.publish(campaign, view, seed=7) for name, view in views.items()}
    return published | {"tool": open_look_up(campaign)}


def permuted_world(world, rng):
    """Return a town of the same public registers where everything sealed is another."""
    people = world.people.copy()
    lives = rng.permutation(len(people))
    people["leaning"] = rng.permutation(people["leaning"].to_numpy())
    people[["household", "address"]] = people[["household", "address"]].to_numpy()[lives]
    people["age"] = rng.permutation(people["age"].to_numpy())

    def dealt(frame):
        return frame.assign(person=rng.permutation(frame["person"].to_numpy()))

    return replace(
        world, people=people, accounts=dealt(world.accounts), roll_truth=dealt(world.roll_truth),
        directory_truth=dealt(world.directory_truth),
    )  # fmt: skip


def resealed(release, rng):
    """Return a release with other sources under the same records."""
    if isinstance(release, tuple):
        return tuple(resealed(one, rng) for one in release)
    columns = {
        name: rng.permutation(column.to_numpy())
        for name, column in release.sources.items()
        # Where a dot was drawn on the picture orders the people of the score.
        if name not in ("column", "row")
    }
    return replace(release, sources=release.sources.assign(**columns))


def runs(campaign, leaks, world, rng=None):
    """Return every audit, by the word of its attack; sources permuted where `rng` is given."""
    shown = leaks if rng is None else {name: resealed(leak, rng) for name, leak in leaks.items()}
    other = replace(campaign, world=world)
    # What an adversary may hold: registers and results that anybody, or a neighbour, has.
    public = campaign.world
    held = {"mask": MASK, "register": public.roll, "results": public.stations}
    neighbour = replace(
        parse_adversary("neighbour", **held), register=public.people[NEIGHBOURS_KNOW]
    )
    who = {a.word: parse_adversary(a.word, **held) for a in ATTACKS if a.is_rung}
    who["neighbour"] = neighbour
    found = {
        word: lambda one=one: audit(shown["dots"], one, truth=world)
        for word, one in who.items()
        if word != "holds_versions"
    }
    found["holds_register, table"] = lambda: audit(
        shown["table"], who["holds_register"], truth=world
    )
    return found | {
        "holds_versions": lambda: audit_versions(shown["versions"], who["knows_mask"], truth=world),
        "reads_picture": lambda: audit(shown["picture"], who["nearest"], truth=world),
        "crosses_areas": lambda: audit(shown["areas"], truth=world),
        "undoes_heat": lambda: audit(shown["heat"], truth=world),
        "guesses_from_mail": lambda: audit(shown["mailing"], truth=world),
        "compares_copies": lambda: published(shown, lambda: audit_times(other, days=4)),
        "times_likes": lambda: published(shown, lambda: audit_times(other, days=4)),
        "asks_by_name": lambda: published(shown, lambda: audit_look_up(other)),
    }


def published(shown, run):
    """Run an audit that publishes by itself on what was published before the truth was permuted.

    Publishing reads the truth: what people declared to the campaign tells how far labels hold.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(audit_access, "publish", lambda *_, **__: shown["exact versions"])
        patch.setattr(audit_access, "open_look_up", lambda *_: shown["tool"])
        run()


# By its word, or after a comma what else it is tried on.
WORDS = (
    *sorted(attack.word for attack in ATTACKS), "holds_register, table", "guesses_from_mail",
)  # fmt: skip


def test_every_attack_of_the_registry_is_run(campaign, leaks):
    assert set(runs(campaign, leaks, campaign.world)) == set(WORDS)


@pytest.fixture(scope="module")
def as_it_was():
    """What each attack guessed while the truth was what it is."""
    return {}


def unchanged(word, seed, campaign, leaks, as_it_was):
    """Whether an attack guesses the same while the truth is permuted."""
    if word not in as_it_was:
        as_it_was[word] = recorded(runs(campaign, leaks, campaign.world)[word])
        assert as_it_was[word], "no attack was run"
    rng = np.random.default_rng(seed)
    world = permuted_world(campaign.world, rng)
    return recorded(runs(campaign, leaks, world, rng)[word]) == as_it_was[word]


# Some seconds a run.
SLOW = {"unknown_mask", "undoes_heat", "holds_versions"}


@pytest.mark.parametrize("word", [word for word in WORDS if word not in SLOW])
@settings(max_examples=3)
@given(seed=seeds)
def test_permuting_the_truth_changes_no_guess(word, seed, campaign, leaks, as_it_was):
    assert unchanged(word, seed, campaign, leaks, as_it_was)


@pytest.mark.heavy
@pytest.mark.parametrize("word", sorted(SLOW))
def test_permuting_the_truth_changes_no_guess_of_a_slow_attack(word, campaign, leaks, as_it_was):
    assert unchanged(word, 1, campaign, leaks, as_it_was)


class Leaky(Attack):
    """An attack that was handed the truth: it guesses where people live, or their leaning."""

    def __init__(self, people, sources, what):
        self.people, self.sources, self.what = people, sources, what

    def guess(self, leak, addresses, rng):
        person = self.sources["person"].to_numpy()
        own = self.people[self.what].to_numpy()[person]
        if self.what == "address":
            return Guesses(address=own)
        return Guesses(address=np.zeros(len(leak), int), opinion=own.astype(str))


@pytest.mark.parametrize("what", ["address", "leaning"])
@pytest.mark.parametrize("permuted", ["people", "sources"])
def test_an_attack_that_sees_the_truth_is_caught(what, permuted, campaign, leaks):
    rng, leak, world = np.random.default_rng(3), leaks["dots"], campaign.world
    other_world = permuted_world(world, rng) if permuted == "people" else world
    other_leak = resealed(leak, rng) if permuted == "sources" else leak

    def guesses(shown, town):
        spy = Leaky(town.people, shown.sources, what)
        return recorded(lambda: audit(shown, spy, truth=town))

    assert guesses(leak, world) == guesses(leak, world)
    assert guesses(leak, world) != guesses(other_leak, other_world)


# Joins: which record fits which dot, or which person of another table.


@pytest.fixture(scope="module")
def people_table(campaign):
    return pa.publish(campaign, PeopleTable(), seed=7)


@pytest.mark.heavy
@settings(max_examples=3)
@given(seed=seeds)
def test_a_join_of_a_table_and_a_map_does_not_see_who_is_who(
    seed, campaign, leaks, people_table, as_it_was
):
    rng = np.random.default_rng(seed)
    dots = leaks["exact versions"][-1]

    def joined(table, dots):
        calls = [("studies.link_releases", "join_keys")]
        return recorded(lambda: pa.linkage.link_releases(table, dots), calls=calls)

    if "map" not in as_it_was:
        as_it_was["map"] = joined(people_table, dots)
    assert (known := as_it_was["map"])
    assert joined(resealed(people_table, rng), resealed(dots, rng)) == known


@pytest.mark.heavy
@settings(max_examples=3)
@given(seed=seeds)
def test_a_join_of_two_tables_does_not_see_who_is_who(seed, leaks, people_table, as_it_was):
    rng = np.random.default_rng(seed)

    def joined(one, other):
        mine, theirs = PersonIndex.of(one, "one"), PersonIndex.of(other, "other")
        return digest([way.matches() for way in compare_tables(mine, theirs).values()])

    if "table" not in as_it_was:
        as_it_was["table"] = joined(people_table, leaks["table"])
    again = joined(resealed(people_table, rng), resealed(leaks["table"], rng))
    assert again == as_it_was["table"]


@pytest.mark.heavy
@settings(max_examples=2)
@given(seed=seeds)
def test_two_tables_linked_do_not_see_who_is_who(seed, leaks, people_table, as_it_was):
    rng = np.random.default_rng(seed)

    def linked(one, other):
        found = pa.linkage.link(one, other)
        return digest([found.row, found.other, found.probability])

    if "linked" not in as_it_was:
        as_it_was["linked"] = linked(people_table, leaks["table"])
    again = linked(resealed(people_table, rng), resealed(leaks["table"], rng))
    assert again == as_it_was["linked"]


@given(seed=seeds)
def test_a_match_of_names_does_not_see_whose_account_it_is(seed, campaign, as_it_was):
    def matched(town):
        return digest(link(compare_names(town.accounts, town.roll)))

    if "names" not in as_it_was:
        as_it_was["names"] = matched(campaign.world)
    other = permuted_world(campaign.world, np.random.default_rng(seed))
    assert matched(other) == as_it_was["names"]


# Logs: the truth is which pseudonym is whose.


def log(seed, people=60):
    """Return a log of people with habits of their own, half of whom come back."""
    rng = np.random.default_rng(seed)
    person = np.sort(np.repeat(np.arange(people), rng.integers(12, 40, people)))
    item = (person * 7 + rng.integers(0, 25, len(person)) ** 2) % 90
    hour = rng.integers(0, 4_000, len(person))
    time = pd.Timestamp("2016-03-01") + pd.to_timedelta(hour, unit="h")
    return read_traces(
        pd.DataFrame({"who": person, "page": item, "at": time}),
        person="who", item="page", time="at",
    )  # fmt: skip


def renamed(traces, names):
    """Return a log where the first half of the time is of other people than the second."""
    early = traces.time < int(np.median(traces.time))
    person = np.where(early, names[traces.person], traces.person)
    return replace(traces, person=person)


@pytest.mark.parametrize(
    ("module", "match"), [(periods, match_periods), (periods, match_neighbourhoods)]
)
@settings(max_examples=2)
@given(seed=seeds)
def test_scores_between_periods_do_not_see_who_is_who(module, match, seed):
    traces = log(seed, people=260)
    names = np.random.default_rng(seed).permutation(traces.n_people)

    def scored(shown):
        kept = []
        with pytest.MonkeyPatch.context() as patch:
            blocks = module.score_blocks
            patch.setattr(
                module, "score_blocks",
                lambda asked, candidates, scores: kept.append((asked, scores(slice(None))))
                or blocks(asked, candidates, scores),
            )  # fmt: skip
            match(shown, sample=None)
        return kept[0]

    asked, scores = scored(traces)
    again, others = scored(renamed(traces, names))
    both = np.isin(names[asked], again)
    assert both.sum() > 200
    row = np.searchsorted(again, names[asked[both]])
    # Sums and matrix products over people in another order: the same but for the last digits.
    np.testing.assert_allclose(others[row], scores[both], rtol=1e-6, atol=1e-8)


@settings(max_examples=3)
@given(seed=seeds)
def test_the_scoreboard_does_not_see_whose_memory_it_is(seed):
    traces, rng = log(seed), np.random.default_rng(seed)

    def looked_up(deal):
        found, search, look_up = [], _Board.search, _Board.look_up
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(
                _Board, "search", lambda self, memories, people: search(
                    self, memories, deal(people))
            )  # fmt: skip

            def recording(self, memories, k, absent=-1):
                made = look_up(self, memories, k, absent)
                if absent < 0:
                    found.append(digest(made))
                return made

            patch.setattr(_Board, "look_up", recording)
            scoreboard(traces, sample=30)
        return found

    known = looked_up(lambda people: people)
    assert len(known) == 60  # two sets of points of each
    assert looked_up(rng.permutation) == known


@given(seed=seeds)
def test_a_claim_of_unicity_does_not_see_whose_points_are_known(seed):
    traces, rng = log(seed), np.random.default_rng(seed)
    indptr, rows = compress(traces.person, traces.item, traces.n_people, traces.n_items)
    start, people = invert(indptr, rows, traces.n_items)
    targets = np.arange(traces.n_people)
    known = draw_points(indptr, rows, targets, 2, rng)
    # Whoever has the points might be the one: each of them, taken for the target, is claimed alike.
    has = [set(people[start[q] : start[q + 1]].tolist()) for q in range(traces.n_items)]
    anybody = np.array([rng.choice(sorted(has[a] & has[b])) for a, b in known])
    mine, theirs = (
        singled_out(indptr, rows, start, people, who, known) for who in (targets, anybody)
    )
    assert digest(mine) == digest(theirs)


# Tables: the truth is what a record of the original holds beside what is known of it.


@pytest.fixture(scope="module")
def tables():
    rng = np.random.default_rng(1)
    people = pd.DataFrame(rng.integers(0, 40, (400, 4)), columns=list("abcd"))
    people["d"] = (people["a"] + people["b"] + rng.integers(0, 5, 400)) % 40
    return {"original": people[:200], "release": people[:200], "control": people[200:]}


def table_guesses(patched, run):
    """Return what each call of a part of an attack on tables returned, or was given."""
    kept = []
    with pytest.MonkeyPatch.context() as patch:
        for home, name, of in patched:
            real = getattr(home, name)

            def recording(*given, real=real, of=of, **named):
                made = real(*given, **named)
                kept.append(digest(of(given, made)))
                return made

            patch.setattr(home, name, recording)
        run()
    return kept


@settings(max_examples=2)
@given(seed=seeds)
def test_predicates_do_not_see_the_original(seed, tables):
    rng = np.random.default_rng(seed)
    dealt = tables["original"].apply(lambda column: rng.permutation(column.to_numpy()))

    def tried(original, attributes):
        asked = tables | {"original": original}
        return table_guesses(
            [(table_singling_out, "count_matches", lambda given, made: given[1])],
            lambda: singling_out(**asked, attributes=attributes, attacks=60),
        )

    for attributes in (1, 2):
        assert tried(dealt, attributes) == tried(tables["original"], attributes)


@pytest.mark.parametrize("model", ["nearest", "logistic", "boosted"])
def test_a_secret_is_guessed_without_it(model, tables):
    rng = np.random.default_rng(5)
    if model == "logistic":
        tables = {name: one.assign(d="level " + (one["d"] // 8).astype(str))
                  for name, one in tables.items()}  # fmt: skip
    dealt = tables["original"].assign(d=rng.permutation(tables["original"]["d"].to_numpy()))

    def guessed(original):
        known = {"known": ["a", "b"], "secret": "d", "model": model}
        kept = []
        with pytest.MonkeyPatch.context() as patch:
            teach, nearest = table_linkability.trained_guess, RecordIndex.nearest

            def teaching(*given, **named):
                guess = teach(*given, **named)
                return lambda people: kept.append(digest(guess(people))) or guess(people)

            def finding(self, queries, k):
                kept.append(digest(nearest(self, queries, k)))
                return nearest(self, queries, k)

            patch.setattr(table_linkability, "trained_guess", teaching)
            patch.setattr(RecordIndex, "nearest", finding)
            inference(**tables | {"original": original}, **known)
        return kept

    first = guessed(tables["original"])
    assert first
    assert guessed(dealt) == first


def test_halves_are_joined_without_their_rows(tables):
    rng = np.random.default_rng(6)
    order, original = rng.permutation(200), tables["original"]
    dealt = original.assign(**{c: original[c].to_numpy()[order] for c in ("c", "d")})

    def neighbours(table):
        kept = []
        with pytest.MonkeyPatch.context() as patch:
            nearest = RecordIndex.nearest

            def finding(self, queries, k):
                kept.append(nearest(self, queries, k))
                return kept[-1]

            patch.setattr(RecordIndex, "nearest", finding)
            linkability(**tables | {"original": table}, left=["a", "b"], right=["c", "d"])
        return kept[:2]

    (left, right), (same, moved) = neighbours(original), neighbours(dealt)
    assert digest(same) == digest(left)
    assert digest(moved) != digest(right)


# Functions of the attacking rooms that are handed the answer, each for a reason: the guess that
# they hold it against was made before, by another function, which the tests above hold still.
HANDED_THE_ANSWER = {
    "traces.scoreboard._Board.search": "counts right matches, and takes each person out in turn",
    "traces.unicity.singled_out": "whoever has the points is one of those who have them",
    "traces.unicity.others_left": "the control: the same search, the target not being there",
    "traces.known_points.fewest_left": "the worst of a person's own points, over all of them",
    "traces.reidentification.rank_candidates": "ranks the right candidate by scores made before",
    "traces.reidentification.score_blocks": "says which candidate is right, beside the scores",
    "traces.reidentification.learn_claims": "taught within one period, where pseudonyms hold",
    "tables.nearest_records.linkability_gain": "counts how often both halves lead to one record",
    "tables.nearest_records.inference_gain": "counts how often the guess is near the secret",
    "tables.singling_out.count_matches": "tries predicates, made from the release, on the original",
    "tables.membership_inference._People.of": "an auditor knows members and others: the scores "
    "compare the two, and half of the others set the threshold for the other half",
}


@pytest.mark.parametrize("name", HANDED_THE_ANSWER)
def test_what_is_handed_the_answer_is_still_there(name):
    parts = name.split(".")
    found = importlib.import_module(f"privaudit.{parts[0]}.{parts[1]}")
    for part in parts[2:]:
        found = getattr(found, part)
    assert callable(found)
