"""One default of seeds: whoever gives none repeats the same draw, whatever they call."""

import inspect

import privaudit as pa


def public_callables():
    """Every public name that can be called, of the top and of the namespaces."""
    for room in (pa, *(getattr(pa, name) for name in pa.__all__)):
        if room is pa or inspect.ismodule(room):
            for name in room.__all__:
                thing = getattr(room, name)
                if callable(thing):
                    yield f"{room.__name__}.{name}", thing


def test_every_public_seed_has_the_same_default():
    defaults = {}
    for name, public in public_callables():
        seed = inspect.signature(public).parameters.get("seed")
        if seed is not None and seed.default is not inspect.Parameter.empty:
            defaults[name] = seed.default
    assert len(defaults) > 20
    assert set(defaults.values()) == {7}, defaults
