"""What lies in the pictures on a graph's wires, in numbers: plausible renders hide constant and clipped masks."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from materials import render as engine
from materials.errors import UsageError
from materials.evaluate import Cancel, Progress, evaluate
from materials.flatten import bypassed, flatten
from nodes.arrays import Regions
from nodes.declare import CHANNELS, Kind

PERCENTILES: tuple[int, ...] = (1, 5, 25, 50, 75, 95, 99)

EVEN = 1 / 255
"""Tones that differ by less than this look like one."""

LOST, NEAR = 0.05, 0.05
"""Share of pixels at an end from which a picture may be clipped, and how far from it tones count as near."""

OUTSIDE = 0.01
"""Share of pixels outside 0 to 1 that is worth a word: noises leave it by a few in a thousand."""


@dataclass(frozen=True)
class ByRegion:
    """How a picture differs from region to region: deviation of the regions' means, mean deviation within them."""

    count: int
    between: float
    within: float
    lowest: float
    highest: float


@dataclass(frozen=True)
class Statistic:
    """One channel of one picture. `at_zero` and `at_one` are shares of pixels at or beyond these."""

    name: str
    channel: str
    mean: float
    sigma: float
    minimum: float
    maximum: float
    percentiles: Mapping[int, float]
    at_zero: float
    at_one: float
    regions: ByRegion | None = None
    warnings: tuple[str, ...] = ()

    def as_data(self) -> dict[str, Any]:
        data = asdict(self)
        return data | {"percentiles": {str(key): value for key, value in self.percentiles.items()}}


def statistics(name: str, image: np.ndarray, regions: Regions | None = None) -> list[Statistic]:
    """Return the statistics of a picture, (H, W) or (H, W, c), a channel each.

    Raises
    ------
    UsageError
        If it has no pixels, or some that are no numbers.
    """
    if image.size == 0 or not np.isfinite(image).all():
        raise UsageError(f"{name} has no pixels" if image.size == 0 else f"{name} holds NaN or infinity")
    if image.ndim == 2:
        return [_channel(name, "", image, regions)]
    letters = "rgb" if image.shape[2] == 3 else "xy"
    return [_channel(name, letter, image[..., number], regions) for number, letter in enumerate(letters)]


def _channel(name: str, channel: str, plane: np.ndarray, regions: Regions | None) -> Statistic:
    wide = plane.astype(np.float64)
    percentiles = dict(zip(PERCENTILES, map(float, np.percentile(wide, PERCENTILES)), strict=True))
    at_zero, at_one = float((plane <= 0).mean()), float((plane >= 1).mean())
    vector = channel in ("x", "y")
    return Statistic(
        name,
        channel,
        float(wide.mean()),
        float(wide.std()),
        float(plane.min()),
        float(plane.max()),
        percentiles,
        at_zero,
        at_one,
        None if regions is None else _by_region(wide, regions),
        tuple(_warnings(plane, percentiles, 0.0 if vector else at_zero, 0.0 if vector else at_one, vector)),
    )


def _by_region(plane: np.ndarray, regions: Regions) -> ByRegion:
    labels = regions.labels.reshape(-1)
    pixels = np.bincount(labels, minlength=regions.count + 1)[1:]
    sums, squares = (
        np.bincount(labels, weights=weights.reshape(-1), minlength=regions.count + 1)[1:]
        for weights in (plane, plane**2)
    )
    seen = pixels > 0
    if not seen.any():
        return ByRegion(0, 0.0, 0.0, 0.0, 0.0)
    means = sums[seen] / pixels[seen]
    within = np.sqrt(np.maximum(squares[seen] / pixels[seen] - means**2, 0))
    return ByRegion(len(means), float(means.std()), float(within.mean()), float(means.min()), float(means.max()))


def _warnings(
    plane: np.ndarray, percentiles: Mapping[int, float], at_zero: float, at_one: float, vector: bool
) -> list[str]:
    low, high = float(plane.min()), float(plane.max())
    if high - low < 1e-6:
        return [f"constant, {low:.4g} everywhere"]
    found = []
    if not vector and max(at_zero, at_one) > 0.995:
        found.append(f"all but {'empty' if at_zero > at_one else 'full'}, {1 - max(at_zero, at_one):.2%} differ")
    elif percentiles[99] - percentiles[1] < EVEN:
        found.append("nearly constant, 98 % lie within one 8-bit tone")
    # A mask lies at its ends on purpose; where tones pile up towards an end, those beyond it have been lost.
    near = float(((plane > 0) & (plane < NEAR)).mean()), float(((plane < 1) & (plane > 1 - NEAR)).mean())
    ends = ("0", at_zero, near[0]), ("1", at_one, near[1])
    found += [
        f"clipped, {share:.1%} lie at {end}" for end, share, beside in ends if share > LOST and beside > share / 5
    ]
    outside = 0.0 if vector else float(((plane < 0) | (plane > 1)).mean())
    if outside > OUTSIDE:
        found.append(f"{outside:.1%} lie outside 0 to 1")
    return found


# ---- of a graph ----------------------------------------------------------------------------------


def of_graph(
    graph: engine.Graph,
    names: Collection[str] = (),
    size: int | tuple[int, int] = 512,
    *,
    seed: int = 0,
    regions: str | None = None,
    every: bool = False,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> list[Statistic]:
    """Return the statistics of pictures on a graph's wires.

    Parameters
    ----------
    names : outputs of the graph, `node` or `node.output`; none for all outputs of the graph.
    regions : a node or an output that makes regions, to tell how pictures differ from one to another.
    every : all pictures that any node makes.
    """
    asked = list(names) or (_all_pictures(graph) if every else None)
    if asked is None:
        asked = list(engine.output_kinds(graph))
    outputs = [*asked, regions] if regions and regions not in asked else asked
    made, _ = engine.prepare(graph, size, seed=seed, outputs=outputs)
    values, _ = evaluate(made, progress=progress, cancel=cancel)
    divided = values.pop(regions, None) if regions else None
    if not isinstance(divided, Regions | None) or (regions and divided is None):
        raise UsageError(f"{regions} makes no regions", hint="name a flood_fill, or an output like bricks.regions")
    pictures = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    if not pictures:
        raise UsageError("there is no picture to look at", hint="name a node that makes one")
    return [one for name, image in pictures.items() for one in statistics(name, image, divided)]


def _all_pictures(graph: engine.Graph) -> list[str]:
    """Return the names of all pictures that nodes make, whether an output depends on them or not."""
    flat = bypassed(flatten(graph.document, graph.folder))
    pictures = {*CHANNELS, Kind.IMAGE}
    return [
        f"{path}.{output.name}"
        for path, node in flat.nodes.items()
        if node.type is not None and _is_fed(node.type, flat.feeds.get(path, {}))
        for output in node.type.outputs
        if output.kind in pictures
    ]


def _is_fed(kind: Any, feeds: Mapping[str, Any]) -> bool:
    return all(socket.optional or socket.name in feeds for socket in kind.sockets)


def as_table(found: Collection[Statistic]) -> list[str]:
    """Return statistics as lines for people to read, warnings below what they are about."""
    names = [f"{one.name}{' ' + one.channel if one.channel else ''}" for one in found]
    width = max(map(len, names), default=0)
    columns = ("mean", "sigma", "min", "p1", "p50", "p99", "max", "at 0", "at 1")
    by_region = ("regions", "between", "within") if any(one.regions for one in found) else ()
    lines = [" " * width + "".join(f"{column:>10}" for column in (*columns, *by_region))]
    for name, one in zip(names, found, strict=True):
        p = one.percentiles
        numbers = (one.mean, one.sigma, one.minimum, p[1], p[50], p[99], one.maximum)
        line = f"{name:<{width}}" + "".join(f"{number:10.3g}" for number in numbers)
        line += f"{one.at_zero:10.1%}{one.at_one:10.1%}"
        if one.regions:
            line += f"{one.regions.count:10d}{one.regions.between:10.3g}{one.regions.within:10.3g}"
        lines.append(line)
        lines += [f"{'':<{width}}   warning: {text}" for text in one.warnings]
    return lines
