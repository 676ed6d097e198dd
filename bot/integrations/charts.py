"""Charts. Drawn in the worker process, the only one that loads matplotlib."""

from collections.abc import Sequence
from io import BytesIO
from textwrap import fill

#: Blue, dark blue, orange: told apart by the colour-blind and in print.
_COLOURS = ("#4C8BF5", "#1B2A6B", "#F29F05")
_INCHES = (9, 5)
_DPI = 120
#: More labels below the columns would overlap.
_LABELS = 18
#: So few are written without turning the head, in lines of so many characters.
_LYING_LABELS = 6
_LABEL_WIDTH = 14
_LEGEND_POINTS = 28


def draw_columns(
    title: str,
    unit: str,
    labels: Sequence[str],
    series: Sequence[tuple[str, Sequence[float]]],
) -> bytes:
    """PNG of stacked columns; ``series`` are name and a value for each label."""
    from matplotlib.figure import Figure  # noqa: PLC0415 (half a second and 60 MB)
    from matplotlib.ticker import MaxNLocator  # noqa: PLC0415

    figure = Figure(figsize=_INCHES, dpi=_DPI, layout="constrained")
    axes = figure.add_subplot()
    bottom = [0.0] * len(labels)
    places = range(len(labels))
    for (name, values), colour in zip(series, _COLOURS, strict=False):
        axes.bar(places, values, bottom=bottom, label=name, color=colour)
        bottom = [low + value for low, value in zip(bottom, values, strict=True)]
    if len(labels) <= _LABELS:
        for place, total in zip(places, bottom, strict=True):
            axes.annotate(
                f"{total:.0f}", (place, total), (0, 2), textcoords="offset points", ha="center"
            )
    if len(labels) <= _LYING_LABELS:
        axes.set_xticks(list(places), [_wrap_label(label) for label in labels])
    else:
        step = -(-len(labels) // _LABELS)
        axes.set_xticks(list(places)[::step], list(labels)[::step], rotation=45, ha="right")
    axes.set_title(title, pad=_LEGEND_POINTS if len(series) > 1 else None)
    axes.set_ylabel(unit)
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.grid(axis="y", alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    if len(series) > 1:
        # Between title and columns: inside, it would lie on the highest ones.
        above = (0.5, 1.0)
        axes.legend(loc="lower center", bbox_to_anchor=above, frameon=False, ncols=len(series))
    picture = BytesIO()
    figure.savefig(picture, format="png")
    return picture.getvalue()


def _wrap_label(label: str) -> str:
    return fill(label, _LABEL_WIDTH, break_long_words=False)
