"""Every page of the built site is free of what axe finds wrong, light and dark."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SITE = HERE.parents[1] / "build" / "site"

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium here"),
    pytest.mark.skipif(not (HERE / "node_modules").is_dir(), reason="make browser installs axe"),
    pytest.mark.skipif(not (SITE / "searchindex.js").is_file(), reason="make docs builds the site"),
]
# One page of each kind: an entry, a how-to, figures, a reference, a notebook, the search.
KINDS = ("fr/", "gallery", "glossary", "how-to/audit-a-map", "api/audit.html", "search.html")


def wrong(*words):
    """What is wrong with the pages whose path has one of these words."""
    told = subprocess.run(
        ["node", HERE / "axe_site.mjs", SITE, *words],
        capture_output=True, text=True, timeout=3600, check=True, cwd=HERE,
    ).stdout  # fmt: skip
    pages = json.loads(told)
    assert len({page["path"] for page in pages}) >= max(len(words), 1)
    return [
        (page["path"], page["colorScheme"], one["id"], one["nodes"][:2])
        for page in pages
        for one in page["violations"]
    ] + [(page["path"], "script", error) for page in pages for error in page["errors"]]


def test_a_page_of_each_kind_has_nothing_wrong():
    assert wrong(*KINDS) == []


@pytest.mark.slow
def test_no_page_has_anything_wrong():
    assert wrong() == []
