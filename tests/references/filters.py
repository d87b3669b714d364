"""Slow and obvious float64 versions of filters and surface nodes, on the torus."""

from __future__ import annotations

import numpy as np

from nodes.kernels.horizon import offsets


def gaussian(image, sigma):
    """Return the picture convolved with a Gaussian that wraps as often as it must, by Fourier."""
    spectrum = np.fft.fft2(image.astype(np.float64))
    for axis, size in enumerate(image.shape):
        reach = int(np.ceil(8 * sigma / size)) * size + size
        places = np.arange(-reach, reach)
        kernel = np.zeros(size)
        np.add.at(kernel, places % size, np.exp(-0.5 * (places / sigma) ** 2))
        shape = [1, 1]
        shape[axis] = size
        spectrum = spectrum * np.fft.fft(kernel / kernel.sum()).reshape(shape)
    return np.fft.ifft2(spectrum).real


def bilinear(image, ys, xs):
    """Return a picture at places between its pixels."""
    height, width = image.shape
    y0, x0 = np.floor(ys).astype(int), np.floor(xs).astype(int)
    fy, fx = ys - y0, xs - x0
    read = lambda y, x: image.astype(np.float64)[y % height, x % width]  # noqa: E731
    upper = read(y0, x0) * (1 - fx) + read(y0, x0 + 1) * fx
    lower = read(y0 + 1, x0) * (1 - fx) + read(y0 + 1, x0 + 1) * fx
    return upper * (1 - fy) + lower * fy


def slope(image, axis, width):
    """Return the central difference along an axis, per tile of `width` pixels."""
    image = image.astype(np.float64)
    return (np.roll(image, -1, axis) - np.roll(image, 1, axis)) / 2 * width


def slope_blur(image, guide, intensity, samples, mode):
    """Return the walk along the slope, pixel by pixel: mean, minimum or maximum of what it meets."""
    height, width = image.shape
    gx, gy = slope(guide, 1, width), slope(guide, 0, width)
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float64)
    met = [image.astype(np.float64)]
    for _ in range(samples):
        move_x = bilinear(gx, ys, xs) * intensity / samples / 256 * width
        move_y = bilinear(gy, ys, xs) * intensity / samples / 256 * width
        length = np.hypot(move_x, move_y)
        scale = np.minimum(1, (width / 64) / np.maximum(length, 1e-30))
        ys, xs = ys + move_y * scale, xs + move_x * scale
        met.append(bilinear(image, ys, xs))
    return {"average": np.mean, "minimum": np.min, "maximum": np.max}[mode](met, axis=0)


def normals(height, depth):
    """Return encoded normals by Scharr's derivative written out."""
    h = height.astype(np.float64)
    at = lambda dy, dx: np.roll(h, (-dy, -dx), axis=(0, 1))  # noqa: E731
    scale = depth * h.shape[1] / 32
    gx = (3 * (at(-1, 1) - at(-1, -1)) + 10 * (at(0, 1) - at(0, -1)) + 3 * (at(1, 1) - at(1, -1))) * scale
    gy = (3 * (at(1, -1) - at(-1, -1)) + 10 * (at(1, 0) - at(-1, 0)) + 3 * (at(1, 1) - at(-1, 1))) * scale
    n = np.stack([-gx, gy, np.ones_like(gx)], axis=2)
    return n / np.linalg.norm(n, axis=2, keepdims=True) * 0.5 + 0.5


def occlusion(height, radius, depth, directions, samples):
    """Return the openness: one less the mean over directions of the squared sine of the weighted horizon."""
    h = height.astype(np.float64)
    found, lengths = offsets(radius, directions, samples)
    open_ = np.ones_like(h)
    for way, far in zip(found, lengths, strict=True):
        steepest = np.zeros_like(h)
        for (dy, dx), length in zip(way, far, strict=True):
            weight = 1 - 0.75 * min(float(length) / max(radius, 1.0), 1.0) ** 2
            rise = np.maximum(np.roll(h, (-dy, -dx), axis=(0, 1)) - h, 0) * depth * h.shape[1] / max(length, 1)
            steepest = np.maximum(steepest, rise**2 * weight)
        open_ -= steepest / (1 + steepest) / len(found)
    return open_


def distance(mask):
    """Return the distance in pixels to the nearest pixel of a mask, by trying all of them and their copies."""
    height, width = mask.shape
    ys, xs = np.nonzero(mask)
    if not len(ys):
        return np.full(mask.shape, np.inf)
    y, x = np.mgrid[0:height, 0:width]
    dy = np.abs(y[..., None] - ys)
    dx = np.abs(x[..., None] - xs)
    dy, dx = np.minimum(dy, height - dy), np.minimum(dx, width - dx)
    return np.sqrt(dy**2 + dx**2).min(axis=2)


def curvature(height: np.ndarray, depth: float) -> np.ndarray:
    """Return the mean curvature per pixel, convex positive: half the divergence of the unit slope, between pixels."""
    h = height.astype(np.float64) * depth * height.shape[1]

    def ahead(image, axis):
        return np.roll(image, -1, axis) - image

    total = 0.0
    for axis in (0, 1):
        side = (np.roll(h, -1, 1 - axis) - np.roll(h, 1, 1 - axis)) / 2
        side = (side + np.roll(side, -1, axis)) / 2
        flux = ahead(h, axis) / np.sqrt(1 + ahead(h, axis) ** 2 + side**2)
        total = total + flux - np.roll(flux, 1, axis)
    return -total / 2


def reoriented(base: np.ndarray, detail: np.ndarray) -> np.ndarray:
    """Return the detail's normals turned by the shortest turn that brings straight up to the base's; all unit vectors.

    By Rodrigues' formula, about the axis across both.
    """
    up = np.array([0.0, 0.0, 1.0])
    axis = np.cross(np.broadcast_to(up, base.shape), base)
    cosine = base[..., 2:]
    across = np.cross(axis, detail)
    along = (axis * detail).sum(axis=-1, keepdims=True)
    return detail * cosine + across + axis * along / (1 + cosine)
