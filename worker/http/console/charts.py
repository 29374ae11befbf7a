"""How is a row of numbers drawn? By pygal, without its looks: the console's sheet colours it."""

from __future__ import annotations

import sys
from functools import lru_cache
from math import ceil, floor
from typing import Any

from markupsafe import Markup
from pygal import Bar
from pygal.etree import etree

# pygal leaves a finder of plug-ins behind, of which Python 3.11 warns at whatever is imported next
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != "pygal"]

WIDTH, HEIGHT = 480, 210
# what pygal brings to move and to colour by itself, and what only its script would show
DROPPED_TAGS = ("defs", "style", "script", "title", "desc")
DROPPED_CLASSES = ("plot overlay", "plot text-overlay", "plot tooltip-overlay", "titles")


@lru_cache(maxsize=64)
def bars(labels: tuple[str, ...], *series: tuple[float | None, ...]) -> Markup:
    """An SVG for eyes only: whoever shows it has the same numbers in a table beside."""
    most = max((one for values in series for one in values if one), default=1)
    chart = Bar(
        width=WIDTH, height=HEIGHT, show_legend=False, js=(), margin=4, range=(0, most),
        y_labels_major_count=2, show_minor_y_labels=False, pretty_print=False, explicit_size=False,
    )  # fmt: skip
    chart.y_labels = _steps(most)
    chart.x_labels = labels
    for number, values in enumerate(series):
        chart.add(str(number), list(values))
    return _drawn(chart)


@lru_cache(maxsize=64)
def intervals(
    labels: tuple[str, ...], spans: tuple[tuple[float, float, float] | None, ...]
) -> Markup:
    """Bars of estimates, each with the lowest and the highest that fit what was seen."""
    ends = [0.0, *(end for span in spans if span for end in span)]
    low, high = min(ends), max(ends)
    chart = Bar(
        width=WIDTH, height=HEIGHT, show_legend=False, js=(), margin=4, range=(low, high or 1),
        pretty_print=False, explicit_size=False,
    )  # fmt: skip
    step = _steps((high - low) or 1)[1:2] or [1.0]
    first = floor(low / step[0])
    chart.y_labels = [round(step[0] * n, 6) for n in range(first, ceil(high / step[0]) + 1)]
    chart.x_labels = labels
    chart.add(
        "0",
        [
            None if one is None else {"value": one[0], "ci": {"low": one[1], "high": one[2]}}
            for one in spans
        ],
    )
    # the lines of the ranges are drawn over the bars
    return _drawn(chart, dropped=DROPPED_CLASSES[1:])


def _drawn(chart: Any, dropped: tuple[str, ...] = DROPPED_CLASSES) -> Markup:
    tree = chart.render_tree()
    _clean(tree, dropped)
    tree.attrib.pop("id", None)
    tree.set("aria-hidden", "true")
    tree.set("focusable", "false")
    return Markup(etree.tostring(tree, encoding="unicode"))  # noqa: S704 - only numbers and labels of ours


def _steps(most: float) -> list[float]:
    """Up to four steps of a round length."""
    step = 1.0
    while most / step > 4:
        step *= 2.5 if str(step)[0] == "2" else 2
    return [step * n for n in range(int(most / step) + 1)]


def _clean(node: Any, dropped: tuple[str, ...]) -> None:
    for child in list(node):
        tag = child.tag
        if callable(tag) or tag in DROPPED_TAGS or child.get("class") in dropped:
            node.remove(child)
            continue
        child.attrib.pop("style", None)
        child.attrib.pop("id", None)
        _clean(child, dropped)
