"""The search of the built site works from a folder, where no host can be reached."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

SITE = Path(__file__).parents[2] / "build" / "site"
CHROMIUM = shutil.which("chromium")

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here"),
    pytest.mark.skipif(not (SITE / "searchindex.js").is_file(), reason="make docs builds the site"),
]


@pytest.mark.parametrize(
    ("asked", "page"),
    [("donut", "Donut"), ("how many likes", "likes"), ("absents", "Glossary"),
     ("screenshot", "screenshot"), ("k_anonymity", "measure"),
     # French, as it is written and as it is typed: with its accents and without.
     ("capture d'écran", "capture d"), ("captures d’ecran", "capture d"),
     ("foyer", "auditer une carte"), ("brouillage", "auditer une carte"),
     ("registre", "vérifier les règles"), ("donnée sensible", "inspecter une saisie"),
     ("pieces", "inspecteur")],
)  # fmt: skip
def test_it_finds(asked, page):
    address = f"{(SITE / 'search.html').as_uri()}?q={asked.replace(' ', '+')}"
    seen = subprocess.run(
        [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu",
         "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000",
         "--dump-dom", address],
        capture_output=True, text=True, timeout=120, check=True,
    ).stdout  # fmt: skip
    results = re.search(r'<ul[^>]*class="search".*?</ul>', seen, re.DOTALL)
    assert results, "no list of results"
    assert page.lower() in results[0].lower()
