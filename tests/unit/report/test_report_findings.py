"""Findings are data: stable ids, fields, notes as keys, sentences where there is one."""

import json
import math
import re

import pytest

from privaudit.report.findings import SCHEMA, findings_json, findings_of
from privaudit.words.catalogues import QUOTED, Note, without_marks


def test_ids_say_the_family_the_measure_and_each_parameter(town):
    ids = [f.id for f in findings_of(town)]
    assert "map.exact.nearest_address.address" in ids
    assert "map.donut_50_200.knows_the_mask.household" in ids
    assert "unicity.unicity.points_4" in ids
    assert "tiers.people.moment_before.tier_team" in ids
    assert "step.donut_50_200.knows_the_mask.address" in ids


def test_ids_are_anchors_and_stand_once(town, measured, study):
    ids = [f.id for f in findings_of(town)]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z0-9_.]+", i) for i in ids)
    alike = measured(
        "levels",
        *(("suda", 1, "records", 40, "records", {"part": {"level": x}}) for x in ("é", "e", "E")),
        provenance="audited file",
    )
    found = [f.id for f in findings_of(study(measures=[alike]))]
    assert found == ["levels.suda.level_e", "levels.suda.level_e.2", "levels.suda.level_e.3"]


def test_copies_stand_in_the_id(exposed, study):
    two = study(exposed(), exposed(copies=3))
    ids = [f.id for f in findings_of(two)]
    assert "map.donut_50_200.knows_the_mask.copies_3.address" in ids


def test_json_holds_the_fields_of_a_row_and_notes_as_keys(town):
    told = json.loads(findings_json(town, findings_of(town)))
    assert told["schema"] == SCHEMA == 3
    by_id = {f["id"]: f for f in told["findings"]}
    log = by_id["unicity.unicity.points_4"]
    assert log["part"] == {"points": 4}
    assert (log["control"], log["residual"], log["residual_low"]) == (0.356, -0.003, -0.05)
    assert (log["unit"], log["counts"], log["n"], log["mean"]) == ("share", "people", 900, None)
    silent = by_id["unicity.unicity.points_5"]
    assert silent["value"] is None
    assert silent["notes"] == [{"key": "no_opinion_guessed"}]
    few = by_id["of_late.seen"]
    assert (few["value"], few["n"], few["withheld"], few["notes"]) == (None, None, True, [])


def test_no_sentence_is_read_to_decide(town):
    """Every row has one form whatever its note says: a note of the words 'n: accounts' too."""
    told = {f.id: f.row.withheld for f in findings_of(town)}
    assert told["of_late.seen"]
    assert not told["of_late.seen_by"]


def test_a_sentence_says_the_gross_number_and_chance_beside_it(town):
    found = {f.id: f for f in findings_of(town)}
    row = found["map.donut_50_200.knows_the_mask.address"]
    assert row.row.control == pytest.approx(0.04)
    assert row.row.n == 166
    for lang in ("en", "fr"):
        # 17 of 166 right, 7 by chance; each names its field.
        quoted = re.findall(f"{QUOTED[0]}([^{QUOTED[1]}]*){QUOTED[1]}([^{QUOTED[2]}]*)",
                            row.sentence[lang])  # fmt: skip
        counts = {source.split(" ")[1]: number for source, number in quoted}
        assert (counts["hits"], counts["n"], counts["control_hits"]) == ("17", "166", "7")
        assert {source.split(" ")[0] for source, _ in quoted} == {row.id}
        assert "net" not in without_marks(row.sentence[lang]).lower().split()


def test_whole_people_where_there_is_no_control(exposed, study):
    (address, *_) = findings_of(study(exposed("nearest address", "exact", n=190, share=0.9632,
                                              control=0.0)))  # fmt: skip
    assert "183 of the 190\u00a0people" in without_marks(address.sentence["en"])
    assert "183 des 190\u00a0personnes" in without_marks(address.sentence["fr"])
    assert "adresse" in address.sentence["fr"]
    assert "foyer" not in address.sentence["fr"]


def test_the_noun_of_a_gain_is_its_own(exposed, study):
    found = findings_of(study(exposed("the neighbour", "exact", control=0.0)))
    nouns = {"address": ("address", "adresse"), "household": ("household", "foyer")}
    for f in found:
        for gain, (english, french) in nouns.items():
            assert (english in f.sentence["en"]) == (f.row.gain == gain), f.id
            assert (french in f.sentence["fr"]) == (f.row.gain == gain), f.id


def test_a_step_is_a_difference_in_points(town):
    step = next(f for f in findings_of(town) if f.family == "step")
    assert step.row.unit == "difference"
    assert "points" in step.sentence["fr"]
    assert "adresse" in step.sentence["fr"]
    # The share found of 166 goes from 10 to 17 people.
    plain = without_marks(step.sentence["fr"])
    assert re.search(r"\b7\s+personnes de plus", plain)


def test_nothing_presumed_is_no_zero(exposed, study):
    made = exposed("nearest address", "exact")
    frame = made.per_person.assign(opinion=0.0, confidence_opinion=0.0)
    import numpy as np

    from privaudit.results.exposure import Exposure, summarise

    silent = Exposure(
        attack=made.attack, view=made.view, per_person=frame, calibration=made.calibration,
        overall=summarise(frame, np.arange(len(frame))),
    )  # fmt: skip
    opinion = findings_of(study(silent))[-1]
    assert math.isnan(opinion.value)
    assert opinion.row.notes == (Note("no_opinion_guessed"),)
    assert opinion.sentence == {}
