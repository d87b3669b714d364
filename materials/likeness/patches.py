"""Terms that compare patches with their nearest ones: what is foreign, what is missing, what is copied and how."""

from __future__ import annotations

import numpy as np

from materials.likeness.kernels import LANES, nearest_patches, runs
from materials.likeness.picture import halved

FAR = np.float32(1e15)
DENSE = 288
"""Pictures with a longer short side are halved before all their patches are taken."""


def taken(image: np.ndarray, rows: np.ndarray, columns: np.ndarray, side: int) -> np.ndarray:
    """Return the patches of `side` pixels at some places as float32 (n, side * side * channels)."""
    views = np.lib.stride_tricks.sliding_window_view(image, (side, side), axis=(0, 1))
    return views[rows, columns].reshape(len(rows), -1)


def jittered_grid(shape: tuple[int, ...], side: int, count: int, draw: np.random.Generator) -> tuple[np.ndarray, ...]:
    """Return rows and columns of about `count` patches, one at random in each cell of a grid."""
    across = max(2, int(np.sqrt(count)))
    places = []
    for axis in (0, 1):
        room = shape[axis] - side + 1
        middle = np.arange(across) + 0.5
        middle = middle[:, None] if axis == 0 else middle[None]
        spread = middle + draw.uniform(-0.5, 0.5, (across, across))
        places.append(np.clip(spread * room / across, 0, room - 1).astype(np.int64).ravel())
    return tuple(places)


class Bank:
    """Patches of one picture by their strongest principal components, to find the nearest of.

    most : how many are kept, drawn at random; dims : components.
    """

    def __init__(
        self, image: np.ndarray, side: int, draw: np.random.Generator, dims: int = 24, most: int = 16000
    ) -> None:
        self.image, self.side = image, side
        down, across = image.shape[0] - side + 1, image.shape[1] - side + 1
        places = np.arange(down * across)
        if len(places) > most:
            places = np.sort(draw.choice(len(places), most, replace=False))
        rows, columns = places // across, places % across
        some = draw.choice(len(places), min(len(places), 6000), replace=False)
        sample = taken(image, rows[some], columns[some], side)
        self.mean = sample.mean(axis=0)
        sample = sample - self.mean
        _, vectors = np.linalg.eigh(sample.T @ sample / len(sample))
        self.basis = np.ascontiguousarray(vectors[:, ::-1][:, :dims])
        codes = np.concatenate(
            [
                self.coordinates(taken(image, rows[at : at + 8192], columns[at : at + 8192], side))
                for at in range(0, len(rows), 8192)
            ]
        )
        order = np.argsort(codes[:, 0], kind="stable")
        self._sort(codes[order], rows[order], columns[order])

    def _sort(self, codes: np.ndarray, rows: np.ndarray, columns: np.ndarray) -> None:
        count = -(-len(codes) // LANES)
        full = np.full((count * LANES, codes.shape[1]), FAR, np.float32)
        full[: len(codes)] = codes
        self.blocks = np.ascontiguousarray(full.reshape(count, LANES, -1).transpose(0, 2, 1))
        self.low = full[::LANES, 0].copy()
        self.high = np.minimum(full[LANES - 1 :: LANES, 0], codes[-1, 0])
        self.rows, self.columns = (
            np.pad(part, (0, len(full) - len(part)), mode="edge").astype(np.int32) for part in (rows, columns)
        )

    def coordinates(self, raw: np.ndarray) -> np.ndarray:
        return (raw - self.mean) @ self.basis

    def nearest(
        self, raw: np.ndarray, places: tuple[np.ndarray, ...] | None = None, radius: int = 0
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return how far the nearest patch is from each of `raw`, over all its values, and which it is.

        places : rows and columns of `raw` in the bank's own picture; patches nearer than `radius` are left out.
        """
        queries = np.ascontiguousarray(self.coordinates(raw), np.float32)
        starts = np.clip(np.searchsorted(self.low, queries[:, 0], side="right") - 1, 0, len(self.low) - 1)
        rows, columns = places if places else (np.zeros(len(raw)), np.zeros(len(raw)))
        found = np.zeros(len(raw), np.int64)
        nearest_patches(
            queries,
            starts.astype(np.int64),
            self.blocks,
            self.low,
            self.high,
            self.rows,
            self.columns,
            rows.astype(np.int32),
            columns.astype(np.int32),
            radius if places else 0,
            found,
        )
        best = taken(self.image, self.rows[found], self.columns[found], self.side)
        return np.sqrt(((raw - best) ** 2).sum(axis=1)), found

    def own(self, count: int, draw: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Return patches of the picture, and how far each is from the nearest that does not overlap it."""
        y, x = places = jittered_grid(self.image.shape, self.side, count, draw)
        raw = taken(self.image, y, x, self.side)
        return raw, self.nearest(raw, places, self.side)[0]


def neighbourhood_terms(
    exemplar: np.ndarray, result: np.ndarray, draw: np.random.Generator, count: int = 1000, side: int = 8
) -> dict[str, float]:
    """Return coherence, completeness, seam_p99 and fault_area, means over three scales."""
    rows: list[tuple[float, ...]] = []
    for _ in range(3):
        if min(*exemplar.shape[:2], *result.shape[:2]) < 3 * side:
            break
        known, made = Bank(exemplar, side, draw), Bank(result, side, draw)
        foreign, _ = known.nearest(taken(result, *jittered_grid(result.shape, side, count, draw), side))
        raw, own = known.own(count, draw)
        missing, _ = made.nearest(raw)
        usual, worst = own.mean() + 1e-4, np.percentile(own, 99) + 1e-4
        fault = float((foreign > np.percentile(own, 99.5)).mean())
        rows.append((foreign.mean() / usual, missing.mean() / usual, np.percentile(foreign, 99) / worst, fault))
        exemplar, result = halved(exemplar), halved(result)
    names = ("coherence", "completeness", "seam_p99", "fault_area")
    return dict(zip(names, map(float, np.mean(rows, axis=0)), strict=True))


def copy_terms(
    exemplar: np.ndarray, result: np.ndarray, draw: np.random.Generator, side: int = 9, step: int = 4
) -> dict[str, float]:
    """Return how large the pieces are that were copied in one, and how much of the exemplar they come from."""
    zoom = 1
    while min(exemplar.shape[:2]) > DENSE and min(result.shape[:2]) > 160:
        exemplar, result, zoom = halved(exemplar), halved(result), 2 * zoom
    rows, columns = (_middle(np.arange(0, length - side + 1, step), 60) for length in result.shape[:2])
    y, x = (part.astype(np.int32) for part in np.meshgrid(rows, columns, indexing="ij"))
    bank = Bank(exemplar, side, draw, dims=32, most=84000)
    _, found = bank.nearest(taken(result, y.ravel(), x.ravel(), side))
    from_y, from_x = bank.rows[found].reshape(y.shape), bank.columns[found].reshape(y.shape)
    labels = np.zeros(y.shape, np.int32)
    runs(np.ascontiguousarray(from_y - y), np.ascontiguousarray(from_x - x), labels)
    areas = np.bincount(labels.ravel(), minlength=labels.size)[labels.ravel()] * step**2
    cells = 16
    used = np.zeros((cells, cells), bool)
    used[from_y * cells // (exemplar.shape[0] - side + 1), from_x * cells // (exemplar.shape[1] - side + 1)] = True
    expected = 1 - (1 - 1 / cells**2) ** labels.size
    return {
        "copy_cells": float(min(areas.mean() / (exemplar.shape[0] * exemplar.shape[1]), 1.0)),
        "copy_px": float(zoom * np.sqrt(np.median(areas))),
        "usage": float(min(used.mean() / expected, 1.0)),
    }


def _middle(places: np.ndarray, most: int) -> np.ndarray:
    return places[max(0, (len(places) - most) // 2) :][:most]


def twin_share(image: np.ndarray, apart: int, draw: np.random.Generator, side: int = 10, count: int = 400) -> float:
    """Return the share of patches that have a near-identical twin at least `apart` pixels away."""
    while min(image.shape[:2]) > DENSE:
        image, apart = halved(image), apart // 2
    bank = Bank(image, side, draw, dims=32, most=84000)
    y, x = places = jittered_grid(image.shape, side, count, draw)
    raw = taken(image, y, x, side)
    distance, _ = bank.nearest(raw, places, apart)
    variance = raw.reshape(len(raw), 3, -1).var(axis=2).sum(axis=1) * side**2
    return float((distance**2 / np.maximum(variance, 1e-5) < 0.06).mean())


def wrap_patch(
    exemplar: np.ndarray, result: np.ndarray, draw: np.random.Generator, side: int = 10, count: int = 500
) -> float:
    """Return how foreign patches across the border are when the result is tiled, against those inside; the worse side.

    What was copied whole is exactly known inside, so that no inside counts as nearer than 0.35 of the exemplar's own.
    """
    bank = Bank(exemplar, side, draw)
    y, x = jittered_grid(result.shape, side, count, draw)
    inside = bank.nearest(taken(result, y, x, side))[0].mean() + 1e-4
    inside = max(inside, 0.35 * bank.own(count, draw)[1].mean())
    worst = 0.0
    for axis in (0, 1):
        turned = result if axis == 0 else result.swapaxes(0, 1)
        strip = np.concatenate([turned[-side:], turned[:side]])
        across = draw.integers(2, side - 1, count)  # the border falls inside the patch
        along = draw.integers(0, max(1, strip.shape[1] - side), count)
        strip = strip if axis == 0 else strip.swapaxes(0, 1)
        places = (across, along) if axis == 0 else (along, across)
        worst = max(worst, float(bank.nearest(taken(strip, *places, side))[0].mean() / inside))
    return worst
