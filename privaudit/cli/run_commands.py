"""What each command runs: its study, then its report.

Heavy modules are imported when a command runs: ``--help`` and a wrong option load none of them.
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
from contextlib import closing, nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from privaudit.cli.exit_status_and_signals import Stopped
from privaudit.cli.options import (
    completion,
    hold_against,
    in_words,
    open_store,
    parameters,
    reading_of,
    refuse_without,
    reporting,
    required_by,
    tell,
    write_blank,
)
from privaudit.core.checks import in_range
from privaudit.core.files import in_this_shell
from privaudit.core.progress import silent
from privaudit.errors import OutputError, ParameterError
from privaudit.studies.commands import commands

if TYPE_CHECKING:
    from privaudit.columns.roles import Roles
    from privaudit.studies.study import Study

# Steps of the progress bar of a heat map.
HEAT_PARTS = 3


def run_demo(options: argparse.Namespace) -> None:
    """Simulate, campaign, leak, attack, report."""
    from privaudit.simulation.town import Town

    if options.samples is not None:
        _write_samples(options)
        return
    do = "Or --files DIR for sample files."
    refuse_without("demo", {"--out DIR": options.out}, do)
    if options.addresses is None and (options.commune or options.cells):
        raise ParameterError("demo: --commune and --cells need --addresses FILE. Add it.")
    in_range("demo", "--towns", options.towns, 1)
    in_range("demo", "--workers", options.workers, 1)
    if options.addresses is None:
        if options.inhabitants is not None:
            Town(inhabitants=options.inhabitants)
        # The next imports take a second: the command is announced before them.
        silent("options")
    from privaudit.studies.demo import DEMO_PARTS, HOMES, Scene, demo
    from privaudit.studies.sensitivity import BRIEF_RUNS, SENSITIVITY_RUNS
    from privaudit.words.catalogues import Words

    parts = DEMO_PARTS + (SENSITIVITY_RUNS if options.assumptions else BRIEF_RUNS)
    scene, given = (parameters(taken, options) for taken in (Scene, demo))
    with reporting(options, parts) as (tick, write):
        store = None if options.no_cache else open_store(options.cache)
        with nullcontext() if store is None else closing(store):
            study = demo(Scene(**scene), **given | {"cache": store, "tick": tick})
            write(study, cache=store)
    for note in study.notes:
        if note.key.removesuffix("_uncounted") in HOMES:
            tell(Words(options.lang).note(note))
    if store is not None and store.hits:
        tell(f"reused from the cache: {', '.join(store.hits)}")


def _write_samples(options: argparse.Namespace) -> None:
    """Write the sample files; refuse the options of a report."""
    from privaudit.cli.samples import write_samples
    from privaudit.core.progress import progress

    _refuse_others(options, "--files", ("samples", "lang", "seed", "json"))
    readme = _samples_readme(options.lang, options.seed)
    with progress("privaudit demo", 3) as tick:
        written = write_samples(**parameters(write_samples, options), readme=readme, tick=tick)
    options.answer = {"written": written.parent.name}
    tell(f"samples: {written}")


def _samples_readme(lang: str, seed: int) -> bytes:
    """Return what stands in the folder of sample files, in a language."""
    from privaudit.cli.samples import COMMANDS, FILES
    from privaudit.text.normalise import slug
    from privaudit.words.catalogues import Words

    words = Words(lang)
    lines = [words("samples.title"), "", words("samples.invented"), "", words("samples.made")]
    lines += [f"  privaudit demo --files DIR --seed {seed} --lang {lang}", ""]
    lines += [words("samples.files"), ""]
    lines += [f"  {name:17s} {words(f'samples.{slug(name)}')}" for name in FILES]
    lines += ["", words("samples.run"), ""]
    lines += [f"  {command} --lang {lang}" for command in COMMANDS]
    lines += ["", words("samples.meyer"), "", words("samples.answers"), ""]
    # A no-break space is for pages.
    return "\n".join(lines).replace("\u00a0", " ").replace("\u202f", " ").encode()


def _refuse_others(options: argparse.Namespace, given: str, taken: tuple[str, ...]) -> None:
    """Refuse every option of a command beside one that goes with few others."""
    for option in commands()[options.command].options:
        usual = option.default if "flag" not in option.type else option.type == "unflag"
        if option.fills not in taken and getattr(options, option.fills) != usual:
            needed, do = f"no {option.name} with {given}", f"Leave {option.name} out."
            raise ParameterError.of(options.command, needed, "it", do)


def run_inspect(options: argparse.Namespace) -> None:
    """Inspect files of which nothing is known yet, and print what to run next."""
    from privaudit.studies.exhibits import Contents, set_out
    from privaudit.studies.inspect import inspect_files, next_commands

    # Of one sheet that is asked for, nothing else is set out.
    alone = nullcontext(Contents(files=tuple(options.files)))
    opened = set_out(options.files, who="inspect") if options.sheet is None else alone
    with reporting(options) as (_, write), opened as contents:
        study = inspect_files(
            contents.files, as_of=options.as_of, reading=reading_of(options), contents=contents,
            roles_file=options.roles_file,
        )  # fmt: skip
        write(study)
    # Paths as they were given, so that a line runs where it is pasted.
    files, places = (
        [i.path for i in study.inputs if i.role == role] for role in ("inspected", "addresses")
    )
    for command in next_commands(files, study.inventories, places, contents, named=str):
        tell(f"next: {in_this_shell(command)}")


def run_map(options: argparse.Namespace) -> None:
    """Attack a real map of points, of counts by area, or of heat."""
    from privaudit.studies.audit_map import MAP_PARTS, SeizedMap, audit_map

    if options.areas is not None:
        _run_areas(options)
        return
    if _is_heat(options):
        _run_heat(options)
        return
    with reporting(options, MAP_PARTS) as (tick, write):
        seized = SeizedMap(**parameters(SeizedMap, options))
        write(*audit_map(seized, **parameters(audit_map, options), tick=tick))


def _is_heat(options: argparse.Namespace) -> bool:
    """Return whether the map is one of heat: by its options, or by what the file is."""
    from privaudit.screenshots.open_picture import PICTURES
    from privaudit.screenshots.read_heat import is_heat

    pictures = [path.suffix.lower() in PICTURES for path in options.leaks]
    declared = any(getattr(options, name) is not None for name in ("legend", "top", "dots"))
    if declared and pictures != [True]:
        do = "Leave --legend, --top and --dots out."
        raise ParameterError.of("map", "one heat map for options of one", "points", do)
    if declared or options.marker or options.crs or options.colour != "red":
        return declared
    return pictures == [True] and is_heat(options.leaks[0])


def _refuse_options(options: argparse.Namespace, fills: set[str], needed: str, came: str) -> None:
    """Refuse the options of `map` that another kind of map has."""
    for option in commands()["map"].options:
        usual = option.default if "flag" not in option.type else option.type == "unflag"
        if option.fills in fills and getattr(options, option.fills) != usual:
            do = f"Leave {option.name} out."
            raise ParameterError.of("map", f"{needed} for {option.name}", came, do)


def _run_areas(options: argparse.Namespace) -> None:
    """Invert a map of counts by area; refuse the options that only other maps have."""
    from privaudit.studies.audit_areas import AREA_PARTS, SeizedAreas, audit_area_file
    from privaudit.studies.audit_map import SeizedMap

    given = parameters(SeizedAreas, options)
    others = {*parameters(SeizedMap, options), "reveal_rows", "legend", "top"}
    _refuse_options(options, others - {"leaks", *given}, "a map of dots or heat", "areas")
    if len(options.leaks) > 1:
        raise ParameterError.of("map", "one file for --areas", f"{len(options.leaks)}")
    with reporting(options, AREA_PARTS) as (tick, write):
        seized = SeizedAreas(leak=options.leaks[0], **given)
        write(audit_area_file(seized, seed=options.seed, tick=tick))


def _run_heat(options: argparse.Namespace) -> None:
    """Attack a heat map; refuse the options that only a map of dots has."""
    from privaudit.studies.audit_map import SeizedMap
    from privaudit.studies.audit_views import SeizedHeat, audit_heat_map

    given = parameters(SeizedHeat, options)
    of_dots = {*parameters(SeizedMap, options), "reveal_rows"} - {"leaks", *given}
    _refuse_options(options, of_dots, "a map of dots", "a heat map")
    with reporting(options, HEAT_PARTS) as (tick, write):
        seized = SeizedHeat(leak=options.leaks[0], **given)
        write(audit_heat_map(seized, seed=options.seed, tick=tick))


def run_mask(options: argparse.Namespace) -> None:
    """Write a masked copy of a map and its recipe."""
    from privaudit.studies.mask_file import mask_file
    from privaudit.words.catalogues import Words

    written = mask_file(**parameters(mask_file, options))
    options.answer = {"recipe": written.recipe}
    tell(f"masked map: {options.out}, {written.dots:,} points")
    for note in written.notes:
        tell(Words("en").note(note))


def run_table(options: argparse.Namespace) -> None:
    """Measure a real table of profiles."""
    from privaudit.studies.audit_table import Beside, audit_table

    if options.mend is not None:
        _run_mend(options)
        return
    how = ("missing", "sampling_fraction", "household", "memory_limit")
    with reporting(options) as (_, write):
        study = audit_table(
            **parameters(audit_table, options),
            roles=_given_roles(options),
            reading=reading_of(options),
            beside=Beside(**parameters(Beside, options)),
            **{name: getattr(options, name) for name in how},
        )
        write(study)


def _given_roles(options: argparse.Namespace) -> Roles:
    """Return the roles of the options, and else those of the roles file."""
    from privaudit.columns.roles import Roles

    asked = parameters(Roles, options)
    given = {name: of for name, of in asked.items() if of or (name == "direct" and of == ())}
    return replace(_stated_roles(options)[0], **given)


# Options of a report that a mended copy has no use for.
_OF_A_TABLE_REPORT = (
    "missing", "weight", "household", "population", "sampling_fraction", "contributions",
    "codebook", "original", "holdout", "left", "right", "addresses", "commune", "dots", "dated",
    "memory_limit",
)  # fmt: skip


def _run_mend(options: argparse.Namespace) -> None:
    """Write the copy of a table that a plan describes, and print what became of it."""
    from privaudit.report.findings import findings_json, findings_of
    from privaudit.studies.audit_table import mend_table, numbers_of

    for option in commands()["table"].options:
        usual = False if option.type == "flag" else option.default
        if option.fills in _OF_A_TABLE_REPORT and getattr(options, option.fills) not in (usual, ()):
            do = f"Leave {option.name} out, or measure the copy with it."
            raise ParameterError.of("table", f"no {option.name} with --mend", "it", do)
    required = required_by(options)
    study, before = mend_table(
        roles=_given_roles(options), reading=reading_of(options), **parameters(mend_table, options)
    )
    options.answer = {"recipe": study.recipe}
    tell(f"mended copy: {options.out}")
    formerly = {one["measure"]: one for one in numbers_of(before)}
    for one in (*numbers_of(study.measures["mending"]), *numbers_of(study.measures["table"])):
        former = formerly.get(one["measure"])
        was = "" if former is None else f", before {in_words(former)}"
        tell(f"{one['measure']}: {in_words(one)}{was}")
    hold_against(required, findings_json(study, findings_of(study)), options)


def _stated_roles(options: argparse.Namespace) -> tuple[Roles, str]:
    """Return the roles that a roles file has of the one file of a command, and its items."""
    from privaudit.columns.roles import Roles
    from privaudit.release.column_roles import read_roles

    if options.roles_file is None:
        return Roles(), ""
    stated, sheet = read_roles(options.roles_file), options.sheet
    stated.refuse_without([options.file.name], sheet, who=options.command)
    name = stated.section(options.file.name, sheet)
    return stated.roles[name], stated.items[name]


def run_link(options: argparse.Namespace) -> None:
    """Lay a people table beside a map in the same hands, or beside another table."""
    from privaudit.studies.link_releases import SeizedPair, audit_link, audit_tables

    seized = SeizedPair(**parameters(SeizedPair, options))
    with reporting(options) as (_, write):
        if seized.addresses is not None:
            write(audit_link(seized, seed=options.seed))
        else:
            write(*audit_tables(seized, reveal_rows=options.reveal_rows, seed=options.seed))


def run_traces(options: argparse.Namespace) -> None:
    """Measure the unicity of a real log."""
    from privaudit.studies.audit_log import LOG_PARTS, InteractionLog, WorstPoints, audit_log

    stated, item = _stated_roles(options)
    options.person = options.person or next(iter(stated.identifier), None)
    options.item, options.time = options.item or item or None, options.time or stated.time
    do = "Name the column, or give --roles."
    refuse_without("traces", {"--person": options.person, "--item": options.item}, do)
    with reporting(options, LOG_PARTS) as (tick, write):
        log = InteractionLog(**parameters(InteractionLog, options), reading=reading_of(options))
        worst = WorstPoints(points=options.worst_points, tolerance=options.tolerance)
        write(audit_log(log, worst=worst, **parameters(audit_log, options), tick=tick))


def run_country(options: argparse.Namespace) -> None:
    """Count how many residents place, sex and birth single out."""
    from privaudit.studies.audit_log import audit_country

    with reporting(options) as (_, write):
        write(audit_country(**parameters(audit_country, options)))


def run_rules(options: argparse.Namespace) -> None:
    """Write an empty description, or hold dated rules against one."""
    from privaudit.studies.audit_rules import AuditedProcessing, audit_rules

    if options.init is not None:
        options.answer = write_blank("rules", "privaudit.rules", options.init, options.lang)
        return
    do = "See privaudit rules --help; --init FILE.toml writes an empty description."
    asked = {
        "DESCRIPTION.toml": options.description, "--as-of": options.as_of, "--out": options.out,
    }  # fmt: skip
    refuse_without("rules", asked, do)
    with reporting(options) as (_, write):
        given = parameters(AuditedProcessing, options)
        processing = AuditedProcessing(**given, reading=reading_of(options))
        study = audit_rules(processing, as_of=options.as_of, also=options.also)
        _write_pia(study, options)
        write(study)


def _write_pia(study: Study, options: argparse.Namespace) -> None:
    """Write the file for the PIA tool where one is wanted, never over one that was filled in."""
    if options.pia is None:
        return
    from privaudit.core.files import alone_in, put, refuse_reserved, regular
    from privaudit.report.mitigations import in_plan, sentences_of
    from privaudit.rules.notices import DescribedRulings, pia_file
    from privaudit.words.catalogues import Words

    assert study.described is not None
    words = Words(options.lang)
    described = DescribedRulings(study.described, study.rulings[0], words)
    content = pia_file(described, study.graded, sentences_of(words, in_plan(study)))
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    refuse_reserved(options.pia, "rules --pia")
    place = options.pia.resolve()
    if os.path.lexists(place) and regular(place) != text.encode():
        came, do = f"'{place.name}', which holds something else", "Give another."
        raise OutputError.of("rules --pia", "a new file, or the same one", came, do)
    try:
        with alone_in(place.parent):
            put({place: text.encode()})
    except OSError as error:
        needed = "a file that can be written"
        raise OutputError.not_written("rules --pia", needed, options.pia.name, error) from None
    tell(f"pia: {options.pia}")


def run_dossier(options: argparse.Namespace) -> None:
    """Write one report on a whole seizure."""
    from privaudit.studies.dossier import DOSSIER_PARTS, Seizure, audit_dossier, with_members

    # What was unpacked is there until the report has its size and SHA-256.
    unpacked = with_members(Seizure(**parameters(Seizure, options)))
    with reporting(options, DOSSIER_PARTS) as (tick, write), unpacked as seizure:
        study = audit_dossier(seizure, **parameters(audit_dossier, options), tick=tick)
        _write_pia(study, options)
        write(study)


def run_study(options: argparse.Namespace) -> None:
    """Write a study file with every field, or run one: frames, figures and a manifest."""
    from privaudit.core.progress import progress
    from privaudit.report.findings import without_folders
    from privaudit.report.write import STUDY, check_output, guarded_rows, write_folder
    from privaudit.studies import study_file

    if options.init is not None:
        options.answer = write_blank("study", "privaudit.studies", options.init, options.lang)
        return
    do = "See privaudit study --help; --init FILE.toml writes one to fill in."
    refuse_without("study", {"STUDY.toml": options.file, "--out": options.out}, do)
    study = study_file.read_study(options.file)
    options.work = study.work
    check_output(options.out, STUDY)
    try:
        with progress("privaudit study", study.runs) as tick:
            given = parameters(study_file.run_study, options)
            repeated = study_file.run_study(study, **given, tick=tick)
    except (KeyboardInterrupt, Stopped) as stop:
        state = "nothing was written; with --cache DIR, what is done is kept"
        if options.cache is not None:
            rest = "the same command goes on from there"
            state = f"what was done is kept in {options.cache}, and {rest}"
        stop.args = (f"stopped; {state}",)
        raise
    manifest = write_folder(
        repeated, options.file, options.out,
        outputs=study.outputs, lang=options.lang, dated=options.dated,
    )  # fmt: skip
    options.answer = {
        "findings": guarded_rows(repeated),
        "recipe": without_folders(repeated.recipe),
    }
    tell(f"study: {manifest.parent}, {study.runs:,} towns")


def run_report(options: argparse.Namespace) -> None:
    """Hold a report against its manifest, or against another report."""
    from privaudit.report.manifest import verify

    if options.against is None:
        refuse_without("report", {"--verify DIR, or FOLDER --against OTHER": options.verify}, "")
    if options.verify is not None:
        options.answer = {"files": verify(options.verify)}
        tell(f"{options.answer['files']} files are as the manifest has them")
    if options.against is not None:
        _run_against(options)


def _run_against(options: argparse.Namespace) -> None:
    """Print what changed between two reports, or write it as a page."""
    from privaudit.report import against
    from privaudit.report.write import check_output

    refuse_without("report", {"FOLDER with --against": options.folder}, "Name the later report.")
    if options.out is not None:
        check_output(options.out)
    compared = against.compare_reports(options.against, options.folder)
    options.answer = against.comparison_json(compared)
    if options.out is None:
        for line in () if options.json else against.summary_of(compared, options.lang):
            tell(line)
        return
    page = against.write_comparison(compared, options.out, lang=options.lang, dated=options.dated)
    options.answer = page.with_name("findings.json").read_text(encoding="utf-8")
    tell(f"report: {page}")


def run_cache(options: argparse.Namespace) -> None:
    """Print what the cache holds, or clear it."""
    from privaudit.core.cache import default_directory

    directory = options.cache or default_directory()
    if not directory.exists():
        options.answer = {"stages": 0, "bytes": 0}
        tell(f"0 simulated stages in {directory}, which is not there")
        return
    with closing(open_store(directory)) as store:
        if options.clear:
            options.answer = {"forgotten": store.clear()}
            tell(f"{options.answer['forgotten']} stages forgotten in {store.directory}")
        else:
            options.answer = held = store.summary()
            size = held["bytes"] / 1e6
            tell(f"{held['stages']} simulated stages, {size:.1f} MB, in {store.directory}")


def run_completion(options: argparse.Namespace) -> None:
    """Print the completion of a shell."""
    script = completion(options.shell)
    options.answer = {"shell": options.shell, "script": script}
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A shell on Windows stumbles over the line ends of Windows.
        sys.stdout.reconfigure(newline="\n")
    for line in script.splitlines():
        tell(line)


# In the order of the help.
RUNS = {
    "demo": run_demo, "inspect": run_inspect, "map": run_map, "mask": run_mask,
    "table": run_table, "link": run_link, "traces": run_traces, "country": run_country,
    "rules": run_rules, "dossier": run_dossier, "study": run_study, "report": run_report,
    "cache": run_cache, "completion": run_completion,
}  # fmt: skip
