"""Dots or pins of a picture of a map: those of a colour, and the grey ones below them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from scipy import ndimage
from scipy.spatial import cKDTree

from privaudit.core.checks import in_range, one_of
from privaudit.errors import ParameterError, ReadError
from privaudit.screenshots.cluster_markers import (
    NO_MARKS,
    OF_HEAT,
    MarkCount,
    cluster_marker_width,
    colourless,
    refuse_ambiguous,
    refuse_other_fill,
    unread_counts,
    unread_marks,
    with_all_cluster_markers,
)
from privaudit.screenshots.colour_families_and_coverage import (
    ColourPicture,
    MarkerColour,
    Wanted,
    core_of,
    coverage_of,
    dilate,
    has_soft_edges,
    pixels_at,
)
from privaudit.screenshots.dots import (
    UNSEEN,
    DotPair,
    Dots,
    DotsAbove,
    DotSize,
    count_dots,
    find_dots,
    known_dots,
    measure_dots,
    middles_stray,
)
from privaudit.screenshots.marker_colours import (
    OtherMarks,
    Outline,
    RoundMarks,
    choose_marker_colour,
    describe_marks,
    fill_holes,
    other_marks,
    outline,
    pins_prevail,
    wanted_colour,
)
from privaudit.screenshots.marker_templates import Agreement, of_symbol
from privaudit.screenshots.registration import rounded_error
from privaudit.screenshots.rings import are_cleaner, are_rims, ring_cores, ring_dots
from privaudit.screenshots.template_fit import (
    agreement,
    dominant_pins,
    outlines,
    template_dots,
    template_pins,
)

# Pins of one size that make a map of pins; radii that all may be anchored above their tips.
_PINS, _ANCHOR = 3, 0.15
# Standard deviation, in pixels, of the blur that makes one colour of a pattern of several.
_BLUR = 0.8
# Fitted dots replace those from outlines from this ratio of their numbers: without rims, letters or
# transparency, outlines are the more precise.
_CLEARLY_MORE = 1.04
# Share of marks that outlines leave unexplained from which fitted dots replace them.
_UNEXPLAINED = 0.1
# Width of a rim that is no soft edge, in pixels.
_RIM = 1.0
# Marks closer than so many radii are tiles of another shape where more than this share are, and of
# the other marks less than half as many; share of these that tiles exceed.
_CLOSE, _TILED, _MANY_MORE = 1.7, 0.5, 0.25
# Outlines suffice where they refuse at most this share of the dots that they read.
_REFUSED = 0.02


@dataclass(frozen=True, eq=False, kw_only=True)
class PictureDots:
    """Dots of a picture, those of the colour that was asked for first.

    Parameters
    ----------
    pixel : float, shape (n, 2)
        Columns and rows from the upper left corner.
    error : float, shape (n,)
        Standard error of each coordinate, in pixels.
    red : bool, shape (n,)
        Which have the colour that was asked for: the others are grey.
    radius : float
        Pixels.
    refused : int
        Marks of these colours that are no dots.
    step, aside : float
        Of the lattice, in pixels, at which dots were drawn; 0 for none. How far all dots may lie
        aside, which the errors include.
    soft : bool
        Whether edges are soft and no lattice is seen, as on a photograph of a screen. Places may
        have been rounded to its pixels: the errors include that too.
    colour, marker : str
        Name of the colour; "disc" or "pin".
    others : list of OtherMarks
        Round marks and pins of other colours or sizes.
    pieces, in_pieces : int, MarkCount
        Pieces of the dots' colours that were not read, and how many dots they hold.
    covered : MarkCount
        Dots that others cover.
    clusters, in_clusters : int, MarkCount
        Cluster markers, and how many dots they stand for.
    """

    pixel: np.ndarray
    error: np.ndarray
    red: np.ndarray
    radius: float
    refused: int
    step: float
    colour: str = "red"
    marker: str = "disc"
    aside: float = 0.0
    soft: bool = False
    others: list[OtherMarks] = field(default_factory=list)
    pieces: int = 0
    in_pieces: MarkCount = NO_MARKS
    covered: MarkCount = NO_MARKS
    clusters: int = 0
    in_clusters: MarkCount = NO_MARKS

    @property
    def widest(self) -> float:
        """Width, in pixels, above which a mark is a cluster marker."""
        return cluster_marker_width(self.radius, self.marker)

    @property
    def shown(self) -> MarkCount:
        """Number of dots that the picture shows, read or not: at least, about, at most."""
        read = float(len(self.pixel))
        unread = (self.in_pieces, self.covered, self.in_clusters)
        return MarkCount.total((MarkCount(read, read, read), *unread))


def picture_dots(
    image: np.ndarray,
    *,
    colour: str = "red",
    marker: str | None = None,
    dot_radius: float | None = None,
    who: str = "read_screenshot",
) -> PictureDots:
    """Find the dots of a colour, and the grey ones under and between them.

    Parameters
    ----------
    image : uint8, shape (h, w, 3)
    colour : str
        red, orange, yellow, green, turquoise, blue, purple, pink, grey, black, or ``"#rrggbb"``.
    marker : {"disc", "pin"}, optional
        Round dots, or teardrop pins whose tip is the place. Default: what the picture shows.
    dot_radius : float, optional
        Pixels. Default: learnt from the dots that stand alone, each colour for itself.
    who : str
        Name of the caller, for messages.

    Returns
    -------
    PictureDots

    Raises
    ------
    ReadError
        There is no dot of the colour or grey.
    ParameterError
        The image, the colour, the marker or the radius is invalid.

    Examples
    --------
    >>> row, column = np.mgrid[:30, :60] + 0.5
    >>> away = np.minimum(np.hypot(row - 15, column - 15), np.hypot(row - 15, column - 45))
    >>> image = np.where(away[..., None] < 5, [214, 39, 40], 255).astype(np.uint8)
    >>> dots = picture_dots(image)
    >>> len(dots.pixel), round(dots.radius), dots.marker
    (2, 5, 'disc')
    """
    if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
        needed = "an image as uint8 of shape (height, width, 3)"
        raise ParameterError.of(who, needed, f"{image.dtype} of shape {image.shape}")
    if dot_radius is not None:
        in_range(who, "dot_radius", dot_radius, 1, 50)
    if marker is not None:
        one_of(who, "marker", marker, ("disc", "pin"))
    name, wanted = wanted_colour(colour, who)
    picture = drawn = ColourPicture.of(image)
    detected = _detect(picture, wanted, name, marker, dot_radius)
    if detected is None:
        # A palette of few colours draws one colour as a pattern of several.
        drawn = ColourPicture.of(ndimage.gaussian_filter(image, (_BLUR, _BLUR, 0)))
        detected = _detect(drawn, wanted, name, marker, dot_radius)
    if detected is None:
        raise _no_dots(name, other_marks(picture), marker, who)
    pair, kind = detected
    if kind == "disc":
        refuse_ambiguous(image, pair, name, who, (marker, dot_radius))
    pair = _agreeing(drawn.image, pair, kind, name, who)
    known = known_dots(pair)
    if not known:
        raise _no_dots(name, other_marks(picture), marker, who)
    pixel = np.concatenate([dots.centre for dots in known])
    error = np.concatenate([dots.error for dots in known])
    rounding = _with_rounding(image, known, pixel, error, kind)
    refuse_other_fill(drawn.image, pair if kind == "disc" else (None, None), wanted, name, who)
    first, radius = pair[0], known[0].size.radius
    wide = cluster_marker_width(radius, kind)
    read = (name,) if pair[1] is None else (name, "grey")
    others = unread_marks(picture, read, radius, wide)
    if first is None and (others or (name != "grey" and len(pixel) <= _FEW_AGREE)):
        # Grey dots alone would be read as if nobody were left to meet.
        raise _no_dots(name, others, marker, who, grey=False)
    if first is None and name not in ("grey", "black") and colourless(picture):
        # Grey dots of a scan would be read as visited, whatever colour they had.
        do = "Scan it in colour, pass --colour='grey', or the shade to meet as '#5b5b5b' (colour=)."
        raise ReadError.of(who, f"{name} dots", "a picture without colours", do)
    tips = pixel[: len(pixel) * (kind == "pin")]
    others = with_all_cluster_markers(picture, others, wide, tips, read)
    others = [marks for marks in others if marks.width <= wide or _is_symbol(picture.image, marks)]
    return PictureDots(
        pixel=pixel,
        red=np.arange(len(pixel)) < (0 if first is None else len(first.centre)),
        radius=radius,
        refused=count_dots(pair)[1],
        **rounding,
        colour=name,
        marker=kind,
        others=others,
        **unread_counts(picture, wanted, name, pair, others, kind),
    )


# Share of tested marks that agree with one template from which they are marks of the map, and below
# which they are none of them; share of marks to be tested for less to be believed. Marks that
# agree, of more than so many; share of marks to be tested where that is not more.
_TEMPLATE, _PINS_AGREE, _GROUND, _FEW_AGREE, _FEW_TESTED = 0.8, 0.5, 0.3, 3, 0.25
# Radii between the middles of two marks of which neither hides a part of the other.
_APART = 2.5
# Share from which those that do not agree are no marks; share of those that are visible from which
# several that do not agree are not many of those that are hidden, unless so many agree; share to be
# tested. Largest differences of shades, in levels, and of outlines, in pixels and in radii.
_SURE, _MOSTLY, _PURE, _TESTED, _SPREAD, _UNLIKE = 0.95, 0.75, 0.9, 0.4, 6.0, (0.5, 0.15)
# Share of the directions in which pins end, and by how much they differ left and right: a road of
# their colour goes on, at an angle. Ratio of height to width below which they are round; third
# harmonic, in radii, from which the middle of marks is not the place.
_CLOSED, _ASKEW, _TALLER, _CORNERS = 0.95, 0.3, 1.15, 0.08


def _agreeing(image: np.ndarray, pair: DotPair, kind: str, name: str, who: str) -> DotPair:
    """Return the dots whose marks agree with one template; refuse where those of the colour do not.

    Of grey marks, those are returned that are of the symbol of the colour's: letters, roofs and
    roads are grey too.
    """
    every = np.concatenate([dots.centre for dots in known_dots(pair)])
    first, second = (
        None
        if dots is None or not len(dots.centre)
        else agreement(image, dots.centre, dots.size.radius, every, kind)
        for dots in pair
    )
    decisive = second if first is None else first
    fitted = [
        kind == "disc" and _is_explained(dots, marks)
        for dots, marks in zip(pair, (first, second), strict=True)
    ]
    if fitted[1] or _is_clear(second, first, kind):
        below = pair[1] if fitted[1] or second is None else _agreeing_dots(pair[1], second)
    else:
        below = _of_same_symbol(image, pair, kind)
    few = first is not None and first.tested.sum() <= _FEW_AGREE
    beside = second if few and below is not None and len(below.centre) >= _FEW_AGREE else None
    if decisive is not None and (
        (kind == "disc" and decisive.corners > _CORNERS)
        or not (fitted[first is None] or _is_template(decisive, kind, beside))
    ):
        either = name if first is not None or name == "grey" else f"{name} or grey"
        raise _no_template(decisive, either, kind, who)
    if kind == "pin":
        return pair[0], below
    if first is None:
        return pair[0], pair[1] if second is None else _agreeing_dots(pair[1], second)
    if fitted[0] and (second is not None or not _is_template(first)):
        return _without_strays(pair[0], first.tested, first.alike), below
    return pair[0] if beside is not None else _agreeing_dots(pair[0], first), below


def _is_clear(marks: Agreement | None, like: Agreement | None, kind: str) -> bool:
    """Return whether most marks agree, in one shade, in about the outline of others."""
    if kind == "pin" or marks is None or like is None or not _is_template(marks):
        return False
    slack = max(_UNLIKE[0], _UNLIKE[1] * float(np.median(like.outline)))
    alike = np.abs(marks.outline - like.outline).mean() <= slack
    return bool(alike and marks.spread <= _SPREAD)


def _of_same_symbol(image: np.ndarray, pair: DotPair, kind: str) -> Dots | None:
    """Return the second dots that are of the symbol of the first, all where there are no first.

    One or two may be ground, and any where most of their shade have another outline: these count as
    unread.
    """
    first, second = pair
    if first is None or second is None or not len(first.centre) or not len(second.centre):
        return second
    every, radius = np.concatenate([first.centre, second.centre]), first.size.radius
    symbol, marks = (outlines(image, d.centre, radius, every, kind) for d in (first, second))
    same, shade = of_symbol(marks, symbol)
    alike, tested = same & shade, int(marks.tested.sum())
    if alike.sum() >= _TEMPLATE * tested and (tested or len(second.centre) <= _FEW_AGREE):
        return _without_strays(second, marks.tested, alike)
    if not alike.any():
        return None
    if alike.sum() >= max(_FEW_AGREE, _GROUND * (marks.tested & shade).sum()):
        return _only(second, alike | (shade & ~marks.tested))
    many, none = int(alike.sum()), second.centre[:0]
    return second._replace(centre=none, error=none[:, 0], refused=many, left=float(many))


def _is_symbol(image: np.ndarray, marks: OtherMarks) -> bool:
    """Return whether round marks agree with one template; parks and trees are round too."""
    at = np.array(marks.at).reshape(-1, 2)
    return marks.pins or not len(at) or _is_template(agreement(image, at, marks.width / 2, at))


def _is_pin(marks: Agreement) -> bool:
    """Return whether marks have an outline that ends below, alike left and right, as a pin's."""
    return marks.closed >= _CLOSED and marks.askew <= _ASKEW and marks.tall >= _TALLER


def _is_template(marks: Agreement, kind: str = "disc", beside: Agreement | None = None) -> bool:
    """Return whether most marks agree with one template, as those `beside` of one outline may."""
    alike, many = int(marks.alike.sum()), len(marks.alike)
    if kind == "pin" and not _is_pin(marks):
        return False
    if many <= _FEW_AGREE:
        return bool(kind == "pin" or marks.share >= _TEMPLATE)
    tested = marks.tested.mean()
    if kind == "disc" and marks.tested.sum() <= _FEW_AGREE:
        # Of a few marks that overlap, one or two stand alone.
        if beside is not None and beside.share >= _TEMPLATE:
            tested = np.concatenate([marks.tested, beside.tested]).mean()
        return bool(marks.share >= _TEMPLATE and tested >= _FEW_TESTED)
    if kind == "pin":
        return bool(alike >= _FEW_AGREE and marks.share >= _PINS_AGREE and tested >= _TESTED)
    # Where few are visible, several that do not agree are many of those that are hidden.
    unlike = int(marks.tested.sum()) - alike
    hidden = tested < _MOSTLY and unlike >= _FEW_AGREE and marks.share < _PURE
    return bool(alike >= _FEW_AGREE and marks.share >= _TEMPLATE and not hidden)


def _is_explained(dots: Dots | None, marks: Agreement | None) -> bool:
    """Return whether circles of one size explain all of a colour, to a part of a pixel.

    Then nothing else of the picture has the colour. Where dots cover each other, few rays are
    free, and rays of these pass through dots of which no edge is visible. Circles of which none
    can be tested may be pieces of rims.
    """
    if dots is None or dots.by_template or marks is None:
        return False
    if not marks.tested.any() or marks.share < _GROUND:
        return False
    return dots.room >= 1 - _REFUSED and dots.refused <= _REFUSED * len(dots.centre)


def _agreeing_dots(dots: Dots | None, marks: Agreement) -> Dots | None:
    """Return the dots that agree with their template."""
    if dots is None or not _is_template(marks):
        return None
    if marks.share < _SURE:
        return _without_strays(dots, marks.tested, marks.alike)
    return _only(dots, ~marks.tested | marks.alike)


def _without_strays(dots: Dots | None, tested: np.ndarray, alike: np.ndarray) -> Dots | None:
    """Leave out marks that differ from the others though no other hides a part of them."""
    if dots is None or len(dots.centre) < 2:
        return dots
    nearest = cKDTree(dots.centre).query(dots.centre, k=2)[0][:, 1]
    strays = tested & ~alike & (nearest > _APART * dots.size.radius)
    return _only(dots, ~strays) if strays.any() else dots


def _only(dots: Dots, which: np.ndarray) -> Dots | None:
    """Return some of the dots; the others are marks that are no dots."""
    if not which.any():
        return None
    refused = dots.refused + int((~which).sum())
    return dots._replace(centre=dots.centre[which], error=dots.error[which], refused=refused)


def _no_template(marks: Agreement, name: str, kind: str, who: str) -> ReadError:
    """Return the error that marks differ in colour, size or outline."""
    needed = f"{name} {'pins' if kind == 'pin' else 'dots'} of one colour, size and outline"
    alike, tested = int(marks.alike.sum()), int(marks.tested.sum())
    came = f"{alike:,} of {tested:,} alike: the ground or writing has this colour too"
    do = f"Pass --colour='#rrggbb' of the dots (in Python colour=), or crop the picture. {OF_HEAT}"
    if kind == "pin" and not _is_pin(marks):
        came = "marks that do not end below in a tip as pins do"
        do = "Pass --marker='disc' (in Python marker=) where they are round, or crop the picture."
    elif kind == "disc" and marks.corners > _CORNERS:
        came = "marks with three corners, of which no point is known to be the place"
        do = "Ask for the points as a file, or for the map with round marks."
    elif tested - alike < _FEW_AGREE:
        came = f"too few marks that stand alone: {tested:,} of {len(marks.alike):,}"
        do = "Zoom in until fewer overlap, or crop the picture."
    return ReadError.of(who, needed, came, do)


def _with_rounding(
    image: np.ndarray, known: list[Dots], pixel: np.ndarray, error: np.ndarray, kind: str = "disc"
) -> dict[str, Any]:
    """Return error, step and aside, and whether soft edges hide that places were rounded.

    Dots that were fitted stand on whole pixels of the fit: these hide those of the screen. Their
    middles are known no better than those of their outlines agree. All pins may be anchored above
    their tips.
    """
    radius, fitted = known[0].size.radius, any(dots.by_template for dots in known)
    error, step, aside = (error, 0.0, 0.0) if fitted else rounded_error(pixel, error)
    soft = not step and has_soft_edges(image, pixel, radius)
    if fitted and kind == "disc":
        marks = outlines(image, pixel, radius, pixel)
        error = np.maximum(error, middles_stray(marks.edge[marks.tested]))
    if soft:
        error = np.hypot(error, UNSEEN * radius)
    elif fitted:
        error = np.sqrt(error**2 + max(1.0, UNSEEN * 3**0.5 * radius) ** 2 / 12)
    if kind == "pin":
        aside = _ANCHOR * radius
        error = np.hypot(error, aside)
    return {"error": error, "step": step, "aside": aside, "soft": soft}


def _detect(
    picture: ColourPicture, wanted: Wanted, name: str, marker: str | None, radius: float | None
) -> tuple[DotPair, str] | None:
    """Return dots or pins of the colour and of grey, and which of both they are."""
    families: list[Wanted] = [wanted] if name == "grey" else [wanted, "grey"]
    if marker == "pin" or (marker is None and pins_prevail(picture, families)):
        pins = _dominant_pins(picture, families, 1 if marker == "pin" else _PINS)
        if pins is not None or marker == "pin":
            return None if pins is None else (pins, "pin")
    discs = _dots_of(*_marks_of(picture, families), radius)
    # Where outlines explain the marks, nothing else is fitted.
    read, refused = count_dots(discs)
    unexplained = radius is None and refused >= 1 + _REFUSED * read
    if read and unexplained:
        fitted = map(_with_errors_seen, template_dots(picture, families), discs)
        first, second = map(_without_ground, fitted, discs)
        if first is not None and discs[0] is not None:
            first = first._replace(alone=discs[0].size)
        if _are_tiles(picture.image, first, discs[0]):
            first = _unless_roofs(discs[0], name)
        paved = discs[1] is not None and discs[1].ground is not None
        if paved and _are_tiles(picture.image, second, discs[1]):
            second = discs[1]
        if _agrees_better(picture.image, first, discs[0]):
            discs = first, discs[1]
        second = _unless_ground(picture.image, discs, second)
        discs = _more_complete(discs, (first, second))
    if unexplained or (radius is None and discs[0] is None):
        rings = ring_cores(picture, families)
        if rings is not None:
            cores, ring = rings
            ringed = ring_dots(picture.image, [*cores, None][:2], ring)
            if not are_rims(ringed, discs):
                discs = ringed if are_cleaner(ringed, discs) else _more_complete(discs, ringed)
    if discs == (None, None):
        # In a crowd of pins none may stand alone: pins are tried again where there are no discs.
        pins = _dominant_pins(picture, families, _PINS) if marker is None else None
        return None if pins is None else (pins, "pin")
    return discs, "disc"


def _with_errors_seen(fitted: Dots | None, outlined: Dots | None) -> Dots | None:
    """Return dots fitted on a grid, with errors as far as they are from those of outlines."""
    if fitted is None or outlined is None or not len(outlined.centre):
        return fitted
    gap, which = cKDTree(outlined.centre).query(fitted.centre)
    # Of outlines of which most is visible, at the same mark.
    same = (gap <= fitted.size.radius) & (outlined.error <= np.median(outlined.error))[which]
    if same.sum() < _FEW_AGREE:
        return fitted
    return fitted._replace(error=np.maximum(fitted.error, np.sqrt((gap[same] ** 2).mean() / 2)))


def _without_ground(fitted: Dots | None, outlined: Dots | None) -> Dots | None:
    """Take, in what outlines show to be of the ground, the dots from outlines."""
    if fitted is None or outlined is None or outlined.ground is None:
        return fitted
    (row, column, _), (at_row, at_column, _) = (
        pixels_at(outlined.ground.shape, dots.centre) for dots in (fitted, outlined)
    )
    away, there = ~outlined.ground[row, column], outlined.ground[at_row, at_column]
    if away.all():
        return fitted
    centre, error = (
        np.concatenate([new[away], old[there]])
        for new, old in ((fitted.centre, outlined.centre), (fitted.error, outlined.error))
    )
    if not len(centre):
        return None
    refused = fitted.refused + int((~away).sum())
    return fitted._replace(centre=centre, error=error, refused=refused, ground=outlined.ground)


def _are_tiles(image: np.ndarray, fitted: Dots | None, outlined: Dots | None) -> bool:
    """Return whether the dots that fitting adds are laid in pieces of another shape.

    Dots that names hide are apart from each other as others are, and those that are visible agree
    with the others. Those that fill a shield or a roof are close to each other, or disagree.
    """
    if fitted is None or outlined is None or not len(fitted.centre) or not len(outlined.centre):
        return False
    radius = outlined.size.radius
    more = cKDTree(outlined.centre).query(fitted.centre)[0] > radius
    if more.sum() <= max(_FEW_AGREE, _MANY_MORE * len(outlined.centre)):
        return False
    marks = agreement(image, fitted.centre, radius, fitted.centre)
    tested, alike = (int((more & which).sum()) for which in (marks.tested, marks.alike))
    if tested > _FEW_AGREE and alike < _TEMPLATE * tested:
        return True
    added, known = (_close(at, _CLOSE * radius) for at in (fitted.centre[more], outlined.centre))
    return bool(added > _TILED and known < added / 2)


def _agrees_better(image: np.ndarray, fitted: Dots | None, outlined: Dots | None) -> bool:
    """Return whether dots from fitting agree with each other, and many of those from outlines not.

    Roofs about as large as dots are round to outlines, here and there, but have no rim.
    """
    if fitted is None or outlined is None or not len(fitted.centre) or not len(outlined.centre):
        return False
    new, old = (agreement(image, d.centre, d.size.radius, d.centre) for d in (fitted, outlined))
    rimmed = fitted.rim >= _RIM > outlined.rim and len(outlined.centre) > len(fitted.centre)
    sure = new.share >= _SURE and new.alike.sum() > _FEW_AGREE
    return bool(sure and (rimmed or old.share < _TEMPLATE))


def _unless_ground(image: np.ndarray, outlined: DotPair, fitted: Dots | None) -> Dots | None:
    """Return the grey dots that were fitted, unless outlines find more of the colour's symbol.

    Houses may be of another grey, and many more than dots: fitting then learns their size.
    """
    first, second = outlined
    if first is None or second is None or fitted is None or not len(fitted.centre):
        return fitted
    like, old, new = (
        agreement(image, d.centre, d.size.radius, d.centre) for d in (first, second, fitted)
    )
    if _is_clear(new, like, "disc") or not _is_clear(old, like, "disc"):
        return fitted
    alike = _of_same_symbol(image, (first, fitted), "disc")
    return second if alike is None or len(alike.centre) < len(second.centre) else fitted


def _unless_roofs(dots: Dots | None, name: str) -> Dots | None:
    """Return dots; refuse them among many roofs, some of which pass for dots of their size."""
    if dots is None or dots.refused <= len(dots.centre) / 2:
        return dots
    came = f"{len(dots.centre):,} beside {dots.refused:,} pieces of another shape"
    do = f"Pass --colour='#rrggbb' of the dots (in Python colour=), or crop the picture. {OF_HEAT}"
    raise ReadError.of("read_screenshot", f"{name} dots of one size and outline", came, do)


def _close(centre: np.ndarray, reach: float) -> float:
    """Return the share of marks that have another within a distance."""
    if len(centre) < 2:
        return 0.0
    return float((cKDTree(centre).query(centre, k=2)[0][:, 1] < reach).mean())


def _more_complete(discs: DotPair, fitted: DotPair) -> DotPair:
    """Return the dots from outlines, unless fitting finds clearly more, or explains the colour.

    Of a colour of which fitting leaves more pieces than it finds dots, as of letters, the dots from
    outlines are kept.
    """
    first, second = (
        old if old is not None and new is not None and new.refused > len(new.centre) else new
        for old, new in zip(discs, fitted, strict=True)
    )
    more = count_dots((first, second))[0] > _CLEARLY_MORE * count_dots(discs)[0]
    old, new = discs[0], first
    clearly = old is None or (
        new is not None
        and (
            len(new.centre) > _CLEARLY_MORE * len(old.centre)
            or (more and new.rim >= _RIM > old.rim)
        )
    )
    # Ground may be read as grey dots: it does not tell how those of the colour are to be read.
    first = new if clearly or _explains_more(old, new) else old
    second = second if more else discs[1]
    if first is discs[0] and second is discs[1]:
        return discs
    # A white rim on a pale ground is visible only where it cuts into the dots below.
    rim = max((dots.rim for dots in known_dots(discs)), default=0.0)
    return (
        first and first._replace(rim=max(first.rim, rim)),
        second and second._replace(rim=max(second.rim, rim)),
    )


def _explains_more(old: Dots | None, new: Dots | None) -> bool:
    """Return whether fitting leaves nothing of a colour of which outlines leave much."""
    if old is None or new is None or len(new.centre) <= len(old.centre):
        return False
    much = old.refused > _UNEXPLAINED * len(old.centre)
    return much and new.refused <= _REFUSED * len(new.centre) and new.room >= 1 - _REFUSED


def _dominant_pins(picture: ColourPicture, families: list[Wanted], fewest: int) -> DotPair | None:
    """Return the pins of both colours, where some of one size stand alone."""
    chosen = [choose_marker_colour(picture, wanted, pins=True) for wanted in families]
    cores = [None if marks is None else core_of(picture.colours, marks[0]) for marks in chosen]
    first, second = template_pins(picture.image, [*cores, None][:2], fewest)
    if first is not None and len(first.centre):
        # Roofs and letters would count as a crowd of pins.
        second = _of_same_symbol(picture.image, (first, second), "pin")
    return dominant_pins((first, second), beside=second is not None)


def _no_dots(
    name: str, others: list[OtherMarks], marker: str | None, who: str, *, grey: bool = True
) -> ReadError:
    """Return the error that no dot was found, with the marks that the picture shows instead."""
    either = f"{name} or grey" if grey and name != "grey" else name
    needed = f"{either} {'pins' if marker == 'pin' else 'dots'}"
    if not others:
        came = "a picture without marks of one size that are round"
        hint = "Where dots overlap everywhere, read_screenshot(..., dot_radius=) takes their size."
        do = f"{OF_HEAT} {hint}"
        return ReadError.of(who, needed, came, do)
    do = f"Pass --colour='{others[0].family}' (in Python colour=)."
    if marker == "pin" and not any(marks.pins for marks in others):
        do = "Leave marker out."
    elif any(marks.pins and marks.family in (name, "grey") for marks in others):
        do = "Pass --marker='pin' (in Python marker=)."
    elif others[0].family in (name, "grey"):
        do = "Pass --colour='#rrggbb' (in Python colour=), or dot_radius= to read_screenshot."
    return ReadError.of(who, needed, f"a picture with {describe_marks(others)}", do)


# Standard deviation of the blur of a ragged outline, and misfit to a circle from which one is
# ragged (by hard steps or compression), in pixels.
_STEADY, _RAGGED = 0.8, 0.1
# Least spread of outlines in a compressed picture, in pixels: single marks that happen to lie well
# in its blocks of eight pixels spread less.
_COMPRESSED = 0.15
# Half the width of lines that are removed, as a share of a dot's width and in pixels at most; width
# up to which dots are not touched.
_THIN, _THICKEST, _SMALL = 0.12, 3, 5.0
# Single dots below which a colour has the size of the other.
_FEW_ALONE = 3
# Radius of specks, and share of their colour that they must make up to be dots: remains of marks of
# another shape are round too, here and there.
_SPECK, _ROOM_OF_SPECKS = 2.0, 0.5


class Marks(NamedTuple):
    """Marks of one colour.

    Parameters
    ----------
    coverage : float, shape (h, w)
        Share of each pixel that they cover.
    edge : Outline
    core : bool, shape (h, w)
        Where the colour itself is.
    size : DotSize or None
        Size of single marks.
    """

    coverage: np.ndarray
    edge: Outline
    core: np.ndarray
    size: DotSize | None


def _marks_of(picture: ColourPicture, families: list[Wanted]) -> tuple[Marks | None, Marks | None]:
    """Return the marks of a colour, and those of the family that may lie below it."""
    image, index, _ = picture
    first, second = choose_marker_colour(picture, families[0]), None
    width = None if first is None or first[1].number == 0 else first[1].width
    for under in families[1:]:
        second = choose_marker_colour(picture, under, width=width)
        if width is not None and (second is None or second[1].number == 0):
            second = choose_marker_colour(picture, under)
    above = None if first is None else _core_of_marks(index, first)
    below = None if second is None else _core_of_marks(index, second, above)
    if first is not None and second is not None and above is not None and below is not None:
        below &= ~above
        own, both = coverage_of(image, above, first[0], (below, second[0]))
        marks = _measured(own, above, first[0].trust)
        return marks, _measured(both, below, second[0].trust, marks.edge)
    alone = [
        None
        if chosen is None or core is None
        else _measured(coverage_of(image, core, chosen[0])[0], core, chosen[0].trust)
        for chosen, core in ((first, above), (second, below))
    ]
    return alone[0], alone[1]


def _dots_of(marks: Marks | None, under: Marks | None, radius: float | None) -> DotPair:
    """Return the dots of both colours, the first above the other, of a learnt or known radius."""
    sizes = [None if it is None else it.size for it in (marks, under)]
    if radius is not None:
        sizes = [DotSize(radius, _RAGGED if it is None else it.spread, 0) for it in sizes]
    elif sizes[0] is not None and (sizes[1] is None or sizes[1].single < _FEW_ALONE):
        sizes[1] = sizes[0]
    elif sizes[0] is None or sizes[0].single < _FEW_ALONE:
        sizes[0] = sizes[1]
    first = second = None
    if marks is not None and sizes[0] is not None:
        first = find_dots(marks.coverage, marks.edge, sizes[0], core=marks.core)
    if under is not None and sizes[1] is not None:
        over = None
        if first is not None and first.rim:
            over = DotsAbove(first.centre, first.size.radius + first.rim, first.rim)
        second = find_dots(under.coverage, under.edge, sizes[1], core=under.core, over=over)
        second = _visible_dots(second, under.core)
    return _unless_specks(first), _unless_specks(second)


def _core_of_marks(
    index: np.ndarray, chosen: tuple[MarkerColour, RoundMarks], above: np.ndarray | None = None
) -> np.ndarray:
    """Return where marks are: without thin lines, with the inside of rings."""
    tint, rounds = chosen
    if not rounds.rings:
        return core_of(index, tint, thin=_line_width(rounds), above=above)
    ring = core_of(index, tint)
    return fill_holes(ring.astype(np.float32), np.pi / 4 * rounds.width**2) >= 0.5


def _line_width(rounds: RoundMarks) -> int:
    """Return the width of lines to drop."""
    if rounds.width <= _SMALL or rounds.number < _FEW_ALONE:
        return 0
    return min(max(1, int(_THIN * rounds.width)), _THICKEST)


def _unless_specks(dots: Dots | None) -> Dots | None:
    """Return the dots, unless there are none or only specks."""
    if dots is None or len(dots.centre) == 0:
        return None
    specks = dots.size.radius < _SPECK and dots.room < _ROOM_OF_SPECKS
    return None if specks else dots


def _measured(
    coverage: np.ndarray, core: np.ndarray, trust: float, above: Outline | None = None
) -> Marks:
    """Outline a coverage, without the outline of marks drawn above, and measure its dots.

    `trust` is that of the marker colour.
    """
    edge = _without_outline(outline(coverage), above)
    size = measure_dots(coverage, edge)
    if size is not None and size.spread > _RAGGED:
        coverage = ndimage.gaussian_filter(coverage, _STEADY)
        edge = _without_outline(outline(coverage), above)
        size = measure_dots(coverage, edge)
    if size is not None and trust < 1:
        size = size._replace(spread=max(size.spread, _COMPRESSED))
    return Marks(coverage, edge, core, size)


def _without_outline(edge: Outline, above: Outline | None) -> Outline:
    """Return the points that are a pixel or more from another outline."""
    if above is None or len(above.point) == 0 or len(edge.point) == 0:
        return edge
    own = np.isfinite(cKDTree(above.point).query(edge.point, distance_upper_bound=1.0)[0])
    return edge.where(~own)


def _visible_dots(dots: Dots, core: np.ndarray) -> Dots:
    """Return the dots whose own colour is within two pixels of the centre."""
    row, column, inside = pixels_at(core.shape, dots.centre)
    visible = inside & dilate(core, 2)[row, column]
    return dots._replace(centre=dots.centre[visible], error=dots.error[visible])
