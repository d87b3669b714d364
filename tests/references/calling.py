"""Calling a node the way the engine does, in any bands."""

from __future__ import annotations

import inspect

import numpy as np

from nodes.arrays import Regions, crop_rows
from nodes.declare import Band, Picture


def call(function, height, width, bands=1, **given):
    """Return a node's result on a picture of (height, width), made in that many bands of rows.

    given : pictures, whole, and parameters as in files: lengths in fractions, angles in degrees;
    pictures to copy from as arrays.
    """
    kind = function.node
    pictures = {socket.name: given.pop(socket.name, None) for socket in kind.sockets}
    values = {
        field.name: field.parameter.resolve(given.pop(field.name, field.default), height, width)
        for field in kind.fields
    }
    for field in kind.fields:
        if isinstance(field.parameter, Picture):
            values[field.name] = values[field.name] if isinstance(values[field.name], np.ndarray) else None
    assert not given, given
    whole = Band(height, width, 0, height)
    extra = {}
    if kind.prepare:
        named = {**pictures, **values, "band": whole}
        extra["prepared"] = kind.prepare(**{name: named[name] for name in inspect.signature(kind.prepare).parameters})
    if kind.whole:
        return function(**({"band": whole} if kind.band_argument else {}), **pictures, **values, **extra)
    edges = [height * i // bands for i in range(bands + 1)]
    results = []
    for top, bottom in zip(edges, edges[1:], strict=False):
        rows = {
            socket.name: pictures[socket.name]
            if socket.around or pictures[socket.name] is None
            else crop_rows(pictures[socket.name], top, bottom)
            for socket in kind.sockets
        }
        band = {"band": Band(height, width, top, bottom)} if kind.band_argument else {}
        results.append(function(**band, **rows, **values, **extra))
    if isinstance(results[0], tuple):
        return type(results[0])(*(_stacked(parts) for parts in zip(*results, strict=True)))
    return _stacked(results)


def _stacked(parts):
    if isinstance(parts[0], Regions):
        return parts[0].with_labels(np.concatenate([part.labels for part in parts]))
    return np.concatenate(parts)
