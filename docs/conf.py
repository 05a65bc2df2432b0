"""The site: these pages, the notebooks, and the reference of every public name."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from inspect import getdoc, isclass, ismodule
from pathlib import Path
from pkgutil import resolve_name
from textwrap import indent

from sphinx.application import Sphinx

import privaudit as pa

sys.path.insert(0, str(Path(__file__).parent))
from command_page import command_page
from example_report import write_example
from rule_page import rule_page
from site_language import BothLanguages, in_french, spaced
from site_pages import STARTUP, figure_sheet, mended

# Cells that run commands are to find those of this environment.
os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
# A command of a cell has a terminal, and would draw a bar into its page.
os.environ["TQDM_DISABLE"] = "1"

DOCS = Path(__file__).parent
ROOT = DOCS.parent
# Written anew by each build, and in no commit.
MADE = DOCS / "made"

project = "privaudit"
author = "privaudit contributors"
version = release = pa.__version__
extensions = ["myst_nb", "numpydoc", "sphinx.ext.autodoc", "sphinx.ext.autosummary"]
exclude_patterns = ["made/ipython", "made/raw", "**/.ipynb_checkpoints"]
# A block that says of no language is a command.
highlight_language = "text"
html_theme = "furo"
html_title = "privaudit"
templates_path = ["templates"]
html_static_path = ["static"]
html_css_files = ["figures.css", "site.css"]
html_js_files = [("scrollers.js", {"defer": "defer"})]
# English and French pages stand in one index.
html_search_language = BothLanguages.lang
# Nothing is loaded from elsewhere, and nothing says when or where it was built.
html_last_updated_fmt = None
html_copy_source = False
html_show_sphinx = False
html_show_copyright = False
# An excerpt is fetched, which no browser lets a page of a folder do.
html_show_search_summary = False
myst_heading_anchors = 3
nb_execution_mode = "auto"
# Notebooks carry their outputs; `make notebooks` runs them.
nb_execution_excludepatterns = ["made/notebooks/*"]
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True
# Bars of progress, which differ from a run to the next.
nb_output_stderr = "remove"
numpydoc_show_class_members = False
autodoc_typehints = "none"
suppress_warnings = ["mystnb.unknown_mime_type", "misc.highlighting_failure", "myst.header"]

# Namespaces in the order in which somebody needs them, after the names of the top.
NAMESPACES = {
    "tables": "Tables", "maps": "Maps", "masks": "Masks", "traces": "Logs",
    "linkage": "Two files", "screenshots": "Pictures of maps", "rules": "Rules",
    "io": "Files in and out",
}  # fmt: skip


def _reference(place: str, name: str) -> str:
    room = getattr(pa, place) if place else pa
    thing = getattr(room, name)
    if ismodule(thing):
        kind, more = "automodule", "\n   :members:"
    elif isclass(thing):
        kind, more = "autoclass", "\n   :members:"
    else:
        kind, more = "autofunction", ""
    target = thing.__name__ if ismodule(thing) else f"{room.__name__}.{name}"
    title = f"pa.{place}.{name}" if place else f"pa.{name}"
    return f"{title}\n{'=' * len(title)}\n\n.. {kind}:: {target}{more}\n"


def _write_reference() -> None:
    """Write one page a public name, and their list by namespace."""
    lines = ["# Reference", "", "Every public name of `import privaudit as pa`, with an example."]
    for place, title in {"": "The top", **NAMESPACES}.items():
        names = getattr(pa, place).__all__ if place else pa.__all__
        pages = [name for name in names if place or name not in NAMESPACES]
        rows = "\n".join(f"{place}.{name}" if place else name for name in pages)
        lines += ["", f"## {title}", "", "```{toctree}", rows, "```"]
        for name in pages:
            page = f"{place}.{name}" if place else name
            (MADE / "api" / f"{page}.rst").write_text(_reference(place, name), "utf-8")
    (MADE / "api" / "index.md").write_text("\n".join(lines) + "\n", "utf-8")


def _write_kernels() -> None:
    """The function behind each line of measures.md: its formula, paper and example, as written."""
    told = (DOCS / "measures.md").read_text("utf-8")
    rooms = "tables|maps|traces|linkage|screenshots|stats|studies|release"
    lines = ["Formulas", "========", "", "The functions of the column *code* of :doc:`/measures`."]
    for dotted in sorted(set(re.findall(rf"`((?:{rooms})\.[A-Za-z_.]+)`", told))):
        thing = resolve_name(f"privaudit.{dotted}")
        # What declares a measure of a table holds the function that takes it.
        said = getdoc(getattr(thing, "take", thing)) or ""
        lines += ["", dotted, "-" * len(dotted), "", "::", "", indent(said, "    ")]
    (MADE / "formulas.rst").write_text("\n".join(lines) + "\n", "utf-8")


def _write_changelog() -> None:
    """What is to come, from its fragments, above what is released."""
    drafted = subprocess.run(
        [sys.executable, "-m", "towncrier", "build", "--draft", "--version", "Unreleased"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    head, _, rest = (ROOT / "CHANGELOG.md").read_text("utf-8").partition("\n## ")
    drafted = drafted.partition("\n")[2] if drafted.startswith("Loading") else drafted
    (MADE / "changelog.md").write_text(f"{head}\n{drafted}\n## {rest}", "utf-8")


def _keep_in_the_site(app: Sphinx, page: str, source: list[str]) -> None:
    """Name a file of the repository to which a page links, instead of leading out of the site."""
    up = "../" * (page.count("/") + 1)
    out = re.compile(rf"\[([^\]]+)\]\({re.escape(up)}([^)#]+)(?:#[^)]*)?\)")
    source[0] = out.sub(r"\1 (`\2`)", source[0])


def _finish(app: Sphinx, error: Exception | None) -> None:
    """Write the report that the landing page shows, and the colours of figures."""
    if error is None:
        write_example(Path(app.outdir) / "example")
        (Path(app.outdir) / "_static" / "figures.css").write_text(figure_sheet(), "utf-8")


def setup(app: Sphinx) -> None:
    app.add_search_language(BothLanguages)
    app.connect("source-read", _keep_in_the_site)
    app.connect("source-read", spaced)
    # After the theme, whose parts they change.
    app.connect("html-page-context", in_french, priority=900)
    app.connect("html-page-context", mended, priority=901)
    app.connect("build-finished", _finish)
    shutil.rmtree(MADE, ignore_errors=True)
    (MADE / "api").mkdir(parents=True)
    shutil.copytree(ROOT / "notebooks", MADE / "notebooks",
                    ignore=shutil.ignore_patterns(".*"))  # fmt: skip
    startup = MADE / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "figures.py").write_text(STARTUP, "utf-8")
    os.environ["IPYTHONDIR"] = str(startup.parents[1])
    _write_reference()
    _write_kernels()
    (MADE / "command-line.md").write_text(command_page(), "utf-8")
    (MADE / "rule-texts.md").write_text(rule_page(), "utf-8")
    _write_changelog()
