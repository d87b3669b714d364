"""How the metric of syntheses ranks pictures that are known to be good and bad.

usage: python -m benchmarks.likeness FOLDER [--size 512] [--exemplar 256] [--out DIR]

Of each picture in the folder a synthesis is made, and then spoiled in ways that an eye sees at once; the table has all
of them, the best first. Where a picture is twice as large as --exemplar, one quarter of it is also judged against the
opposite one.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.quilting import quilt
from benchmarks.synthesis import SUFFIXES, methods, prepared
from materials.likeness import Likeness, likeness, opened
from materials.pictures import linear_to_srgb, srgb_to_linear
from nodes.opencv import cv2

GOOD = ("itself", "quarter", "synthesis")
COLUMNS = ("fidelity", "diversity", "structure", "tiling")


# ---- ways to spoil a picture -----------------------------------------------------------------------


def random_blocks(exemplar: np.ndarray, size: int, side: int = 32) -> np.ndarray:
    """Return squares of the exemplar from anywhere, side by side."""
    draw = np.random.default_rng(1)
    out = np.empty((size, size, 3), np.float32)
    for y in range(0, size, side):
        for x in range(0, size, side):
            row, column = (draw.integers(0, length - side) for length in exemplar.shape[:2])
            part = out[y : y + side, x : x + side]
            part[:] = exemplar[row : row + side, column : column + side][: part.shape[0], : part.shape[1]]
    return out


def stamped(exemplar: np.ndarray, size: int) -> np.ndarray:
    """Return the exemplar side by side with itself."""
    count = [-(-size // length) for length in exemplar.shape[:2]]
    return np.tile(exemplar, (*count, 1))[:size, :size].copy()


def blurred(picture: np.ndarray) -> np.ndarray:
    return cv2.GaussianBlur(picture, (0, 0), 2.0)


def phase_noise(exemplar: np.ndarray, size: int) -> np.ndarray:
    """Return noise of the exemplar's spectrum: all phases turned at random, alike in all channels (Galerne 2011)."""
    mean = exemplar.mean(axis=(0, 1))
    padded = np.zeros((size, size, 3), np.float32)
    height, width = exemplar.shape[:2]
    padded[:height, :width] = (exemplar - mean)[:size, :size] * (size / np.sqrt(height * width))
    white = np.fft.fft2(np.random.default_rng(1).normal(size=(size, size)))
    turned = np.fft.fft2(padded, axes=(0, 1)) * (white / np.abs(white))[..., None]
    return np.clip(np.fft.ifft2(turned, axes=(0, 1)).real + mean, 0, 1).astype(np.float32)


def broken(picture: np.ndarray) -> np.ndarray:
    """Return a picture whose strips step up and down, then left and right, by 7 to 14 pixels each."""
    draw = np.random.default_rng(1)
    for axis in (0, 1):
        out, start = picture.copy(), 0
        while start < picture.shape[1 - axis]:
            end = start + int(draw.integers(50, 90))
            moved = np.roll(picture, int(draw.integers(7, 15)) * (1 if draw.random() < 0.5 else -1), axis)
            strip = (slice(None), slice(start, end)) if axis == 0 else (slice(start, end),)
            out[strip] = moved[strip]
            start = end
        picture = out
    return picture


def bent(picture: np.ndarray) -> np.ndarray:
    """Return a picture waved by 10 pixels every 96, both ways."""
    rows, columns = np.mgrid[: picture.shape[0], : picture.shape[1]].astype(np.float32)
    wave = 2 * np.pi / 96
    x, y = columns + 10 * np.sin(rows * wave), rows + 10 * np.sin(columns * wave + 1)
    return cv2.remap(
        picture,
        (x % picture.shape[1]).astype(np.float32),
        (y % picture.shape[0]).astype(np.float32),
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_WRAP,
    )


def spoiled(exemplar: np.ndarray, synthesis: np.ndarray) -> dict[str, np.ndarray]:
    """Return bad pictures by name, made of an exemplar and of a good synthesis of it, all as they are seen."""
    size = synthesis.shape[0]
    return {
        "random blocks": random_blocks(exemplar, size),
        "naive tiling": stamped(exemplar, size),
        "blur": blurred(synthesis),
        "phase noise": phase_noise(exemplar, size),
        "quilting, wrong offsets": quilt(exemplar, size, 1, astray=True),
        "broken": broken(synthesis),
        "bent": bent(synthesis),
    }


# ---- the table -------------------------------------------------------------------------------------


def judged(path: Path, size: int, side: int) -> dict[str, Likeness]:
    """Return judgements by name: the exemplar itself, a synthesis, what was spoiled, another part of the picture."""
    exemplar = prepared(path, side)
    found, _ = methods()
    synthesis = found["intarsia" if "intarsia" in found else "quilting"](exemplar, size, 1)
    good = {"itself": likeness(exemplar, exemplar, tileable=False), "synthesis": likeness(exemplar, synthesis)}
    picture = opened(path)
    short = min(picture.shape[:2]) // 2
    if short >= side * 3 // 4:
        first, last = picture[:short, :short], picture[-short:, -short:]
        good["quarter"] = likeness(first, last, tileable=False)
    bad = spoiled(linear_to_srgb(exemplar), linear_to_srgb(synthesis))
    tiles = {"blur", "phase noise", "bent"}  # the others' borders are not what is wrong with them
    judgements = {
        name: likeness(exemplar, srgb_to_linear(np.clip(one, 0, 1)), tileable=name in tiles)
        for name, one in bad.items()
    }
    return {**good, **judgements}


def rank_key(found: Likeness) -> tuple[bool, float]:
    """Return what pictures are ranked by: those that pass first, then by their worst score."""
    worst = [found[f"score_{name}"] for name in ("fidelity", "diversity", "structure")]
    return not found.passes, -min(value for value in worst if value is not None)


def table(name: str, found: Mapping[str, Likeness]) -> list[str]:
    """Return the judgements as a table in Markdown, the best first."""
    lines = [f"| {name} | {' | '.join(COLUMNS)} | lines | lattice | fails |", "| --- " * 8 + "|"]
    for kind, one in sorted(found.items(), key=lambda item: rank_key(item[1])):
        numbers = [one[f"score_{column}"] for column in COLUMNS]
        cells = ["" if value is None else f"{value:.0f}" for value in numbers]
        cells += [
            "" if (value := one[term]) is None else f"{value:.2f}" for term in ("line_continuity", "lattice_regularity")
        ]
        lines.append(f"| {kind} | {' | '.join(cells)} | {', '.join(gate.term for gate in one.failed)} |")
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.likeness", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--exemplar", type=int, default=256)
    parser.add_argument("--out", type=Path, help="folder for likeness.json")
    options = parser.parse_args()
    data: dict[str, Any] = {}
    for path in sorted(path for path in options.folder.iterdir() if path.suffix.lower() in SUFFIXES):
        found = judged(path, options.size, options.exemplar)
        data[path.stem] = {name: one.as_data() for name, one in found.items()}
        print("\n".join([*table(path.stem, found), ""]), flush=True)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "likeness.json").write_text(json.dumps(data, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
