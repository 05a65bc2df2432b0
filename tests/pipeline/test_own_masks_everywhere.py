"""What `check_mask` and `check_attack` pass works wherever one of the library's does.

The masks and the attack are those of docs/extending.md, brought by a package as an installer
leaves it, and met by their words.
"""

import re
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import privaudit as pa
from privaudit.cli import main

pytestmark = pytest.mark.usefixtures("worlds_once")
GUIDE = (Path(__file__).parents[2] / "docs" / "extending.md").read_text("utf-8")
BROUGHT = {"cone": "Cone", "square": "Square", "large_first": "LargeFirst"}
# One that moves all alike, one that depends on places, and both with noise that is kept.
WORDS = ["cone:90", "square:100", "persistent:cone:90", "persistent:square:100"]


@pytest.fixture(scope="module")
def world():
    return pa.simulate(pa.Town(inhabitants=1_500), seed=8, generic_likes=False)


@pytest.fixture(scope="module")
def campaign(world):
    return pa.run_campaign(world, seed=8, with_score=False)


@pytest.fixture(scope="module", autouse=True)
def package(tmp_path_factory):
    """Install the masks and the attack of the guide, and take them away again."""
    folder = tmp_path_factory.mktemp("package")
    for name, code in re.findall(r"```python\n# (\w+)\.py\n(.*?)```", GUIDE, re.DOTALL):
        if name in BROUGHT:
            (folder / f"{name}.py").write_text(code, "utf-8")
    info = folder / "brought-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: brought\nVersion: 1.0\n")
    masks, attack = [f"{name} = {name}:{BROUGHT[name]}" for name in BROUGHT][:2], "large_first"
    lines = ["[privaudit.masks]", *masks, "[privaudit.attacks]", f"{attack} = {attack}:LargeFirst"]
    (info / "entry_points.txt").write_text("\n".join(lines) + "\n")
    sys.path.insert(0, str(folder))
    yield
    sys.path.remove(str(folder))
    for known in (pa.masks.Mask.declared, pa.maps.Attack.declared):
        for name in BROUGHT:
            known.pop(name, None)
            sys.modules.pop(name, None)


def found(exposure):
    """The share found at the door: a share, of somebody."""
    row = exposure.overall.loc["address"]
    assert 0 <= row["value"] <= 1
    assert row["n"] > 10
    return row["value"]


def in_a_picture(campaign, mask, tmp_path):
    shot = pa.publish(campaign, pa.Screenshot(metres_per_pixel=3, mask=mask), seed=7)
    found(pa.audit(shot, pa.Adversary.knows_mask(mask), truth=campaign.world))


def against_every_rung(campaign, mask, tmp_path):
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    assert leak.view == str(mask)
    words = ["nearest", "unknown_mask", "knows_mask", "knows_electors", "neighbour"]
    rungs = [pa.audit(leak, word, truth=campaign.world) for word in words]
    rungs += [
        pa.audit(leak, pa.maps.parse_adversary(word, mask=mask, register=campaign.world.roll),
                 truth=campaign.world)
        for word in ("holds_register", "large_first")
    ]  # fmt: skip
    assert [found(rung) for rung in rungs]
    assert pa.maps.ladder_steps(rungs[:4]).rows
    assert pa.by_recipient(leak, truth=campaign.world).rows
    for lang in ("en", "fr"):
        assert pa.report(rungs, tmp_path / lang, lang=lang).exists()


def in_copies(campaign, mask, tmp_path):
    view = pa.DotMapVersions(mask=mask, at=["2016-09-05", "2016-09-12"], shows_id=True)
    copies = pa.publish(campaign, view, seed=7)
    knows = pa.Adversary.knows_mask(mask)
    for link in (None, "dot_id"):
        found(pa.maps.audit_versions(copies, knows, truth=campaign.world, link=link))


def on_a_frontier(campaign, mask, tmp_path):
    masks = [pa.masks.Exact(), mask]
    dots = pa.publish(campaign, pa.DotMap(), seed=7)
    real = pa.read_map(dots.records, addresses=campaign.world.addresses)
    for shown in (campaign, real):
        exact, masked = pa.frontier(shown, masks, "knows_electors", n_jobs=2).frame["address"]
        assert masked < exact


def in_many_towns(campaign, mask, tmp_path):
    said = {"views": pa.DotMap(mask=mask), "adversaries": "knows_mask", "seeds": range(2)}
    alone = pa.repeat(pa.Town(inhabitants=500), **said)
    assert alone.row("reidentified", "address").n > 0
    kept = pa.repeat(pa.Town(inhabitants=500), cache=tmp_path, **said)
    pd.testing.assert_frame_equal(alone.runs, kept.runs)


def in_a_study_file(campaign, mask, tmp_path):
    file = tmp_path / "study.toml"
    file.write_text(
        f"""
        [study]
        towns = 2
        [town.village]
        inhabitants = 800
        [[leak]]
        view = "{mask}"
        adversaries = ["knows_mask", "large_first"]
        """
    )
    assert main(["study", str(file), "--out", str(tmp_path / "study")]) == 0
    told = pd.read_csv(tmp_path / "study" / "overall.csv")
    assert set(told["view"]) == {str(mask)}
    assert set(told["adversary"]) == {"knows_mask", "large_first"}


def on_the_command_line(campaign, mask, tmp_path):
    places = campaign.world.addresses.frame
    shift = np.array([700_000, 6_600_000])
    pd.DataFrame(
        {"id": places["id"], "numero": places["number"].str.extract(r"^(\d+)")[0], "rep": "",
         "nom_voie": places["street"], "code_insee": "94042", "nom_commune": "c",
         "x": places["x"] + shift[0], "y": places["y"] + shift[1]}
    ).to_csv(tmp_path / "places.csv", sep=";", index=False)  # fmt: skip
    dots = pa.publish(campaign, pa.DotMap(mask=mask), seed=7).records[["x", "y"]] + shift
    dots.to_csv(tmp_path / "dots.csv", index=False)
    beside = [
        "--addresses",
        str(tmp_path / "places.csv"),
        "--crs",
        "EPSG:2154",
        "--mask",
        str(mask),
    ]
    for out in ("masked.csv", "audit"):
        command = "mask" if out == "masked.csv" else "map"
        assert (
            main([command, str(tmp_path / "dots.csv"), *beside, "--out", str(tmp_path / out)]) == 0
        )
    assert str(mask) in (tmp_path / "audit" / "findings.json").read_text("utf-8")


@pytest.mark.heavy
@pytest.mark.sampled
@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize(
    "place",
    [
        against_every_rung, in_a_picture, in_copies, on_a_frontier, in_many_towns,
        in_a_study_file, on_the_command_line,
    ],
    ids=lambda place: place.__name__,
)  # fmt: skip
def test_a_mask_of_one_s_own_goes_wherever_a_mask_goes(word, place, campaign, tmp_path):
    mask = pa.masks.parse_mask(word)
    assert str(mask) == word
    place(campaign, mask, tmp_path)


@pytest.mark.slow
def test_a_class_of_a_notebook_goes_to_other_processes(world):
    """What is defined by hand, in no module, is sent whole."""
    here = {"__name__": "__main__", "pa": pa, "np": np}
    for name, code in re.findall(r"```python\n# (\w+)\.py\n(.*?)```", GUIDE, re.DOTALL):
        if name == "cone":
            exec(compile(code.replace('word = "cone"', ""), "cell", "exec"), here)
    cone = here["Cone"](reach=90)
    said = {"views": pa.DotMap(mask=cone), "adversaries": "knows_mask", "seeds": range(2)}
    one, two = (pa.repeat(pa.Town(inhabitants=500), n_jobs=w, **said).runs for w in (1, 2))
    pd.testing.assert_frame_equal(one, two)
