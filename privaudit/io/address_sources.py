"""Known sources of public addresses: which columns hold what, by `data/address_sources.toml`."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from privaudit.core.checks import Floats, column_names_shown
from privaudit.core.files import packaged_toml, set_within
from privaudit.errors import GeometryError, ParameterError, SchemaError, did_you_mean
from privaudit.geo.crs import (
    FICTIONAL,
    LONGITUDE_LATITUDE,
    crs_of_numbers,
    epsg_code,
    project,
    rounded_notes,
    stated_crs,
)
from privaudit.io.coordinates import location_columns
from privaudit.text.normalise import INVISIBLE, fold, slug
from privaudit.words.catalogues import Note

_FILE = "data/address_sources.toml"
# Sections that are no source: words of cells, names of parts, and how a file of none is read.
_NO_SOURCES = ("words", "parts", "other")
# What a form may be given for; those that `columns=` takes beside are a position's.
FIELDS = ("id", "number", "street", "unit", "postcode", "town", "also")
PLACED = ("x", "y", "lon", "lat")
# Two rows of one door are at most so far apart, in metres; then, of how many far ones each is
# compared with the others.
_APART, _ROUNDS = 100.0, 20
# So many numbers of a street, or streets, at one point: no door stands there. Numbers of one
# building are at most so far apart, at 10 m a door, and two numbers a door on a side of a street.
_AT_MIDDLE, _ONE_BUILDING = 4, _APART / 5
# Numbers of a feature; more stand in a list that was made to be long.
_MOST_NUMBERS = 50
# Where more cells than this are blank, a column by a usual name holds something else.
_MOST_BLANK = 0.5
# What programs write for no number, or no letter after it.
_NO_NUMBER = ("", "NULL", "NAN", "NONE", "N/A", "#N/A", "\\N", "-", "<NA>", "0", "S/N", "SN", "SNC")
# From so many metres on, an easting begins with its UTM zone.
_ZONE = 1_000_000
# Columns that name the country of an address.
_COUNTRIES = ("country", "country_code", "addr_country")
_COLUMN = re.compile(r"\{(\w+)\}")
_TAG = re.compile(r'"((?:[^"\\]|\\.)*)"=>"((?:[^"\\]|\\.)*)"')


class _Form(NamedTuple):
    """How a field is written: text with columns in braces, of which a pattern's group is taken."""

    form: str
    pattern: str = ""


@dataclass(frozen=True, kw_only=True)
class AddressSource:
    """A known kind of address file; see the head of its table for the fields."""

    key: str
    name: str
    known_by: tuple[frozenset[str], ...] = ()
    forms: Mapping[str, tuple[_Form, ...]] = field(default_factory=dict)
    commune: str = ""
    positions: tuple[Mapping[str, Any], ...] = ()
    row: str = "address"
    language: str = ""
    split: str = ""
    tags: str = ""
    layers: tuple[str, ...] = ()
    status: str = ""
    quality: str = ""
    use: Mapping[str, str] = field(default_factory=dict)
    aside: tuple[Mapping[str, str], ...] = ()
    national: Mapping[str, str] = field(default_factory=dict)
    best: tuple[str, ...] = ()
    headerless: str = ""

    @property
    def columns(self) -> frozenset[str]:
        """Return every column that is read, as slugs."""
        forms = [form.form for several in self.forms.values() for form in several]
        forms += [str(pair.get("crs", "")) for pair in self.positions]
        named = {column for form in forms for column in _COLUMN.findall(form)}
        named |= {str(pair[axis]) for pair in self.positions for axis in ("x", "y")}
        several = f"{self.status} {self.quality} {self.use.get('column', '')}"
        named |= {self.commune, self.tags, *several.split()}
        named |= {rule["column"] for rule in self.aside} | {*self.national.values()}
        return frozenset(named.union(_COUNTRIES, *self.known_by) - {""})

    @property
    def places(self) -> list[str]:
        """Return the columns by which a commune or a town is chosen."""
        towns = [c for form in self.forms.get("town", ()) for c in _COLUMN.findall(form.form)]
        return list(dict.fromkeys(filter(None, (self.commune, *towns))))


@lru_cache(maxsize=1)
def address_sources() -> tuple[AddressSource, ...]:
    """Return every known source of addresses."""
    table = packaged_toml("privaudit.io", _FILE)
    return tuple(_source(key, given) for key, given in table.items() if key not in _NO_SOURCES)


def _source(key: str, given: Mapping[str, Any]) -> AddressSource:
    forms = {
        name: tuple(
            _Form(one) if isinstance(one, str) else _Form(one["form"], one["pattern"])
            for one in given[name]
        )
        for name in FIELDS
        if name in given
    }
    other = {name: value for name, value in given.items() if name not in FIELDS}
    known = other.get("known_by", "")
    every = [known] if isinstance(known, str) else known
    other["known_by"] = tuple(frozenset(words.split()) for words in every if words)
    other["layers"] = str(other.get("layers", "")).split()
    for name in ("positions", "aside", "best", "layers"):
        other[name] = tuple(other.get(name, ()))
    return AddressSource(key=key, forms=forms, **other)


def source_of(columns: Iterable[str]) -> AddressSource | None:
    """Return the source that has these columns, as they are written; None of an unknown one.

    Examples
    --------
    >>> source_of(["UPRN", "X_COORDINATE", "Y_COORDINATE", "LATITUDE", "LONGITUDE"]).name
    'OS Open UPRN'
    """
    have = {slug(column) for column in columns}
    known = [
        (len(words), one)
        for one in address_sources()
        for words in one.known_by
        # A table of a register may hold the keys of its streets alone.
        if words <= have and (one.row == "point" or one.national or _has_street(one, have))
    ]
    return max(known, key=lambda pair: pair[0], default=(0, None))[1]


def _has_street(source: AddressSource, have: Collection[str]) -> bool:
    """Return whether columns have the street of a source, or one whose rules are its own."""
    forms = source.forms.get("street", ())
    named = {column for form in forms for column in _COLUMN.findall(form.form)}
    return not forms or not named.isdisjoint(have)


def other_source(columns: Sequence[str], *, name: str, who: str) -> AddressSource:
    """Return how a file of an unknown source is read: by the usual names of its columns.

    Raises
    ------
    SchemaError
        It has no street, no number or no position by such a name.
    """
    table = packaged_toml("privaudit.io", _FILE)
    part = parts_of(columns, table["parts"])
    source = _source("other", _in_columns(table["other"], part))
    missing = [field for field in ("number", "street") if not source.forms[field]]
    if not source.positions:
        try:
            location_columns(list(columns), name=name, who=who)
        except SchemaError:
            missing += ["x", "y"]
    if missing:
        raise _unrecognised(missing, columns, name=name, who=who)
    return source


def _unrecognised(
    missing: Sequence[str], columns: Sequence[str], *, name: str, who: str
) -> SchemaError:
    """Return the error of a file whose columns are not known, and how to name them."""
    needed = f"columns of a known address file in {name}: {', '.join(missing)} not recognised"
    do = "Rename them so, or name them: columns={" + ", ".join(f"'{m}': '...'" for m in missing)
    do += "}, with crs=; on the command line --address-columns "
    do += ",".join(f"{m}=..." for m in missing) + " and --address-crs."
    return SchemaError.of(who, needed, f"columns {column_names_shown(columns)}", do)


def parts_of(columns: Iterable[str], names: Mapping[str, Any]) -> dict[str, str]:
    """Return which column, as a slug, each part of an address stands in, by the usual names.

    Parameters
    ----------
    columns : iterable of str
    names : mapping of str to str
        Names of each part, the likeliest first; `whose` are words that may stand before one, and
        `after` those that may stand after a name of a number, and for which part.

    Examples
    --------
    >>> parts_of(["SITUS_ZIP", "HouseNo"], {"number": "house_no", "zip": "zip", "whose": "situs"})
    {'number': 'houseno', 'zip': 'situs_zip'}
    """
    have: dict[str, str] = {}
    for column in columns:
        # Of a join, the name of the table stands before that of the column.
        for name in (column, column.rpartition(".")[2]):
            have.setdefault(slug(name).replace("_", ""), slug(column))
    # Its own name goes before one without "site": an address book has several towns.
    for name, column in list(have.items()):
        for word in names["whose"].replace("_", "").split():
            if name.startswith(word):
                have.setdefault(name.removeprefix(word), column)
    known = {part: names[part].split() for part in names if part not in ("whose", "after")}
    for part, words in names.get("after", {}).items():
        known[part] += [name + word for name in known["number"] for word in words.split()]
    found = {
        part: next((have[key] for name in several if (key := name.replace("_", "")) in have), "")
        for part, several in known.items()
    }
    return {part: column for part, column in found.items() if column}


def _in_columns(given: Mapping[str, Any], part: Mapping[str, str]) -> dict[str, Any]:
    """Return how a source is read, its parts written as columns; without forms that lack theirs."""

    def written(form: str) -> str:
        return _COLUMN.sub(lambda m: "{" + part[m[1]] + "}" if m[1] in part else "", form)

    needed, result = set(given["needed"].split()) & {*part}, dict[str, Any]()
    for key, value in given.items():
        if key in FIELDS:
            every = [one if isinstance(one, dict) else {"form": one} for one in value]
            own = needed if key in ("number", "street") else {*part}
            result[key] = [
                {"form": written(one["form"]), "pattern": one.get("pattern", "")}
                for one in every
                if own & {*_COLUMN.findall(one["form"])}
                and ("with" not in one or {*one["with"].split()} & {*part})
            ]
    result["positions"] = [
        {
            axis: part[form[1:-1]] if axis in ("x", "y") else written(form)
            for axis, form in pair.items()
            if axis != "crs" or "{" not in form or "crs" in part
        }
        for pair in given["positions"]
        if {pair["x"][1:-1], pair["y"][1:-1]} <= {*part}
    ]
    for key in ("commune", "status", "quality"):
        result[key] = written(given[key]).strip("{}")
    result["aside"] = [
        {**rule, "column": column}
        for rule in given["aside"]
        if "with" not in rule or {*rule["with"].split()} & {*part}
        for column in _COLUMN.findall(written(rule["column"]))
    ]
    return result | {"name": given["name"], "known_by": given["known_by"]}


def named_source(given: Mapping[str, str], columns: Sequence[str], *, who: str) -> AddressSource:
    """Return a source whose columns the caller names.

    Raises
    ------
    ParameterError
        An unknown field, a missing column, or no position.
    """
    have, known = {slug(c): c for c in columns}, (*FIELDS, "suffix", "commune", *PLACED)
    for name, column in given.items():
        if name not in known:
            do = did_you_mean(name, known)
            raise ParameterError.of(who, f"columns of {', '.join(known)}", f"'{name}'", do)
        if slug(column) not in have:
            do = did_you_mean(column, columns) or f"Columns: {column_names_shown(columns)}."
            raise ParameterError.of(who, f"{name} to be a column", f"'{column}'", do)
    named = {name: slug(column) for name, column in given.items()}
    pair = ("lon", "lat") if "lon" in named or "lat" in named else ("x", "y")
    absent = [axis for axis in pair if axis not in named]
    if len(absent) == 1:
        raise ParameterError.of(who, f"columns with {' and '.join(pair)}", f"no {absent[0]}")
    forms = {name: (_Form("{" + named[name] + "}"),) for name in FIELDS if name in named}
    if {"number", "suffix"} <= {*named}:
        forms["number"] = (_Form("{" + named["number"] + "} {" + named["suffix"] + "}"),)
    position = {"x": named[pair[0]], "y": named[pair[1]]} if not absent else None
    if position and pair[0] == "lon":
        position["crs"] = LONGITUDE_LATITUDE
    return AddressSource(
        key="columns", name="", forms=forms, commune=named.get("commune", ""),
        positions=(position,) if position else (),
        row="address" if {"number", "street"} & {*named} else "point",
    )  # fmt: skip


def with_tags(raw: pd.DataFrame, column: str) -> pd.DataFrame:
    """Return rows with their tags of an address as columns (``"addr:street"=>"Main St"``)."""
    if column not in raw:
        return raw
    # A file may have any number of other tags.
    known = frozenset().union(*(source.columns for source in address_sources()))
    rows = [{slug(k): v for k, v in _TAG.findall(cell)} for cell in raw[column]]
    rows = [{k: v for k, v in row.items() if k in known} for row in rows]
    tags = pd.DataFrame(rows, index=raw.index, dtype="str").fillna("")
    return pd.concat([raw.drop(columns=[column, *({*tags} & {*raw})]), tags], axis=1)


def stand_again(texts: pd.DataFrame) -> np.ndarray:
    """Return which columns have the name and the cells of one before them ("@id" and "id")."""
    names = list(texts.columns)
    pairs = [(at, names.index(name)) for at, name in enumerate(names)]
    return np.array([a != b and texts.iloc[:, a].equals(texts.iloc[:, b]) for a, b in pairs])


def split_numbers(raw: pd.DataFrame, source: AddressSource) -> pd.DataFrame:
    """Leave out features without an address; several numbers of one are a row each."""
    (column,) = source.known_by[0]
    of_address = (raw[column] != "") | filled(raw, source.forms["street"]).ne("")
    for rule in source.aside:
        of_address |= raw.get(rule["column"], pd.Series("", raw.index)) != ""
    raw = raw[of_address]
    several = raw[column].str.split(f"[{source.split}]", n=_MOST_NUMBERS, regex=True)
    raw = raw.assign(**{column: several}).explode(column, ignore_index=True)
    return raw.assign(**{column: raw[column].str.strip()})


def no_doors(rows: pd.DataFrame) -> np.ndarray:
    """Return which French numbers stand for no door: 0, and those made up for want of one.

    Numbers go to 9999, and 99999 says that there is none. The land registry gives one of 5000 and
    more to a house that waits for its own; a street numbered by metres has others on the way there.

    References
    ----------
    Base Adresse Nationale, guide des bonnes pratiques: gestion des numéros.
    """
    number = pd.to_numeric(rows["numero"], errors="coerce")
    street = rows["code_insee"] + "|" + rows["nom_voie"]
    by_metres = street.isin(street[number.between(1_000, 4_999)])
    return np.asarray((number == 0) | (number > 9_999) | ((number >= 5_000) & ~by_metres))


def filled(raw: pd.DataFrame, forms: Iterable[_Form]) -> pd.Series:
    """Return the first form of each row that is filled; "" where none is.

    Examples
    --------
    >>> raw = pd.DataFrame({"first": ["7", "3"], "last": ["11", ""]})
    >>> filled(raw, [_Form("{first}-{last}")]).tolist()
    ['7-11', '3']
    """
    result = pd.Series("", index=raw.index, dtype="str")
    for form, pattern in forms:
        pieces = _COLUMN.split(form)
        if not set(pieces[1::2]) & {*raw.columns}:
            continue
        text = pd.Series(pieces[0], index=raw.index, dtype="str")
        for column, after in zip(pieces[1::2], pieces[2::2], strict=True):
            text = text + raw.get(column, "") + after
        text = text.str.strip(" -/,").str.replace(r"\s{2,}", " ", regex=True)
        if pattern:
            text = text.str.extract(pattern, expand=False).fillna("")
        result = result.where(result != "", text)
    return result


def address_cells(raw: pd.DataFrame, source: AddressSource, *, name: str, who: str) -> pd.DataFrame:
    """Return the fields of each row as text: `FIELDS` and commune.

    Raises
    ------
    SchemaError
        Columns that are known by usual names give no number or no street in most rows: a column
        "address" may hold either of them, or both.
    """
    cells = pd.DataFrame({field: filled(raw, source.forms.get(field, ())) for field in FIELDS})
    if cells["also"].any():
        others = [filled(raw, [form]) for form in source.forms["also"]]
        rows = zip(cells["street"], *others, strict=True)
        cells["also"] = ["|".join(dict.fromkeys(n for n in r[1:] if n and n != r[0])) for r in rows]
    cells["number"], cells["unit"] = plain_numbers(cells["number"]), plain_numbers(cells["unit"])
    cells["commune"] = raw[source.commune] if source.commune in raw else cells["town"]
    if source.key == "other" and len(cells):
        blank = [c for c in ("number", "street") if (cells[c] == "").mean() > _MOST_BLANK]
        if blank:
            raise _unrecognised(blank, list(raw.columns), name=name, who=who)
    return cells


def plain_numbers(column: pd.Series) -> pd.Series:
    """Write numbers of houses, or their letters, in one way; "" where a cell says that it has none.

    Examples
    --------
    >>> plain_numbers(pd.Series(["0012 bis", "NULL", "\u0661\u0662", "7\u200b"])).tolist()
    ['12 bis', '', '12', '7']
    """
    return column.map({cell: _plain_number(cell) for cell in column.unique()}).astype("str")


def _plain_number(cell: str) -> str:
    plain = re.sub(r"\d", lambda digit: str(int(digit[0])), INVISIBLE.sub("", cell)).strip()
    return "" if plain.upper() in _NO_NUMBER else re.sub(r"^0+(?=\d)", "", plain)


def reasons_aside(
    raw: pd.DataFrame, cells: pd.DataFrame, xy: Floats, source: AddressSource
) -> np.ndarray:
    """Return why each row is no address to use: retired, planned, unplaced; "" elsewhere."""
    usual = packaged_toml("privaudit.io", _FILE)["words"]
    rules: list[Mapping[str, str]] = [
        *(
            {"reason": r, "column": column, "words": usual[r]}
            for r, columns in (
                ("retired", source.status),
                ("planned", source.status),
                ("interpolated", source.quality),
            )
            for column in columns.split()
        ),
        *source.aside,
    ]
    reason = np.full(len(raw), "", dtype=object)
    for rule in rules:
        if rule["column"] not in raw:
            continue
        cell = raw[rule["column"]]
        hit = cell != ""
        words = rule.get("words", rule.get("but", ""))
        if "geocoder" in rule:
            hit &= _finds_no_house(cell, usual["house"], usual["no_house"])
        elif words:
            begins = _beginning(cell, words)
            hit &= ~begins if "but" in rule else begins
        reason[hit.to_numpy() & (reason == "")] = rule["reason"]
    if source.row != "point":
        reason[(cells["number"] == "").to_numpy() & (reason == "")] = "no_number"
    reason[~np.isfinite(xy).all(axis=1) & (reason == "")] = "no_position"
    if source.row != "point":
        reason[_at_middles(cells, xy) & (reason == "")] = "interpolated"
    return reason


def _at_middles(cells: pd.DataFrame, xy: Floats) -> np.ndarray:
    """Return which rows stand at the middle of their street, as all its numbers, or of a place.

    The numbers of one building may have its point: a street of those stands at its middle only
    where the streets of at least half of the rows do.
    """
    digits = {text: re.sub(r"\D.*", "", text) for text in cells["number"].unique()}
    digit = cells["number"].map(digits)
    number = digit.factorize()[0]
    street = (cells["street"] + "|" + cells["commune"]).factorize()[0]
    point = pd.factorize(xy[:, 0] + 1j * xy[:, 1], use_na_sentinel=False)[0]

    def each(of: np.ndarray, by: np.ndarray) -> np.ndarray:
        """Count the different values of each group, for every row."""
        pairs = pd.unique(by * (len(of) + 1) + of) // (len(of) + 1)
        return np.asarray(np.bincount(pairs, minlength=len(by))[by])

    several = each(number, street) >= _AT_MIDDLE
    whole = several & (each(point, street) == 1)
    if 2 * whole.sum() < several.sum():
        known = pd.to_numeric(digit, errors="coerce").groupby(street)
        whole &= np.asarray(known.transform("max") - known.transform("min") > _ONE_BUILDING)
    return np.asarray(whole | (each(street, point) >= _AT_MIDDLE))


def _beginning(cell: pd.Series, words: str) -> pd.Series:
    """Return which cells have a word that begins so."""
    starts = "|".join(map(re.escape, fold(words).split()))
    levels = {level: slug(level).replace("_", " ") for level in cell.unique()}
    return cell.map(levels).str.contains(rf"\b(?:{starts})", regex=True)


def _finds_no_house(cell: pd.Series, house: str, none: str) -> pd.Series:
    """Return in which cells a geocoder found no house; none where the column is not a geocoder's.

    A cell may hold several of its words, of which one of a house is enough.
    """
    levels = {level: {*map(slug, re.split("[,;|]", level))} - {""} for level in cell.unique()}
    houses, others = {*house.split()}, {*none.split()}
    if not set().union(*levels.values()) <= houses | others:
        return pd.Series(False, index=cell.index)
    return cell.map({level: not words & houses for level, words in levels.items()})


def are_dwellings(raw: pd.DataFrame, source: AddressSource) -> np.ndarray:
    """Return which rows are dwellings, by the use that the source states; all where none."""
    column = next((c for c in source.use.get("column", "").split() if c in raw), "")
    if not column:
        return np.ones(len(raw), dtype=bool)
    return np.asarray(_beginning(raw[column], source.use["words"]) | (raw[column] == ""))


def positions_of(
    raw: pd.DataFrame, source: AddressSource, *, crs: str | None, name: str, who: str
) -> tuple[Floats, str, tuple[Note, ...]]:
    """Return the positions of rows, nan where they have none, their CRS, and notes.

    A source may give several pairs: the first that a row fills counts. Rows in several CRS are
    projected to longitude and latitude.
    """
    pairs = [pair for pair in source.positions if {pair["x"], pair["y"]} <= {*raw.columns}]
    if not pairs:
        x, y = location_columns(list(raw.columns), name=name, who=who)
        pairs = [{"x": x, "y": y}]
    xy, code = np.full((len(raw), 2), np.nan), np.full(len(raw), "", dtype=object)
    for pair in pairs:
        values = [
            pd.to_numeric(raw[pair[axis]].str.replace(",", "."), errors="coerce").to_numpy(float)
            for axis in ("x", "y")
        ]
        at = np.column_stack(values)
        if pair.get("negated"):
            at = -np.abs(at)
        codes = _codes_of(raw, pair, crs, name=name, who=who)
        if pair.get("zoned"):
            zone = at[:, 0] // _ZONE
            codes = np.where(zone > 0, [f"EPSG:258{z:02.0f}" for z in np.nan_to_num(zone)], codes)
            at[:, 0] %= _ZONE
        free = (code == "") & np.isfinite(at).all(axis=1) & (at != 0).any(axis=1) & (codes != "")
        xy[free], code[free] = at[free], codes[free]
    known = sorted({*code} - {""})
    if len(known) == 1:
        stated = None if known == ["?"] else known[0]
        result, notes = crs_of_numbers(xy, stated=stated, metres=FICTIONAL, name=name, who=who)
        notes = (*notes, *rounded_notes(xy, name=name, who=who))
        if result == FICTIONAL and crs != FICTIONAL:
            do = "Give it: crs='EPSG:25832', for example, or a column 'crs'."
            raise GeometryError.of(who, f"the CRS of the metres of {name}", "none", do)
        return xy, result, notes
    for one in known:
        rows = code == one
        xy[rows] = project(*xy[rows].T, source=one, target=LONGITUDE_LATITUDE, who=who)
    return xy, LONGITUDE_LATITUDE, ()


def _codes_of(
    raw: pd.DataFrame, pair: Mapping[str, Any], crs: str | None, *, name: str, who: str
) -> np.ndarray:
    """Return the CRS of a pair of columns for each row: "?" unknown, "" where a cell is no code."""
    form = str(pair.get("crs", ""))
    columns = _COLUMN.findall(form)
    if columns and set(columns) <= {*raw.columns} and crs is None:
        digits = filled(raw, [_Form(form)]).str.extract(r"(\d{4,6})$", expand=False).fillna("")
        codes = {d: f"EPSG:{d}" if _is_known(d) else "" for d in digits.unique()}
        if not any(codes.values()):
            epsg_code(max(codes), who=who)  # none is known: that is the error
        return digits.map(codes).to_numpy(dtype=object)
    declared = None if columns or (pair.get("any") and crs) else form or None
    stated = stated_crs(declared, given=crs, name=name, who=who)
    return np.full(len(raw), stated or "?", dtype=object)


def _is_known(code: str) -> bool:
    try:
        return bool(epsg_code(code))
    except GeometryError:
        return False


def refuse_two_countries(raw: pd.DataFrame, *, name: str, who: str) -> None:
    """Raise `GeometryError` where rows are of several countries: no plane and no words fit both."""
    for column in {*_COUNTRIES} & {*raw.columns}:
        countries = {*raw[column].str.upper()} - {""}
        if len(countries) > 1:
            do = "Keep the rows of one, or name its communes with commune=."
            came = f"{len(countries)} in column '{column}'"
            raise GeometryError.of(who, f"addresses of one country in {name}", came, do)


class MergedDoors(NamedTuple):
    """Doors of rows: the first row and the households of each, why rows go, and units counted.

    `door` is that of each row, and `with_units` the number of doors that have a unit.
    """

    door: np.ndarray
    first: np.ndarray
    households: np.ndarray
    reason: np.ndarray
    units: int
    with_units: int


def doors_of(
    cells: pd.DataFrame, xy: Floats, source: AddressSource, dwelling: np.ndarray
) -> MergedDoors:
    """Merge the rows of one door, and count its units.

    Rows of one street, number and place within 100 m are one door. Each of its units counts once:
    a dwelling where a row is one, else what stands as the unit.

    Parameters
    ----------
    cells : pandas.DataFrame
        As `address_cells` gives them, of usable rows.
    xy : float array, shape (n, 2)
        Metres.
    dwelling : bool array, shape (n,)
        Rows that may be a home.
    """
    if source.row == "point":
        door = pd.MultiIndex.from_arrays(list(xy.T)).factorize()[0]
    else:
        street, number, commune = (_folded(cells[c]) for c in ("street", "number", "commune"))
        blank = (commune == "").to_numpy()
        if blank.any() and not blank.all():
            # A building may lack the town that the node of its door has.
            name = pd.MultiIndex.from_arrays([street, number]).factorize()[0]
            commune = commune.mask(np.isin(name, name[blank]), "")
        place = pd.MultiIndex.from_arrays([street, number, commune]).factorize()[0]
        door = _within_reach(place, xy)
    own = pd.Series(np.arange(len(cells)).astype(str), index=cells.index)
    each = source.row != "address"
    unit = cells["id"].where(cells["id"] != "", own) if each else _folded(cells["unit"])
    known = pd.DataFrame({"door": door, "unit": unit.to_numpy(), "id": cells["id"].to_numpy()})
    again = known.duplicated(["door", "unit"]).to_numpy()
    same_id = (known.duplicated(["door", "unit", "id"]) & (known["id"] != "")).to_numpy()
    reason = np.where(again, np.where(same_id, "same_address_again", "door_again"), "")
    first = np.flatnonzero(~known["door"].duplicated().to_numpy())
    counted = ~again & dwelling & (True if each else (known["unit"] != "").to_numpy())
    households = np.bincount(door[counted], minlength=len(first))
    with_units = int((households > 0).sum())
    if not each:
        homes = np.bincount(door[dwelling], minlength=len(first)) > 0
        households = np.maximum(households, homes)
    return MergedDoors(door, first, households, reason, int(counted.sum()), with_units)


def first_filled(cells: pd.DataFrame, doors: MergedDoors) -> pd.DataFrame:
    """Return the fields of each door: of its first row, a place of the first that has one."""
    result = cells.iloc[doors.first].reset_index(drop=True)
    for column in ("commune", "town", "postcode"):
        if len(doors.first) < len(cells) and (result[column] == "").any():
            own = cells[column].mask(cells[column] == "").groupby(doors.door).first()
            result[column] = own.fillna("").astype("str")
    return result


def _folded(texts: pd.Series) -> pd.Series:
    """Return texts to compare, without blanks."""
    return texts.map({text: fold(text).replace(" ", "") for text in texts.unique()})


def _within_reach(place: np.ndarray, xy: Floats) -> np.ndarray:
    """Number the doors: rows of one name, near the first of them; numbers in order of the rows."""
    door = np.full(len(place), -1, dtype=np.int64)
    left, n = np.arange(len(place)), 0
    for _ in range(_ROUNDS):
        names, first, at = np.unique(place[left], return_index=True, return_inverse=True)
        gap = np.hypot(*(xy[left] - xy[left[first[at]]]).T)
        near = gap <= _APART
        door[left[near]] = n + at[near]
        n, left = n + len(names), left[~near]
        if not len(left):
            break
    # A name that stands at many places is no address: each place is a door of its own.
    if len(left):
        cell = np.floor(xy[left] / _APART)
        door[left] = n + pd.MultiIndex.from_arrays([place[left], *cell.T]).factorize()[0]
    return np.asarray(pd.factorize(door)[0])


class AddressFormat(NamedTuple):
    """The columns of a file of addresses, and the CRS of its positions; None: as it shows."""

    columns: Mapping[str, str] | None = None
    crs: str | None = None


_AS_IT_SHOWS = AddressFormat()
_asked: ContextVar[AddressFormat] = ContextVar("address_format", default=_AS_IT_SHOWS)


@contextmanager
def addresses_read_as(columns: Mapping[str, str] | None, crs: str | None) -> Iterator[None]:
    """Read every file of addresses by these columns and in this CRS for a while.

    Examples
    --------
    >>> with addresses_read_as({"street": "weg"}, "EPSG:2056"):
    ...     address_format_asked().crs
    'EPSG:2056'
    """
    with set_within(_asked, AddressFormat(columns, crs)):
        yield


def address_format_asked() -> AddressFormat:
    """Return how every file of addresses is to be read."""
    return _asked.get()
