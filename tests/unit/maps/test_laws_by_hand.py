"""Laws of masks that have a closed form: a normal error on a normal mask, one dot in one bump."""

import math

import numpy as np
import pytest

from privaudit.maps import radial_models
from privaudit.maps.masks import Gaussian
from privaudit.maps.masks.digitising_error import _convolved
from privaudit.maps.radial_models import free_form


def test_a_normal_mask_after_a_normal_error_is_normal():
    # Variances add on each axis: 50**2 + 20**2 = 2,900.
    mask = Gaussian(sigma=50)
    distance = np.array([0.0, 1.0, 30.0, 100.0, 200.0])
    found = _convolved(mask, distance, 20.0, 20.0 / 16)
    expected = np.exp(-(distance**2) / 2 / 2_900) / (2 * math.pi * 2_900)
    np.testing.assert_allclose(found, expected, rtol=1e-3)


@pytest.mark.parametrize("top", [0, 2])
def test_one_dot_in_one_bump_has_the_likelihood_of_a_dirichlet(monkeypatch, top):
    """Of K + 1 forms that weigh alike, one explains the dot: its density over K + 1."""
    monkeypatch.setattr(radial_models, "_FREE_DRAWS", 3)
    nearest, ratio = radial_models.NEAREST, radial_models._BUMP
    # Rings of which each has its middle at the top of a bump, where the bumps beside it are nought.
    middles = nearest * ratio ** np.arange(4)
    edges = [2 * middles[0] / 3]
    for middle in middles:
        edges.append(2 * middle - edges[-1])
    edges = np.array(edges)
    assert (np.diff(edges) > 0).all()
    left = np.zeros((4, 1))
    left[3] = 1.0  # a form that no such dot is of
    basis = radial_models._bumps(edges)
    forms = basis.shape[1] + 1
    assert np.count_nonzero(basis[top] > 1e-9) == 1
    laws = free_form(np.eye(4)[[top]], edges, left, 1e-200)
    score = math.log((1 - radial_models.STRAY) * basis[top].max() / forms)
    assert laws[0].likelihood == pytest.approx(score, abs=1e-9)
    assert len(laws) == 4
    assert {law.prior for law in laws} == {-math.log(4)}
