"""Grunge: ready mixtures of the noises and marks, for masks of wear and dirt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Annotated, Any, Literal, get_args

import numpy as np

from nodes.declare import Band, Flow, Gray, Range, Seed, node
from nodes.kernels import f32
from nodes.kernels.hash import stream
from nodes.procedural import marks, noise

Recipe = Literal[
    "dust",
    "smears",
    "stains",
    "leaks_map",
    "scratched",
    "worn",
    "mottled",
    "crackle",
    "rain_spots",
    "rust_bloom",
    "plaster",
    "cloudy_fine",
]

REFERENCE, CELL, BLOCK = 256, 64, 8
"""The covered share is measured on a picture of 256 pixels across, or of 64 for each cell if that is more (but no more
than the picture has), on as many rows as make a square of 256; rows in blocks of 8 if not on all."""


@dataclass(frozen=True)
class Sheet:
    """Rows of a picture to mix layers on. Each layer has a `use`, its own stream of randomness.

    Noises have mean 0 and standard deviation 1, marks run from 0 to 1, distances are in cells.
    """

    band: Band
    cells: int
    seed: int
    offset: np.ndarray | None

    def noise(self, use: int, cells: float, octaves: int = 5, gain: float = 0.5, **more: Any) -> np.ndarray:
        return self._noise(noise.fbm, use, cells, octaves=octaves, gain=gain, basis="simplex", **more)

    def ridges(self, use: int, cells: float, octaves: int = 4, **more: Any) -> np.ndarray:
        return self._noise(noise.ridged, use, cells, octaves=octaves, normalise=True, **more)

    def lumps(self, use: int, cells: float, octaves: int = 4, **more: Any) -> np.ndarray:
        return self._noise(noise.billow, use, cells, octaves=octaves, **more)

    def _noise(
        self, function: Callable[..., np.ndarray], use: int, cells: float, down: float = 0, **more: Any
    ) -> np.ndarray:
        cells_y = max(1, round(self.cells * down * self.band.height / self.band.width)) if down else 0
        count = max(1, round(self.cells * cells))
        seed = stream(self.seed, use)
        out = function(self.band, cells=count, cells_y=cells_y, seed=seed, offset=self.offset, **more)
        out -= f32(0.5)
        out *= f32(1 / 0.16)
        return out

    def grain(self, use: int, size: float = 0.0015) -> np.ndarray:
        out = noise.white_noise(
            self.band, grain=size * self.band.width, spread=1.0, seed=stream(self.seed, use), offset=self.offset
        )
        return out - f32(0.5)

    def cell(self, use: int, cells: float, output: str) -> np.ndarray:
        band = replace(self.band, wanted=frozenset({output}))
        count = max(1, round(self.cells * cells))
        return getattr(noise.voronoi(band, cells=count, seed=stream(self.seed, use), offset=self.offset), output)

    def spots(self, use: int, cells: float, profile: str = "dome", **more: float) -> marks.Spots:
        own = {
            "smallest": 0.06,
            "largest": 0.6,
            "law": 4.0,
            "share": 0.9,
            "jitter": 1.0,
            "faintest": 0.3,
            "by_size": 0.3,
        }
        count = max(1, round(self.cells * cells))
        settings = tuple({**own, **more, "cells": count, "seed": stream(self.seed, use)}.items())
        table = _spots(self.band.height, self.band.width, settings)
        return marks.spots(self.band, profile=profile, offset=self.offset, prepared=table)

    def strokes(
        self, use: int, count: float, taper: float = 0.6, broken: float = 0.3, **more: float
    ) -> marks.Scratches:
        """Return scratches, `count` for each cell of the first noise; lengths and width in such cells."""
        own = {
            "shortest": 0.1,
            "longest": 1.5,
            "law": 2.5,
            "thickness": 0.012,
            "thickness_jitter": 0.6,
            "curvature": 0.12,
        }
        own |= {"angle": 0.0, "spread": 1.0, "depth_jitter": 0.6} | more
        seed = stream(self.seed, use)
        number = round(count * self.cells * self.cells * self.band.height / self.band.width)
        lengths = {name: own[name] * self.band.width / self.cells for name in ("shortest", "longest", "thickness")}
        settings = tuple({**own, **lengths, "count": number, "seed": seed}.items())
        table = _strokes(self.band.height, self.band.width, settings)
        return marks.scratches(self.band, taper=taper, broken=broken, seed=seed, offset=self.offset, prepared=table)

    def moved(self, x: np.ndarray, y: np.ndarray | float = 0.0) -> Sheet:
        """Return the sheet with its coordinates moved, in cells."""
        by = np.empty((*x.shape, 2), np.float32)
        by[..., 0], by[..., 1] = x / self.cells, y / (self.cells * self.band.height / self.band.width)
        return replace(self, offset=by if self.offset is None else by + self.offset)

    def sheared(self, times: int) -> Sheet:
        """Return the sheet leaning by a whole number of tiles over its width, which tiles; 1 is along a diagonal."""
        y = np.empty((self.band.rows, self.band.width), np.float32)
        y[:] = (np.arange(self.band.width, dtype=np.float32) + f32(0.5)) / f32(self.band.width)
        if self.offset is not None:
            y += self.offset[..., 0]
        y *= f32(times * self.cells * self.band.height / self.band.width)
        return self.moved(np.zeros_like(y), y)


@lru_cache(maxsize=32)
def _spots(height: int, width: int, settings: tuple[tuple[str, Any], ...]) -> np.ndarray:
    return marks._spots(Band(height, width, 0, height), clusters=None, **dict(settings))


@lru_cache(maxsize=16)
def _strokes(height: int, width: int, settings: tuple[tuple[str, Any], ...]) -> marks.Strokes:
    return marks._scratches(Band(height, width, 0, height), clusters=None, **dict(settings))


def _step(low: float, high: float, x: np.ndarray) -> np.ndarray:
    t = np.clip((x - f32(low)) * f32(1 / (high - low)), 0, 1)
    return t * t * (3 - 2 * t)


# ---- the recipes: what is high is covered first ------------------------------------------------------


def _dust(s: Sheet) -> np.ndarray:
    """Deposits in patches, of fine grain, with specks and a few lumps on them."""
    patch = s.noise(0, 0.6, 4, 0.55) + 0.4 * s.noise(1, 3, 3)
    thick = _step(-1.2, 1.4, patch)
    specks = s.spots(2, 9, law=5.0, smallest=0.05, largest=0.42).height * (0.25 + 0.75 * thick)
    motes = s.spots(3, 36, law=2.5, smallest=0.05, largest=0.45).height * thick
    return 0.9 * patch + (0.2 + 0.3 * thick) * (s.noise(4, 18, 3, 0.7) + 0.8 * s.grain(5)) + 4 * specks + 1.8 * motes


def _smears(s: Sheet) -> np.ndarray:
    """Wiped film: patches of streaks, each wiped its own way over the one below."""
    total, bend = 0.5 * s.noise(0, 1, 4), 0.07 * s.noise(1, 0.4, 2)
    for k, turns in enumerate((0, 1, -1, 0)):
        way = s.sheared(turns).moved(bend, bend)
        streaks = way.noise(2 + k, 0.5, 4, 0.6, down=7) + 0.4 * way.noise(6 + k, 1, 3, 0.7, down=50)
        wiped = 1.0 if k == 0 else _step(-0.1, 1.3, s.noise(10 + k, 0.7, 3) + 0.25 * streaks)
        total = total * (1 - 0.8 * wiped) + wiped * (0.62 * streaks - 0.25 * (k > 0))
    return total + 0.4 * s.noise(15, 0.7, 3) + 0.08 * s.grain(14)


def _stains(s: Sheet) -> np.ndarray:
    """Dried puddles over each other: flat inside, darkest at a rim that ran out in lobes."""
    total = 0.22 * s.noise(0, 6, 4, 0.6) + 0.06 * s.grain(9)
    for k, (cells, strength) in enumerate(((0.6, 1.0), (1.1, 0.8), (2.2, 0.6))):
        pool = s.noise(1 + k, cells, 5, 0.4, warp=0.12) - 0.4
        rim = np.exp(-np.abs(pool - 0.05) * 12) * _step(-0.05, 0.05, pool)
        uneven = 0.3 + 0.7 * _step(-0.8, 1, s.noise(5 + k, 2, 3))
        total = total + strength * (0.8 * _step(-0.03, 0.05, pool) + 1.0 * rim * uneven)
    return total


def _leaks(s: Sheet) -> np.ndarray:
    """Runs that start at a point, thin out as they go down, and wash the wall beside them."""
    sway = s.moved(0.035 * s.noise(0, 1.5, 2, down=0.6))
    broad = sway.noise(2, 6, 3, 0.55, down=0.4)
    thin = sway.noise(3, 28, 3, 0.6, down=0.6)
    runs = np.zeros_like(thin)
    for use, count, width, longest in ((4, 3.0, 0.035, 2.6), (5, 10.0, 0.016, 1.8), (6, 0.8, 0.075, 2.4)):
        own = {"thickness": width, "longest": longest, "angle": -np.pi / 2, "spread": 0.008, "curvature": 0.01}
        drawn = sway.strokes(use, count, taper=0.05, broken=0.0, depth_jitter=0.5, **own)
        fade = 1 - drawn.along
        runs = np.maximum(runs, drawn.height * fade * np.sqrt(fade))
    torn = 0.65 + 0.35 * _step(-1, 1, s.noise(7, 14, 4, 0.7, down=9))
    damp = s.noise(8, 1, 5, 0.55)
    return (
        (0.4 * broad + 0.25 * thin) * (0.6 + 0.4 * _step(-1, 1, damp))
        + 3.2 * runs * torn
        + 0.45 * damp
        + 0.06 * s.grain(9)
    )


def _scratched(s: Sheet) -> np.ndarray:
    """Hairlines in bundles, a few deep cuts, and the dull haze of those too fine to see."""
    patch = s.noise(0, 0.75, 3, 0.4)
    hairs = s.strokes(1, 40, thickness=0.012, longest=1.6, spread=1.0, curvature=0.1).height
    bundle = s.strokes(2, 40, thickness=0.010, longest=1.1, angle=0.6, spread=0.12, curvature=0.05).height
    cross = s.strokes(3, 24, thickness=0.010, longest=0.9, angle=-0.9, spread=0.2, curvature=0.05).height
    cuts = s.strokes(4, 1.6, thickness=0.026, longest=2.5, broken=0.15).height
    haze = s.sheared(1).noise(5, 3, 3, 0.7, down=40) + s.sheared(-2).noise(6, 3, 3, 0.7, down=40)
    worn, other = _step(-0.6, 1.2, patch), _step(-0.8, 1.0, -patch)
    return (
        0.5 * patch + 0.1 * haze + 2.4 * hairs + 2.8 * (bundle * worn + cross * other) + 4.5 * cuts + 0.08 * s.grain(7)
    )


def _worn(s: Sheet) -> np.ndarray:
    """A film rubbed and chipped away: angular breaks where it is brittle, rubbed thin where it is not."""
    broken = s.moved(0.015 * s.noise(0, 6, 2), 0.015 * s.noise(1, 6, 2))
    brittle = _step(-0.7, 0.5, s.noise(5, 1.5, 3))
    crumbs = broken.cell(4, 14, "id") - 0.5
    flakes = 1.5 * (broken.cell(3, 5, "id") - 0.5) + crumbs
    rubbed = 0.45 * s.noise(6, 10, 5, 0.68)
    age = 0.9 * s.noise(2, 0.9, 5, 0.55) + brittle * flakes + (1 - 0.75 * brittle) * rubbed
    return age + 0.7 * _step(-0.05, 0.2, age) + 0.7 * _step(0.65, 0.85, age) + 0.06 * s.grain(7)


def _mottled(s: Sheet) -> np.ndarray:
    """Soft blotches of two sizes, as on old stone and skin."""
    blotch = _step(-0.8, 1.6, s.noise(0, 2.5, 3, 0.4, warp=0.2)) - 0.35
    spotty = _step(0.0, 1.2, s.noise(4, 7, 3, 0.5)) - 0.3
    return (
        1.3 * blotch + 0.8 * spotty + 0.45 * s.noise(1, 1, 3) + 0.2 * s.noise(2, 12, 3, 0.6) + 0.07 * s.noise(3, 60, 2)
    )


def _crackle(s: Sheet) -> np.ndarray:
    """Cracks in dried skin: plates, their finer splits where the skin is old, each of a width of its own."""
    bent = s.moved(
        0.045 * s.noise(0, 2, 2) + 0.006 * s.noise(1, 14, 2), 0.045 * s.noise(2, 2, 2) + 0.006 * s.noise(3, 14, 2)
    )
    old = _step(-0.6, 1.0, s.noise(4, 0.9, 3))
    uneven = np.exp(0.35 * s.noise(5, 3, 3))
    plates, splits = bent.cell(6, 1.5, "edge") / 1.5, bent.cell(7, 5, "edge") / 5
    deep = np.exp(-(plates * uneven) * 45)
    fine = np.exp(-(splits * uneven) * 110) * (0.15 + 0.85 * old)
    dirt = np.exp(-plates * 7)
    ground = 0.4 * s.noise(8, 1.5, 5, 0.6) + 0.16 * s.noise(9, 24, 3, 0.7) + 0.08 * s.grain(10)
    return 3.2 * np.maximum(deep, 0.8 * fine) + 0.8 * dirt + 0.35 * old + ground


def _rain(s: Sheet) -> np.ndarray:
    """Dried drops: a rim of dirt round a cleaner middle, many small and a few large, some run together."""
    shaky = s.moved(0.006 * s.noise(0, 6, 2), 0.006 * s.noise(1, 6, 2))
    total = 0.4 * s.noise(2, 1, 5, 0.6) + 0.13 * s.noise(3, 24, 3, 0.7) + 0.08 * s.grain(4)
    for use, cells, law in ((5, 2.5, 3.0), (6, 6.0, 3.0), (7, 16.0, 2.5)):
        own = {"law": law, "smallest": 0.12, "largest": 0.62, "faintest": 1.0, "by_size": 0.0, "share": 0.75}
        drop = shaky.spots(use, cells, "cone", **own)
        rim = np.exp(-(((drop.height - 0.1) * 9) ** 2)) * drop.mask
        total = total + (0.25 + 0.75 * drop.random) * (1.7 * rim + 0.3 * drop.mask)
    return total


def _rust(s: Sheet) -> np.ndarray:
    """Fronts that spread from seeds of unlike age, coast within coast, grainy inside."""
    coast = s.moved(
        0.12 * s.noise(0, 1.5, 4, 0.55) + 0.02 * s.noise(1, 12, 3),
        0.12 * s.noise(2, 1.5, 4, 0.55) + 0.02 * s.noise(3, 12, 3),
    )
    age = np.zeros((s.band.rows, s.band.width), np.float32)
    for use, cells, weight in ((4, 0.75, 1.0), (5, 1.6, 0.8), (6, 5.0, 0.45), (11, 14.0, 0.25)):
        own = {"law": 2.0, "smallest": 0.1, "largest": 1.0, "faintest": 0.5, "by_size": 0.7, "share": 0.7}
        age = np.maximum(age, weight * coast.spots(use, cells, "cone", **own).height)
    age += 0.06 * s.noise(8, 2, 6, 0.62) + 0.012 * s.noise(9, 24, 3, 0.7)
    pits = s.spots(7, 26, "bell", law=2.5, largest=0.7).height * _step(0.15, 0.4, age)
    halo, front, core = _step(-0.15, 0.25, age), _step(0.13, 0.19, age), _step(0.3, 0.36, age)
    return 1.2 * halo + 1.0 * front + 0.6 * core + 2.0 * age + 0.5 * pits + 0.06 * s.grain(10) * (0.3 + front)


def _plaster(s: Sheet) -> np.ndarray:
    """Trowelled skin: flats laid over each other by strokes of several ways, drag lines, pinholes."""
    bend = 0.08 * s.noise(0, 0.6, 2)
    skin = 0.6 * s.noise(1, 1.5, 4, 0.55)
    for k, turns in enumerate((1, 0, -1, 0)):
        way = s.sheared(turns).moved(bend, bend)
        drag = way.noise(2 + k, 0.8, 3, 0.7, down=26)
        flat = s.noise(6 + k, 0.8, 2, 0.35) + 0.35 * way.noise(10 + k, 0.8, 2, down=3) + 0.05 * drag
        # A flat ends in a ridge where the trowel left it.
        lies = _step(0.2, 0.32, flat)
        ridge = np.exp(-(((flat - 0.24) * 16) ** 2))
        skin = skin * (1 - 0.8 * lies) + lies * (0.4 * s.noise(16 + k, 0.8, 2) + 0.09 * drag - 0.2) + 0.5 * ridge
    holes = s.spots(20, 10, "bell", law=4.0, smallest=0.05, largest=0.3).height
    return skin + 0.14 * s.noise(21, 8, 5, 0.65) - 1.6 * holes + 0.05 * s.grain(22)


def _cloudy(s: Sheet) -> np.ndarray:
    """Clouds with all sizes in them, down to the pixel."""
    return s.noise(0, 0.75, 9, 0.64) + 0.3 * s.lumps(1, 2, 4) + 0.08 * s.grain(2)


RECIPES: dict[str, Callable[[Sheet], np.ndarray]] = dict(
    zip(
        get_args(Recipe),
        (
            _dust,
            _smears,
            _stains,
            _leaks,
            _scratched,
            _worn,
            _mottled,
            _crackle,
            _rain,
            _rust,
            _plaster,
            _cloudy,
        ),
        strict=True,
    )
)


def _own(recipe: str, seed: int) -> int:
    """Return a recipe's seed, so that no two recipes share a layer."""
    return stream(seed, 1000 + get_args(Recipe).index(recipe))


def _law(band: Band, recipe: str, scale: int, balance: float, seed: int) -> tuple[float, float]:
    """Return the height above which the wanted share of the tile lies, and the spread of heights about it."""
    width = max(REFERENCE, min(CELL * scale, band.width))
    height = max(1, round(width * band.height / band.width))
    blocks = [(0, height)]
    if width * height > 1.5 * REFERENCE**2:
        count = max(1, REFERENCE**2 // (width * BLOCK))
        blocks = [
            (top, top + BLOCK) for top in np.linspace(0, height - BLOCK, count, endpoint=False).astype(int).tolist()
        ]
    raw = [RECIPES[recipe](Sheet(Band(height, width, *rows), scale, _own(recipe, seed), None)) for rows in blocks]
    low, middle, high = np.quantile(raw, (0.1, 1 - balance, 0.9))
    spread = max(float(high - low), 1e-3)
    beyond = 4 * spread * ((balance <= 0) - (balance >= 1))  # nothing and everything, for certain
    return float(middle) + beyond, spread


@node(prepare=_law, carries="opaque", bound=0.06, scratch=4)
def grunge(
    band: Band,
    recipe: Recipe = "worn",
    scale: Annotated[int, Range(1, 32)] = 4,
    balance: Annotated[float, Range(0.0, 1.0)] = 0.4,
    contrast: Annotated[float, Range(0.0, 1.0)] = 0.2,
    seed: Seed = 0,
    offset: Flow | None = None,
    prepared: tuple[float, float] | None = None,
) -> Gray:
    """Wear and dirt ready to use as a mask, in twelve kinds, each of a cause, patches and torn edges.

    The share of the tile above 0.5 is `balance`, whatever the kind, seed and contrast: it is measured on a small
    picture of the same tile, so that it is the same threshold at every size.

    Parameters
    ----------
    recipe : which kind
    scale : cells of the largest forms across the tile
    balance : share of the tile that is covered, that is above 0.5
    contrast : how hard the edges are; at 0 all tones are kept, at 1 it is a mask of black and white
    """
    middle, spread = prepared  # type: ignore[misc]  # from prepare
    rows = Band(band.height, band.width, band.top, band.bottom)  # its buffers are not the layers' to take
    raw = RECIPES[recipe](Sheet(rows, scale, _own(recipe, seed), offset))
    steep = 0.5 / (spread * (1 - 0.96 * contrast))
    t = np.clip((raw - f32(middle)) * f32(steep) + f32(0.5), 0, 1)
    out = band.empty()
    np.multiply(t * t, 3 - 2 * t, out=out)
    return out
