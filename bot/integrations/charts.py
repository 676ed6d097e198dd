"""Charts as PNG. Called in the worker process, the only one that loads matplotlib."""

from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import product
from textwrap import fill

#: Colour-blind people and black-and-white print distinguish neighbours of this list.
_COLOURS = ("#4C8BF5", "#1B2A6B", "#F29F05", "#009E73", "#CC79A7", "#8C4A00", "#9AA5B1", "#111111")
#: Patterns for series beyond the colours.
_HATCHES = ("", "//", "..", "xx")
_INCHES = (9, 5)
_DPI = 120
#: More labels below the columns would overlap.
_MAX_LABELS = 18
#: Up to this number the labels are horizontal, in lines of ``_LABEL_WIDTH`` characters.
_MAX_HORIZONTAL_LABELS = 6
_LABEL_WIDTH = 14
_LEGEND_COLUMNS = 4
#: Heights of the legend's first row and of each other one.
_LEGEND_POINTS = 28
_LEGEND_ROW_POINTS = 17


def draw_columns(
    title: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
) -> bytes:
    """Draws stacked columns and returns a PNG.

    ``series``: any number of names, each with one value per label. ``unit`` is that of the values.
    """
    from matplotlib.figure import Figure  # noqa: PLC0415 (half a second and 60 MB)
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    bottom = [0.0] * len(labels)
    places = range(len(labels))
    for (name, values), (hatch, colour) in zip(series, _iterate_styles(), strict=False):
        axes.bar(
            places,
            values,
            bottom=bottom,
            label=name,
            color=colour,
            hatch=hatch,
            edgecolor="white" if hatch else None,
        )
        bottom = [low + value for low, value in zip(bottom, values, strict=True)]
    if len(labels) <= _MAX_LABELS:
        for place, total in zip(places, bottom, strict=True):
            axes.annotate(
                f"{total:.0f}", (place, total), (0, 2), textcoords="offset points", ha="center"
            )
    if len(labels) <= _MAX_HORIZONTAL_LABELS:
        axes.set_xticks(list(places), [_wrap_label(label) for label in labels])
    else:
        step = -(-len(labels) // _MAX_LABELS)
        axes.set_xticks(list(places)[::step], list(labels)[::step], rotation=45, ha="right")
    legend_rows = -(-len(series) // _LEGEND_COLUMNS)
    above = _LEGEND_POINTS + (legend_rows - 1) * _LEGEND_ROW_POINTS
    axes.set_title(title, pad=above if len(series) > 1 else None)
    axes.set_ylabel(unit)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if len(series) > 1:
        # Between title and columns: inside the axes it would cover the highest ones.
        axes.legend(
            loc="lower center",
            bbox_to_anchor=(0.5, 1.0),
            frameon=False,
            ncols=min(len(series), _LEGEND_COLUMNS),
        )
    picture = BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _iterate_styles() -> Iterator[tuple[str, str]]:
    """Hatch and colour of each series, without end."""
    while True:
        yield from product(_HATCHES, _COLOURS)


def _wrap_label(label: str) -> str:
    return fill(label, _LABEL_WIDTH, break_long_words=False)
