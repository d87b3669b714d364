"""Synthesis by example beside its peers, on any folder of pictures.

usage: python -m benchmarks.synthesis FOLDER [--size 512] [--seeds 1 2 3] [--exemplar 256] [--out DIR]

Ours, plain image quilting, G'MIC's two (Debian's package `gmic`) and Resynthesizer (PyPI's package `resynthesizer`,
GPL) make the same picture in one go: processor seconds, the metric of `intarsia check`, and a contact sheet. Each
picture is cut square and brought to --exemplar pixels first, so that all begin with the same bytes. Time is of making
alone: our kernels are compiled before, G'MIC's start counts. What is not installed is left out with a word.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import json
import resource
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import intarsia
from benchmarks.processes import ROOT, say
from benchmarks.quilting import quilt
from materials.errors import IntarsiaError
from materials.likeness import Likeness, likeness, opened
from materials.pictures import encode_png, linear_to_srgb, srgb_to_linear
from materials.sheet import INK, PAPER, QUIET, write
from nodes.patch.exemplar import fitted

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".exr"}
EXEMPLARS = ROOT / "presets" / "exemplars"
GMIC = {"gmic_patches": "syntexturize_matchpatch", "gmic_phase": "syntexturize"}
TITLES = {
    "intarsia": "Intarsia",
    "quilting": "Image quilting 48/16",
    "gmic_patches": "G'MIC syntexturize_matchpatch",
    "gmic_phase": "G'MIC syntexturize",
    "resynthesizer": "Resynthesizer",
}

TILING = {"intarsia", "gmic_phase"}
"""Methods whose pictures are meant to tile; the others are not judged by their border."""


@dataclass(frozen=True)
class Made:
    """What a method made of an exemplar: the picture, linear; processor and wall seconds; the judgement."""

    picture: np.ndarray
    cpu_s: float
    wall_s: float
    found: Likeness


# ---- methods -------------------------------------------------------------------------------------


def ours(exemplar: np.ndarray, size: int, seed: int) -> np.ndarray:
    return intarsia.synthesize(exemplar, size, seed=seed, tileable=True).picture


def quilted(exemplar: np.ndarray, size: int, seed: int) -> np.ndarray:
    return srgb_to_linear(np.clip(quilt(linear_to_srgb(exemplar), size, seed), 0, 1))


def gmic(command: str) -> Callable[[np.ndarray, int, int], np.ndarray]:
    def made(exemplar: np.ndarray, size: int, seed: int) -> np.ndarray:
        with tempfile.TemporaryDirectory() as folder:
            before, after = Path(folder) / "exemplar.png", Path(folder) / "result.png"
            before.write_bytes(_png(exemplar))
            line = ["gmic", "srand", str(seed), str(before), command, f"{size},{size}", "-o", str(after)]
            subprocess.run(line, check=True, capture_output=True)
            return opened(after)

    return made


def resynthesized(exemplar: np.ndarray, size: int, seed: int) -> np.ndarray:
    """Return a canvas filled beside the exemplar, which is what Resynthesizer does; it takes no seed."""
    engine, images = importlib.import_module("resynthesizer"), importlib.import_module("PIL.Image")
    rows, columns = exemplar.shape[:2]
    canvas = np.zeros((size, size + columns, 3), np.uint8)
    for top in range(0, size - rows + 1, rows):
        canvas[top : top + rows, size:] = _codes(exemplar)
    hole = np.zeros((size, size + columns), np.uint8)
    hole[:, :size] = hole[size // rows * rows :] = 255
    options = engine.getDefaultParams()
    options.isMakeSeamlesslyTileableHorizontally = options.isMakeSeamlesslyTileableVertically = 0
    filled = engine.resynthesize(images.fromarray(canvas), images.fromarray(hole), options)
    codes = np.asarray(filled)[:size, :size]
    return srgb_to_linear((codes / np.float32(255)).astype(np.float32))


def methods() -> tuple[dict[str, Callable[[np.ndarray, int, int], np.ndarray]], dict[str, str]]:
    """Return what can be run here, and what cannot with the reason."""
    found: dict[str, Callable[[np.ndarray, int, int], np.ndarray]] = {}
    absent = {}
    if hasattr(intarsia, "synthesize"):
        found["intarsia"] = ours
    else:
        absent["intarsia"] = "this version has no synthesize"
    found["quilting"] = quilted
    for name, command in GMIC.items():
        if shutil.which("gmic"):
            found[name] = gmic(command)
        else:
            absent[name] = "G'MIC is not installed (Debian: apt-get install gmic)"
    if all(importlib.util.find_spec(name) for name in ("resynthesizer", "PIL")):
        found["resynthesizer"] = resynthesized
    else:
        absent["resynthesizer"] = "it is not installed (PyPI: pip install resynthesizer)"
    return found, absent


# ---- runs ----------------------------------------------------------------------------------------


def prepared(path: Path, side: int) -> np.ndarray:
    """Return the middle square of a picture at `side` pixels or its own size if that is less, at 8 bits, linear."""
    picture = opened(path)
    short = min(picture.shape[:2])
    top, left = ((length - short) // 2 for length in picture.shape[:2])
    square = np.ascontiguousarray(picture[top : top + short, left : left + short])
    if short > side:
        square = fitted(square, side, side)
    if square.ndim == 2:
        square = np.repeat(square[..., None], 3, axis=2)
    return srgb_to_linear((_codes(square) / np.float32(255)).astype(np.float32))


def make(name: str, exemplar: np.ndarray, size: int, seed: int) -> Made:
    method = methods()[0][name]
    spent, start = _processor_seconds(), time.perf_counter()
    picture = method(exemplar, size, seed)
    wall, cpu = time.perf_counter() - start, _processor_seconds() - spent
    return Made(picture, cpu, wall, likeness(exemplar, picture, tileable=name in TILING))


def _processor_seconds() -> float:
    """Return the processor time of this process and of those it has started and awaited."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def row_of(name: str, method: str, size: int, seed: int, made: Made) -> dict[str, Any]:
    data = made.found.as_data()
    data["failed"] = [gate.term for gate in made.found.failed]
    return {
        "picture": name,
        "method": method,
        "size": size,
        "seed": seed,
        "cpu_s": round(made.cpu_s, 3),
        "wall_s": round(made.wall_s, 3),
        **data,
    }


def compare(
    paths: Sequence[Path], size: int, seeds: Sequence[int], side: int = 256
) -> tuple[list[dict[str, Any]], np.ndarray]:
    """Return a row for each picture, seed and method, and the contact sheet of the first seed."""
    found, absent = methods()
    for name, reason in absent.items():
        print(f"{TITLES[name]}: absent, {reason}")
    rows, lines = [], []
    warm_up = prepared(paths[0], 64)
    for name in {"intarsia", "quilting"} & set(found):  # compiles
        found[name](warm_up, 128, 1)
    for path in paths:
        exemplar = prepared(path, side)
        shown: dict[str, Made | str] = dict(absent)
        for seed in seeds:
            for name in found:
                try:
                    made = make(name, exemplar, size, seed)
                except (IntarsiaError, subprocess.CalledProcessError) as error:
                    print(f"{path.stem} {name}: {error}")
                    shown.setdefault(name, str(error))
                    continue
                shown.setdefault(name, made)
                rows.append(row_of(path.stem, name, size, seed, made))
                keys = ("cpu_s", "score", "score_structure", "score_tiling", "failed")
                say(f"{path.stem} {name} {seed}", {key: rows[-1][key] for key in keys})
        lines.append((path.stem, exemplar, {name: shown[name] for name in TITLES if name in shown}))
    return rows, sheet(lines, size)


def summary(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each method's means over all pictures and seeds, and its time as a multiple of ours."""
    found = []
    for name in dict.fromkeys(row["method"] for row in rows):
        of = [row for row in rows if row["method"] == name]
        structured = [row["score_structure"] for row in of if row["score_structure"] is not None]
        found.append(
            {
                "method": name,
                "pictures": len(of),
                "cpu_s": round(float(np.mean([row["cpu_s"] for row in of])), 3),
                "score": round(float(np.mean([row["score"] for row in of])), 1),
                "least_score": round(min(row["score"] for row in of), 1),
                "score_structure": round(float(np.mean(structured)), 1) if structured else None,
                "passing": sum(row["passes"] for row in of),
                "failed": dict(sorted(Counter(gate for row in of for gate in row["failed"]).items())),
            }
        )
    mine = next((entry["cpu_s"] for entry in found if entry["method"] == "intarsia"), None)
    return [{**entry, "times_ours": round(entry["cpu_s"] / mine, 2) if mine else None} for entry in found]


def run(size: int = 512) -> list[dict[str, Any]]:
    """Return the rows and the summary for the pictures that are shipped."""
    rows, _ = compare(sorted(EXEMPLARS.glob("*.png")), size, (1, 2, 3), 256)
    found = summary(rows)
    for entry in found:
        say(f"synthesis {entry['method']}", entry)
    return [*rows, *found]


# ---- the contact sheet -----------------------------------------------------------------------------


def sheet(lines: Sequence[tuple[str, np.ndarray, dict[str, Made | str]]], size: int) -> np.ndarray:
    """Return a row for each picture, at 100 %: the exemplar, then what each method made; uint8 RGB.

    Of results larger than 512 pixels the top left is shown.
    """
    side, gap, text = min(size, 512), 16, 46
    names = list(lines[0][2])
    first = max(exemplar.shape[0] for _, exemplar, _ in lines)
    lefts = [gap, *(2 * gap + first + (side + gap) * number for number in range(len(names)))]
    out = np.empty((text + len(lines) * (side + text + gap), lefts[-1] + side + gap, 3), np.uint8)
    out[:] = PAPER
    for left, title in zip(lefts, ["Exemplar", *(TITLES[name] for name in names)], strict=True):
        write(out, title, left, 30, 20, INK, 500)
    for number, (name, exemplar, shown) in enumerate(lines):
        top = text + number * (side + text + gap)
        _put(out, exemplar, top, lefts[0], side)
        write(out, name, lefts[0], top + min(side, exemplar.shape[0]) + 22, 18, INK)
        for left, made in zip(lefts[1:], shown.values(), strict=True):
            if isinstance(made, str):
                write(out, made, left, top + side // 2, 14, QUIET)
                continue
            _put(out, made.picture, top, left, side)
            write(out, f"score {made.found['score']:.0f}   {made.cpu_s:.2f} s", left, top + side + 20, 17, INK)
            write(out, made.found.verdict, left, top + side + 40, 14, QUIET)
    return out


def _put(out: np.ndarray, picture: np.ndarray, top: int, left: int, side: int) -> None:
    codes = _codes(picture[:side, :side])
    out[top : top + codes.shape[0], left : left + codes.shape[1]] = codes


def _codes(linear: np.ndarray) -> np.ndarray:
    return np.round(linear_to_srgb(np.clip(linear, 0, 1)) * 255).astype(np.uint8)


def _png(linear: np.ndarray) -> bytes:
    return encode_png(_codes(linear), {}, colour=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synthesis", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--size", type=int, default=512, help="pixels of the results")
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--exemplar", type=int, default=256, help="pixels that each picture is brought to")
    parser.add_argument("--out", type=Path, default=Path("synthesis"), help="folder for the sheet and the figures")
    options = parser.parse_args()
    paths = sorted(path for path in options.folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        parser.error(f"{options.folder} has no pictures")
    rows, picture = compare(paths, options.size, options.seeds, options.exemplar)
    found = summary(rows)
    for entry in found:
        say(TITLES[entry["method"]], entry)
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "synthesis.json").write_text(json.dumps({"rows": rows, "summary": found}, indent=1) + "\n", "utf-8")
    (options.out / "synthesis.png").write_bytes(encode_png(picture, {}, colour=True))
    print(f"saved to {options.out}")


if __name__ == "__main__":
    main()
