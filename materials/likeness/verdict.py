"""What the terms come to: scores of 0 to 100, gates, and words for an artist."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

Terms = Mapping[str, float | None]


def score(value: float, good: float, bad: float) -> float:
    """Return 100 at or below `good`, 0 at or above `bad`, even in the logarithm between them."""
    value, good, bad = (max(number, 1e-3) for number in (value, good, bad))
    return float(100 * np.clip(np.log(bad / value) / np.log(bad / good), 0, 1))


def scores(terms: Terms) -> dict[str, float | None]:
    """Return the scores: each half its mean and half its worst term, so that one gross fault shows.

    `score` is the geometric mean of fidelity and diversity; tiling and structure stand apart.
    """
    t = {name: value for name, value in terms.items() if value is not None}
    sharpness = max(t["hf_ratio"], 1 / max(t["hf_ratio"], 1e-3))
    fidelity = _mixed(
        score(t["coherence"], 0.75, 1.30),
        score(t["seam_p99"], 0.97, 1.30),
        score(1 + 10 * t["fault_area"], 1.05, 1.6),
        score(t["line_seam"], 1.4, 4.0),
        score(t["swd"], 0.9, 3.0),
        score(t["filter_swd"], 1.0, 3.0),
        score(1 + t["colour_w1"], 1.8, 8.0),
        score(sharpness, 1.10, 1.9),
    )
    diversity = _mixed(
        score(t["completeness"], 0.75, 1.30),
        score(1.05 - t["usage"], 0.20, 0.7),
        score(t["copy_cells"] + 0.01, 0.12, 0.6),
        score(t["repetition"] + 0.02, 0.20, 0.9),
        score(t["dup_rate"] + 0.02, 0.25, 0.9),
    )
    tiling = _mixed(score(max(t["wrap_grad"], 0) + 1, 3.0, 9.0), score(t["wrap_patch"], 1.25, 2.4))
    kept = [t[name] for name in ("line_continuity", "lattice_regularity") if name in t]
    structure = _mixed(*(score(1 / max(value, 1e-3), 1.1, 3.0) for value in kept)) if kept else None
    return {
        "score_fidelity": fidelity,
        "score_diversity": diversity,
        "score_tiling": tiling,
        "score_structure": structure,
        "score": float(np.sqrt(fidelity * diversity)),
    }


def _mixed(*values: float) -> float:
    return float(0.5 * np.mean(values) + 0.5 * np.min(values))


@dataclass(frozen=True)
class Gate:
    """What a term must keep within, what it looks like where it does not, and what helps."""

    term: str
    least: float | None
    most: float | None
    looks: str
    helps: str

    def passes(self, terms: Terms) -> bool:
        value = terms.get(self.term)
        if value is None:
            return True
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    @property
    def limit(self) -> str:
        ends = ((self.least, "at least"), (self.most, "at most"))
        return ", ".join(f"{word} {number:g}" for number, word in ends if number is not None)


GATES = (
    Gate(
        "coherence",
        None,
        0.75,
        "places that look like nothing in the exemplar: broken motifs, smears, garbage",
        "larger blocks, more sweeps, or an exemplar with more repeats of its motif; what is no copy at all, as another "
        "part of the same photograph, comes to 1 and is no fault",
    ),
    Gate(
        "line_seam",
        None,
        1.4,
        "a straight seam or a grid of blocks",
        "a cut that may bend (more overlap), or relaxing after the layout",
    ),
    Gate(
        "hf_ratio",
        0.93,
        1.07,
        "blurred, or sharper than the exemplar",
        "copy pixels instead of averaging them; do not scale the exemplar",
    ),
    Gate(
        "usage",
        0.85,
        None,
        "parts of the exemplar never appear: rare stones, stains or joints are lost",
        "a higher price on using a place again",
    ),
    Gate(
        "repetition",
        None,
        0.15,
        "the picture repeats itself at a fixed step, like a tiled floor",
        "another seed, a higher price on near repeats, or a larger exemplar",
    ),
    Gate(
        "dup_rate",
        None,
        0.25,
        "motifs come again and again, exactly alike",
        "smaller blocks, a higher price on near repeats, or a larger exemplar",
    ),
    Gate(
        "line_continuity",
        0.8,
        None,
        "courses, boards or joints break off, step aside or bend",
        "longer blocks along the lines, a layout on the lattice, or an exemplar made straight first",
    ),
    Gate(
        "lattice_regularity",
        0.8,
        None,
        "the pattern loses its step: rows or columns drift and jump",
        "a layout on the lattice, and a size that is a whole number of its periods",
    ),
)

TILING_GATES = (
    Gate("wrap_grad", None, 2.0, "a line where the tile meets itself", "synthesize with tileable on"),
    Gate(
        "wrap_patch",
        None,
        1.2,
        "motifs are cut where the tile meets itself",
        "synthesize with tileable on; mirroring or blending the border is not enough",
    ),
)

GROUPS = {
    "fidelity": (
        "coherence",
        "seam_p99",
        "fault_area",
        "line_seam",
        "swd",
        "filter_swd",
        "colour_w1",
        "hf_ratio",
        "psd_db",
        "drift",
    ),
    "diversity": ("completeness", "usage", "copy_cells", "copy_px", "repetition", "dup_rate"),
    "tiling": ("wrap_grad", "wrap_patch"),
    "structure": ("line_strength", "line_continuity", "lattice_peaks", "lattice_phase", "lattice_regularity"),
}
"""The terms of each score."""

LINED_COHERENCE = 0.9
"""The limit of coherence where the exemplar has lines or a lattice: each new join of courses is a new patch."""


@dataclass(frozen=True)
class Likeness:
    """All terms of a result against its exemplar, its scores, and the gates that it fails. None: does not apply."""

    terms: Terms
    scores: Mapping[str, float | None]
    failed: tuple[Gate, ...]

    @property
    def passes(self) -> bool:
        return not self.failed

    def __getitem__(self, name: str) -> float | None:
        return self.terms[name] if name in self.terms else self.scores[name]

    @property
    def verdict(self) -> str:
        """Return one line: passes, or what is wrong."""
        return "passes" if self.passes else "fails: " + ", ".join(gate.term for gate in self.failed)

    def as_lines(self) -> list[str]:
        """Return the judgement for people to read: all figures, then what fails, what it looks like and what helps."""
        lines = []
        for heading, names in GROUPS.items():
            summary = self.scores[f"score_{heading}"]
            lines.append(f"{heading:<11}{'does not apply' if summary is None else f'{summary:.0f} of 100'}")
            lines += [f"  {name:<19} {self.terms[name]:.3g}" for name in names if self.terms[name] is not None]
        for gate in self.failed:
            lines.append(f"fails {gate.term} {self.terms[gate.term]:.3g} ({gate.limit})")
            lines += [f"  looks like: {gate.looks}", f"  would help: {gate.helps}"]
        return [*lines, self.verdict if self.passes else f"{len(self.failed)} of the gates fail"]

    def as_data(self) -> dict[str, Any]:
        numbers = {**self.terms, **self.scores}
        rounded = {name: None if value is None else round(value, 4) for name, value in numbers.items()}
        failed = [{**asdict(gate), "value": rounded[gate.term]} for gate in self.failed]
        return {"passes": self.passes, "verdict": self.verdict, **rounded, "failed": failed}


def judged(terms: Terms, tileable: bool) -> Likeness:
    """Return terms with their scores and the gates they fail.

    tileable : whether the result is meant to tile, so that its border counts.
    """
    structured = terms["line_continuity"] is not None or terms["lattice_regularity"] is not None
    failed = []
    for gate in (*GATES, *TILING_GATES) if tileable else GATES:
        if gate.term == "coherence" and structured:
            gate = Gate(gate.term, gate.least, LINED_COHERENCE, gate.looks, gate.helps)
        if not gate.passes(terms):
            failed.append(gate)
    return Likeness(dict(terms), scores(terms), tuple(failed))
