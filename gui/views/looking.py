"""From a value to what a 2D view shows of it: codes, histogram, verdict, and what overlays draw. Needs no Qt."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from gui.readings import Facts, verdict
from gui.shown import channels, displayed, face, histogram, single, size, span_of
from gui.views.overlays import Measures, measured
from materials.pictures import encode_exr, encode_png
from nodes import opencv
from nodes.arrays import Material, Value, kind_of
from nodes.declare import Kind

LARGE = 256 * 256
"""Pixels from which a value is looked at off the GUI's thread."""

GAINS = (1, 4, 16)
"""By how much a difference can be multiplied."""


@dataclass(frozen=True)
class Subject:
    """A value to be seen, what is known of it, and what it is called."""

    value: Value
    facts: Facts = field(default_factory=Facts)
    title: str = ""

    @property
    def pixels(self) -> int:
        height, width = size(self.value)
        return height * width


@dataclass(frozen=True)
class Options:
    """How it is to be seen: one channel or all (None), brighter, stretched, against another, with its measures."""

    channel: int | None = None
    exposure: float = 0.0
    stretched: bool = False
    difference: int = 0
    measured: bool = False


@dataclass(frozen=True)
class Seen:
    """What is shown of a subject; `before` is the other one in a comparison, of any size."""

    number: int
    subject: Subject
    codes: np.ndarray
    counts: np.ndarray
    verdict: tuple[str, str]
    span: tuple[float, float] | None = None
    before: np.ndarray | None = None
    measures: Measures | None = None


def look(number: int, subject: Subject, options: Options, kept: Subject | None = None) -> Seen:
    """Return what is seen of a subject, beside or against the one that was kept."""
    value, facts = subject.value, subject.facts
    span = span_of(value) if options.stretched else None
    codes = _codes(subject, options, span)
    before = _codes(kept, options, span) if kept is not None else None
    if before is not None and options.difference:
        codes, before = _difference(before, codes, options.difference), None
    counts = histogram(value, facts.name, facts.node_key)
    if options.channel is not None and options.channel < len(counts):
        counts = counts[options.channel : options.channel + 1]
    image = face(value)[1] if isinstance(value, Material) else value
    measures = measured(image) if options.measured and isinstance(image, np.ndarray) else None
    return Seen(number, subject, codes, counts, verdict(value, facts), span, before, measures)


def _codes(subject: Subject, options: Options, span: tuple[float, float] | None) -> np.ndarray:
    value, facts = subject.value, subject.facts
    if options.channel is not None and options.channel < len(channels(value)):
        return single(value, options.channel, exposure=options.exposure, span=span)
    return displayed(value, facts.name, facts.node_key, exposure=options.exposure, span=span)


def _difference(a: np.ndarray, b: np.ndarray, gain: int) -> np.ndarray:
    """Return how far codes are apart, times a gain; of another size, the first is brought to the second's."""
    cv2 = opencv.cv2
    if a.shape != b.shape:
        a = cv2.resize(a, (b.shape[1], b.shape[0]), interpolation=cv2.INTER_NEAREST)
    return cv2.convertScaleAbs(cv2.absdiff(a, b), alpha=gain)


def file_of(seen: Seen, suffix: str) -> bytes:
    """Return a picture file: PNG as it is seen, or EXR with a picture's own numbers."""
    value = seen.subject.value
    if suffix != ".exr" or not isinstance(value, np.ndarray):
        return encode_png(seen.codes, {}, colour=True)
    kind = kind_of(value)
    image = np.dstack([value, np.zeros_like(value[..., :1])]) if kind is Kind.FLOW else value
    return encode_exr(np.ascontiguousarray(image), {}, colour=kind is Kind.COLOR)
