"""privaudit: if this profile table or this door-to-door map leaked, who would be found?

Simulate a political canvassing system and attack what it publishes, or run the same attacks
on a real file::

    import privaudit as pa

    world = pa.simulate(pa.Town(inhabitants=2_000), seed=7)
    campaign = pa.run_campaign(world, seed=7)
    mask = pa.Donut(low=50, high=200)
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    found = pa.audit(leak, pa.Adversary.knows_mask(mask), truth=world, seed=7)
    found.overall

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from privaudit._core.kept import cache as cache
    from privaudit.attacks.adversary import Adversary as Adversary
    from privaudit.attacks.attack import Attack as Attack
    from privaudit.attacks.guess import guess as guess
    from privaudit.attacks.guesses import Guesses as Guesses
    from privaudit.attacks.guesses import Posterior as Posterior
    from privaudit.attacks.recipients import Recipient as Recipient
    from privaudit.attacks.recipients import recipients as recipients
    from privaudit.attacks.registry import parse_adversary as parse_adversary
    from privaudit.campaign.campaign import run_campaign as run_campaign
    from privaudit.campaign.messages import Links as Links
    from privaudit.campaign.plan import CampaignPlan as CampaignPlan
    from privaudit.errors import PrivauditError as PrivauditError
    from privaudit.exposure.country import population_uniqueness as population_uniqueness
    from privaudit.exposure.maps import pictures as pictures
    from privaudit.exposure.maps.homes import Homes as Homes
    from privaudit.exposure.maps.steps import ladder_steps as ladder_steps
    from privaudit.exposure.traces.curve import unicity_curve as unicity_curve
    from privaudit.exposure.traces.matching import Memory as Memory
    from privaudit.exposure.traces.matching import scoreboard as scoreboard
    from privaudit.exposure.traces.neighbourhoods import (
        match_neighbourhoods as match_neighbourhoods,
    )
    from privaudit.exposure.traces.neighbourhoods import neighbourhood_risk as neighbourhood_risk
    from privaudit.exposure.traces.periods import match_periods as match_periods
    from privaudit.exposure.traces.places import home_work_risk as home_work_risk
    from privaudit.exposure.traces.uniqueness import known_points_risk as known_points_risk
    from privaudit.exposure.traces.uniqueness import unicity as unicity
    from privaudit.places.address_base import AddressBase as AddressBase
    from privaudit.places.cells import read_cells as read_cells
    from privaudit.places.country import read_communes as read_communes
    from privaudit.places.country import read_pyramid as read_pyramid
    from privaudit.places.read_addresses import read_addresses as read_addresses
    from privaudit.release.masks import AdaptiveDonut as AdaptiveDonut
    from privaudit.release.masks import BimodalGaussian as BimodalGaussian
    from privaudit.release.masks import Disk as Disk
    from privaudit.release.masks import Donut as Donut
    from privaudit.release.masks import Exact as Exact
    from privaudit.release.masks import Gaussian as Gaussian
    from privaudit.release.masks import GridSnap as GridSnap
    from privaudit.release.masks import HexSnap as HexSnap
    from privaudit.release.masks import LocationSwap as LocationSwap
    from privaudit.release.masks import OptimalMechanism as OptimalMechanism
    from privaudit.release.masks import Persistent as Persistent
    from privaudit.release.masks import PlanarLaplace as PlanarLaplace
    from privaudit.release.masks import Quadtree as Quadtree
    from privaudit.release.masks import Voronoi as Voronoi
    from privaudit.release.masks import parse_mask as parse_mask
    from privaudit.release.masks.mask import Mask as Mask
    from privaudit.release.masks.mask import PlacedMask as PlacedMask
    from privaudit.release.people.facts import Filled as Filled
    from privaudit.release.people.write import write_nationbuilder as write_nationbuilder
    from privaudit.release.people.write import write_osdi as write_osdi
    from privaudit.release.people.write import write_van as write_van
    from privaudit.release.pictures.read_heat import read_heat as read_heat
    from privaudit.release.pictures.read_screenshot import read_screenshot as read_screenshot
    from privaudit.release.publish import publish as publish
    from privaudit.release.read_map import read_map as read_map
    from privaudit.release.read_map import read_versions as read_versions
    from privaudit.release.read_table import read_table as read_table
    from privaudit.release.release import DotRelease as DotRelease
    from privaudit.release.release import Release as Release
    from privaudit.release.release import TableRelease as TableRelease
    from privaudit.release.traces import read_traces as read_traces
    from privaudit.release.views.account_view import AccountView as AccountView
    from privaudit.release.views.area_map import AreaMap as AreaMap
    from privaudit.release.views.audience import Audience as Audience
    from privaudit.release.views.dot_map import DotMap as DotMap
    from privaudit.release.views.heat_map import HeatMap as HeatMap
    from privaudit.release.views.mailing import Mailing as Mailing
    from privaudit.release.views.people_table import PeopleTable as PeopleTable
    from privaudit.release.views.screenshot import Screenshot as Screenshot
    from privaudit.release.views.table_export import TableExport as TableExport
    from privaudit.release.views.versions import DotMapVersions as DotMapVersions
    from privaudit.release.views.view import View as View
    from privaudit.reporting.write import report as report
    from privaudit.results.exposure import Exposure as Exposure
    from privaudit.results.measures import Measures as Measures
    from privaudit.results.painter import Display as Display
    from privaudit.roles import Roles as Roles
    from privaudit.rules.check_rules import check_rules as check_rules
    from privaudit.rules.check_rules import diff_rules as diff_rules
    from privaudit.simulation.simulate import simulate as simulate
    from privaudit.simulation.town import Town as Town
    from privaudit.studies.audit_versions import audit_versions as audit_versions
    from privaudit.studies.audits import audit as audit
    from privaudit.studies.by_recipient import by_recipient as by_recipient
    from privaudit.studies.chain import chain as chain
    from privaudit.studies.check_attack import check_attack as check_attack
    from privaudit.studies.check_mask import check_mask as check_mask
    from privaudit.studies.compare import compare as compare
    from privaudit.studies.frontier import frontier as frontier
    from privaudit.studies.heat import heat_curve as heat_curve
    from privaudit.studies.homonyms import audit_homonyms as audit_homonyms
    from privaudit.studies.inspect import inspect as inspect
    from privaudit.studies.link_releases import link_releases as link_releases
    from privaudit.studies.measured_for_rules import measured_for_rules as measured_for_rules
    from privaudit.studies.repeat import repeat as repeat
    from privaudit.studies.what_likes_tell import what_likes_tell as what_likes_tell
    from privaudit.tables.attacks import inference as inference
    from privaudit.tables.attacks import linkability as linkability
    from privaudit.tables.check_measure import check_measure as check_measure
    from privaudit.tables.contributions import key_contributions as key_contributions
    from privaudit.tables.declared import TableMeasure as TableMeasure
    from privaudit.tables.key_combinations import inference_by_keys as inference_by_keys
    from privaudit.tables.key_combinations import key_combinations as key_combinations
    from privaudit.tables.level_contributions import level_contributions as level_contributions
    from privaudit.tables.measures import measure as measure
    from privaudit.tables.membership import membership_inference as membership_inference
    from privaudit.tables.reading import Reading as Reading
    from privaudit.tables.singling_out import singling_out as singling_out

__version__ = "0.1.0"

_HOME = {
    "DotRelease": "privaudit.release.release",
    "TableRelease": "privaudit.release.release",
    "cache": "privaudit._core.kept",
    "Display": "privaudit.results.painter",
    "Posterior": "privaudit.attacks.guesses",
    "check_measure": "privaudit.tables.check_measure",
    "TableMeasure": "privaudit.tables.declared",
    "check_attack": "privaudit.studies.check_attack",
    "check_mask": "privaudit.studies.check_mask",
    "guess": "privaudit.attacks.guess",
    "View": "privaudit.release.views.view",
    "PlacedMask": "privaudit.release.masks.mask",
    "Mask": "privaudit.release.masks.mask",
    "Homes": "privaudit.exposure.maps.homes",
    "Guesses": "privaudit.attacks.guesses",
    "Attack": "privaudit.attacks.attack",
    "AddressBase": "privaudit.places.address_base",
    "AccountView": "privaudit.release.views.account_view",
    "AdaptiveDonut": "privaudit.release.masks",
    "Adversary": "privaudit.attacks.adversary",
    "AreaMap": "privaudit.release.views.area_map",
    "Audience": "privaudit.release.views.audience",
    "BimodalGaussian": "privaudit.release.masks",
    "CampaignPlan": "privaudit.campaign.plan",
    "Disk": "privaudit.release.masks",
    "Donut": "privaudit.release.masks",
    "DotMap": "privaudit.release.views.dot_map",
    "DotMapVersions": "privaudit.release.views.versions",
    "Exact": "privaudit.release.masks",
    "Exposure": "privaudit.results.exposure",
    "Gaussian": "privaudit.release.masks",
    "GridSnap": "privaudit.release.masks",
    "HeatMap": "privaudit.release.views.heat_map",
    "HexSnap": "privaudit.release.masks",
    "Filled": "privaudit.release.people.facts",
    "Links": "privaudit.campaign.messages",
    "LocationSwap": "privaudit.release.masks",
    "Mailing": "privaudit.release.views.mailing",
    "Measures": "privaudit.results.measures",
    "Memory": "privaudit.exposure.traces.matching",
    "OptimalMechanism": "privaudit.release.masks",
    "PeopleTable": "privaudit.release.views.people_table",
    "Persistent": "privaudit.release.masks",
    "PlanarLaplace": "privaudit.release.masks",
    "PrivauditError": "privaudit.errors",
    "Quadtree": "privaudit.release.masks",
    "Reading": "privaudit.tables.reading",
    "Recipient": "privaudit.attacks.recipients",
    "Release": "privaudit.release.release",
    "Roles": "privaudit.roles",
    "Screenshot": "privaudit.release.views.screenshot",
    "TableExport": "privaudit.release.views.table_export",
    "Town": "privaudit.simulation.town",
    "Voronoi": "privaudit.release.masks",
    "audit": "privaudit.studies.audits",
    "audit_homonyms": "privaudit.studies.homonyms",
    "audit_versions": "privaudit.studies.audit_versions",
    "by_recipient": "privaudit.studies.by_recipient",
    "chain": "privaudit.studies.chain",
    "check_rules": "privaudit.rules.check_rules",
    "compare": "privaudit.studies.compare",
    "diff_rules": "privaudit.rules.check_rules",
    "frontier": "privaudit.studies.frontier",
    "heat_curve": "privaudit.studies.heat",
    "home_work_risk": "privaudit.exposure.traces.places",
    "inference": "privaudit.tables.attacks",
    "inference_by_keys": "privaudit.tables.key_combinations",
    "inspect": "privaudit.studies.inspect",
    "key_combinations": "privaudit.tables.key_combinations",
    "key_contributions": "privaudit.tables.contributions",
    "known_points_risk": "privaudit.exposure.traces.uniqueness",
    "ladder_steps": "privaudit.exposure.maps.steps",
    "level_contributions": "privaudit.tables.level_contributions",
    "link_releases": "privaudit.studies.link_releases",
    "linkability": "privaudit.tables.attacks",
    "match_neighbourhoods": "privaudit.exposure.traces.neighbourhoods",
    "match_periods": "privaudit.exposure.traces.periods",
    "measure": "privaudit.tables.measures",
    "measured_for_rules": "privaudit.studies.measured_for_rules",
    "membership_inference": "privaudit.tables.membership",
    "neighbourhood_risk": "privaudit.exposure.traces.neighbourhoods",
    "parse_adversary": "privaudit.attacks.registry",
    "parse_mask": "privaudit.release.masks",
    "pictures": "privaudit.exposure.maps.pictures",
    "population_uniqueness": "privaudit.exposure.country",
    "publish": "privaudit.release.publish",
    "read_addresses": "privaudit.places.read_addresses",
    "read_cells": "privaudit.places.cells",
    "read_communes": "privaudit.places.country",
    "read_heat": "privaudit.release.pictures.read_heat",
    "read_map": "privaudit.release.read_map",
    "read_pyramid": "privaudit.places.country",
    "read_screenshot": "privaudit.release.pictures.read_screenshot",
    "read_table": "privaudit.release.read_table",
    "read_traces": "privaudit.release.traces",
    "read_versions": "privaudit.release.read_map",
    "recipients": "privaudit.attacks.recipients",
    "repeat": "privaudit.studies.repeat",
    "report": "privaudit.reporting.write",
    "run_campaign": "privaudit.campaign.campaign",
    "scoreboard": "privaudit.exposure.traces.matching",
    "simulate": "privaudit.simulation.simulate",
    "singling_out": "privaudit.tables.singling_out",
    "unicity": "privaudit.exposure.traces.uniqueness",
    "unicity_curve": "privaudit.exposure.traces.curve",
    "what_likes_tell": "privaudit.studies.what_likes_tell",
    "write_nationbuilder": "privaudit.release.people.write",
    "write_osdi": "privaudit.release.people.write",
    "write_van": "privaudit.release.people.write",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        # A name of the face is defined in its home, or is that module itself.
        home = import_module(_HOME[name])
        value = getattr(home, name, home)
        globals()[name] = value
        return value
    from privaudit._core.checks import did_you_mean

    # Python itself asks for names between underscores, which never were any of ours.
    hint = "" if name.startswith("_") else _former_name_hint(name)
    hint = hint or did_you_mean(name, __all__)
    raise AttributeError(f"privaudit has no name '{name}'. {hint}".strip())


def _former_name_hint(name: str) -> str:
    from privaudit._core.former_names import former_name_hint

    return former_name_hint("names", name)


def __dir__() -> list[str]:
    return sorted([*__all__, "__version__"])
