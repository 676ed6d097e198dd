"""Charts as PNG. Called in the worker process, the only one that loads matplotlib."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import product
from textwrap import fill

#: Colour-blind people and black-and-white print distinguish neighbours of this list.
_COLOURS = ("#4C8BF5", "#1B2A6B", "#F29F05", "#009E73", "#CC79A7", "#8C4A00", "#9AA5B1", "#111111")
#: Patterns for series beyond the colours.
_HATCHES = ("", "//", "..", "xx")
#: A phone shows this width at about 40 %, so letters of 16 points are as large as its own.
_WIDTH_INCHES = 6.0
#: Heights of the title, of a row of the legend, and of a bar with its gap; narrower ones when there
#: are many.
_FRAME_INCHES = 1.3
_LEGEND_ROW_INCHES = 0.3
_BAR_INCHES = 0.5
_NARROW_BAR_INCHES = 0.36
_FEW_BARS = 13
#: Room for fewer bars remains empty: a single one would fill the picture.
_LEAST_BARS = 3
_DPI = 150
_LETTERS = 16
_SMALL_LETTERS = 13
_TITLE_WIDTH = 32
_LABEL_WIDTH = 16
_LEGEND_COLUMNS = 3
#: Width of the bars with their totals, and of a letter of these.
_AXIS_INCHES = 4.0
_LETTER_INCHES = 0.14
_PAD_INCHES = 0.12


def draw_bars(
    title: str,
    subtitle: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
    totals: Sequence[str],
) -> bytes:
    """Draws stacked bars, one below the other, upright for a phone, and returns a PNG.

    ``series``: any number of names, each with one value per label. ``totals`` are the words at the
    end of each bar.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 (half a second and 60 MB)
    from matplotlib.layout_engine import ConstrainedLayoutEngine  # noqa: PLC0415

    rows = max(len(labels), _LEAST_BARS)
    legend_rows = -(-len(series) // _LEGEND_COLUMNS)
    height = (
        _FRAME_INCHES
        + legend_rows * _LEGEND_ROW_INCHES
        + rows * (_BAR_INCHES if rows <= _FEW_BARS else _NARROW_BAR_INCHES)
    )
    layout = ConstrainedLayoutEngine(w_pad=_PAD_INCHES, h_pad=_PAD_INCHES)
    figure = Figure(figsize=(_WIDTH_INCHES, height), dpi=_DPI, layout=layout)
    axes = figure.add_subplot()
    left = [0.0] * len(labels)
    places = range(len(labels))
    for (name, values), (hatch, colour) in zip(series, _iterate_styles(), strict=False):
        axes.barh(
            places,
            values,
            left=left,
            label=name,
            color=colour,
            hatch=hatch,
            edgecolor="white" if hatch else None,
        )
        left = [low + value for low, value in zip(left, values, strict=True)]
    for place, end, total in zip(places, left, totals, strict=True):
        axes.annotate(
            total, (end, place), (5, 0), textcoords="offset points", va="center", size=_LETTERS
        )
    total_inches = max(map(len, totals), default=0) * _LETTER_INCHES + _PAD_INCHES
    axes.set_xlim(0, max(left, default=0.0) * _AXIS_INCHES / (_AXIS_INCHES - total_inches) or 1)
    wrapped = [fill(one, _LABEL_WIDTH, break_long_words=False) for one in labels]
    axes.set_yticks(list(places), wrapped)
    axes.set_ylim(rows - 0.5, -0.5)
    is_wrapped = any("\n" in one for one in wrapped)
    axes.tick_params(axis="y", length=0, labelsize=_SMALL_LETTERS if is_wrapped else _LETTERS)
    axes.xaxis.set_visible(False)
    axes.spines[:].set_visible(False)
    lines = [fill(one, _TITLE_WIDTH, break_on_hyphens=False) for one in (title, subtitle)]
    figure.suptitle("\n".join(filter(None, lines)), size=_LETTERS + 1, weight="bold")
    if len(series) > 1:
        # Outside of the axes: inside it would cover the longest bars.
        figure.legend(
            loc="outside lower center",
            frameon=False,
            fontsize=_SMALL_LETTERS,
            ncols=min(len(series), _LEGEND_COLUMNS),
            handlelength=1.0,
            columnspacing=1.0,
        )
    picture = BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _iterate_styles() -> Iterator[tuple[str, str]]:
    """Hatch and colour of each series, without end."""
    while True:
        yield from product(_HATCHES, _COLOURS)
