"""Stamps laid one after the other, each with all its copies over the whole picture, and cones by looking at all."""

from __future__ import annotations

import numpy as np


def outline(form, u, v, length, breadth):
    """Return the depth in pixels inside a form's edge."""
    box = np.minimum((0.5 - np.abs(u)) * length, (0.5 - np.abs(v)) * breadth)
    if form in ("square", "pyramid"):
        return box
    if form in ("brick", "capsule"):
        radius = min(length, breadth) * (0.5 if form == "capsule" else 0.15)
        x, y = (np.abs(a) * side - side / 2 + radius for a, side in ((u, length), (v, breadth)))
        return radius - np.hypot(np.maximum(x, 0), np.maximum(y, 0)) - np.minimum(np.maximum(x, y), 0)
    r = 2 * np.hypot(u, v)
    steepness = 4 * np.hypot(u / length, v / breadth) / np.maximum(r, 1e-12)
    return np.where(r > 1e-6, (1 - r) / np.maximum(steepness, 1e-12), min(length, breadth) / 2)


def relief(form, u, v, depth, length, breadth):
    """Return a form's height."""
    r = np.minimum(2 * np.hypot(u, v), 1)
    small = min(length, breadth)
    t = np.clip(depth / (small * (0.5 if form == "capsule" else 0.2)), 0, 1)
    return {
        "dome": np.sqrt(1 - r**2),
        "paraboloid": 1 - r**2,
        "bell": (1 - r) ** 2 * (1 + 2 * r),
        "cone": 1 - r,
        "pyramid": np.maximum(1 - 2 * np.maximum(np.abs(u), np.abs(v)), 0),
        "brick": np.sqrt(t * (2 - t)),
        "capsule": np.sqrt(t * (2 - t)),
    }.get(form, np.ones_like(u))


def local(sprites, n, height, width, across, down):
    """Return u and v of every pixel in one copy of a stamp, and the sides it is drawn with."""
    y, x = np.mgrid[0:height, 0:width] + 0.5
    dx = x - sprites.x[n] % width - across * width
    dy = y - sprites.y[n] % height - down * height
    length, breadth = max(sprites.length[n], 1), max(sprites.breadth[n], 1)
    c, s = np.cos(sprites.angle[n]), np.sin(sprites.angle[n])
    along, aside = dx * c - dy * s, dx * s + dy * c
    u, bend = along / length, sprites.bend[n]
    aside = (aside - bend * length * (4 * u**2 - 0.5)) / np.hypot(1, 8 * bend * u)
    return u, aside / breadth, length, breadth


def laid(sprites, form, height, width, mode, background, softness, copies=2):
    """Return height, mask, labels and uv of stamps laid over a background, in order."""
    here, mask = background.astype(np.float64), np.zeros((height, width))
    labels, uv, tallest = np.zeros((height, width), int), np.zeros((height, width, 2)), np.full((height, width), -1.0)
    for n in range(len(sprites.x)):
        for down in range(-copies, copies + 1):
            for across in range(-copies, copies + 1):
                u, v, length, breadth = local(sprites, n, height, width, across, down)
                depth = outline(form, u, v, length, breadth)
                inside = ((np.abs(u) - 0.5) * length < 0.5) & ((np.abs(v) - 0.5) * breadth < 0.5)
                fade = min(sprites.length[n], 1) * min(sprites.breadth[n], 1)
                cover = np.where(inside, np.clip(0.5 + depth, 0, 1), 0) * fade
                if form in ("square", "pyramid"):
                    cover = np.clip(0.5 + (0.5 - np.abs(u)) * length, 0, 1) * fade
                    cover *= np.clip(0.5 + (0.5 - np.abs(v)) * breadth, 0, 1)
                tall = relief(form, u, v, depth, length, breadth) * sprites.value[n]
                t = np.clip(0.5 + 0.5 * (tall - here) / softness, 0, 1)
                here = {
                    "max": np.where(cover > 0, np.maximum(here, tall * cover), here),
                    "add": here + tall * cover,
                    "subtract": here - tall * cover,
                    "over": here + (tall - here) * cover,
                    "height": here + cover * (tall - here) * t * t * (3 - 2 * t),
                }[mode]
                mask += cover * (1 - mask)
                shown = (cover >= 0.5) & ((tall > tallest) | (mode == "over"))
                labels[shown], tallest[shown] = n + 1, tall[shown]
                uv[shown] = np.clip(np.stack([u, v], axis=2) + 0.5, 0, 1)[shown]
    return here, mask, labels, uv


def highest_cone(x, y, radius, angle, stretch, height, width, skirt):
    """Return the highest cone over each pixel, no lower than -skirt; lengths in pixels."""
    row, column = np.mgrid[0:height, 0:width] + 0.5
    best = np.full((height, width), -skirt)
    for n in range(len(x)):
        for down in range(-2, 3):
            for across in range(-2, 3):
                dx, dy = column - x[n] - across * width, row - y[n] - down * height
                c, s = np.cos(angle[n]), np.sin(angle[n])
                along, aside = (dx * c - dy * s) / np.sqrt(stretch[n]), (dx * s + dy * c) * np.sqrt(stretch[n])
                best = np.maximum(best, radius[n] - np.hypot(along, aside))
    return best
