"""One default of seeds: whoever gives none repeats the same draw, whatever they call."""

import inspect

import privaudit as pa


def test_every_public_seed_has_the_same_default():
    found = {}
    for name in dir(pa):
        public = getattr(pa, name)
        if callable(public):
            asked = inspect.signature(public).parameters.get("seed")
            if asked is not None and asked.default is not inspect.Parameter.empty:
                found[name] = asked.default
    assert len(found) > 20
    assert set(found.values()) == {7}, found
