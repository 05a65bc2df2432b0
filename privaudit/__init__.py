"""privaudit: if this profile table or this door-to-door map leaked, who would be found?

Simulate a political canvassing system and attack what it publishes, or run the same attacks
on a real file::

    import privaudit as pa

    world = pa.simulate(pa.Town(inhabitants=2_000), seed=7)
    campaign = pa.run_campaign(world, seed=7)
    mask = pa.masks.Donut(r_min=50, r_max=200)
    leak = pa.publish(campaign, pa.DotMap(mask=mask), seed=7)
    found = pa.audit(leak, pa.Adversary.knows_mask(mask), truth=world, seed=7)
    found.overall

Names are loaded when they are first used, so that importing the package costs nothing.
"""

from __future__ import annotations

from privaudit.core.lazy_names import attach

__version__ = "0.1.0"


def _unknown(name: str) -> str:
    from privaudit.core.lazy_names import former_name_hint
    from privaudit.errors import did_you_mean

    hint = former_name_hint("names", name) or did_you_mean(name, __all__)
    return f"privaudit has no name '{name}'. {hint}".strip()


__getattr__, _names, __all__ = attach(__name__, __file__, _unknown)


def __dir__() -> list[str]:
    return sorted([*_names(), "__version__"])
