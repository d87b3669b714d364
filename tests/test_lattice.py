"""The lattice of a picture: found to a quarter of a pixel, made even, fitted to a tile; none where there is none."""

import numpy as np
import pytest

from nodes.patch.lattice import find_lattice, fitted_scale, straight_places, straightened

SIZE = 256


def made(shape, basis, seed=1, bend=None, wear=0.15):
    """Return a worn picture that repeats on a lattice: bricks, each of its own shade, between mortar.

    bend : rows and columns to take from each place before it is looked up.
    """
    random = np.random.default_rng(seed)
    y, x = np.mgrid[: shape[0], : shape[1]].astype(float)
    if bend is not None:
        by, bx = bend(y, x)
        y, x = y - by, x - bx
    row, column = np.linalg.solve(basis, np.stack([y.ravel(), x.ravel()])).reshape(2, *shape)
    # Bricks cut from the rows of the lattice, so that a bond shows as joints that are set off.
    within = np.minimum(abs(row % 1 - 0.5) * -2 + 1, (abs(column % 1 - 0.5) * -2 + 1) * 2.5)
    shade = 0.3 + 0.2 * random.random((64, 64))
    brick = shade[np.floor(row).astype(int) % 64, np.floor(column).astype(int) % 64]
    picture = np.where(within < 0.18, 0.7, brick) * (1 + wear * random.standard_normal(shape))
    return np.clip(picture, 0, 1).astype(np.float32)


def bricks(course, brick, share):
    return np.array([[course, 0.0], [share * brick, brick]])


def distance_to_lattice(vector, basis):
    steps = np.linalg.solve(basis, np.array(vector))
    return float(np.hypot(*(basis @ (steps - np.round(steps)))))


@pytest.mark.parametrize(("course", "brick", "share"), [(17.3, 52.0, 0.5), (23.7, 23.7, 0.0), (15.0, 48.6, 1 / 3)])
def test_a_wall_is_found_to_a_quarter_of_a_pixel(course, brick, share):
    basis = bricks(course, brick, share)
    found = find_lattice(made((SIZE, SIZE), basis))
    assert len(found.vectors) == 2
    assert max(distance_to_lattice(vector, basis) for vector in (*found.vectors, *found.even)) < 0.25
    area = abs(np.linalg.det(np.array(found.vectors)))
    assert area == pytest.approx(course * brick, rel=0.02)  # and not a lattice twice as wide


def test_a_large_picture_is_found_as_well_as_a_small_one():
    basis = bricks(35.4, 105.0, 0.5)
    found = find_lattice(made((512, 512), basis))
    assert max(distance_to_lattice(vector, basis) for vector in found.vectors) < 0.25


def test_a_transposed_picture_has_the_transposed_lattice():
    picture = made((SIZE, 224), bricks(17.3, 48.0, 0.5))
    here, there = find_lattice(picture), find_lattice(np.ascontiguousarray(picture.T))
    assert np.allclose(np.array(here.vectors)[:, ::-1], there.vectors, atol=0.1)
    assert np.allclose(np.array(here.even)[:, ::-1], there.even, atol=0.1)


def test_a_diagonal_lattice_is_found():
    basis = np.array([[21.0, 21.0], [21.0, -21.0]])
    found = find_lattice(made((SIZE, SIZE), basis))
    assert max(distance_to_lattice(vector, basis) for vector in found.vectors) < 0.25
    assert abs(np.linalg.det(np.array(found.vectors))) == pytest.approx(882, rel=0.02)


def test_courses_of_uneven_stones_give_one_vector():
    random = np.random.default_rng(3)
    y, x = np.mgrid[:SIZE, :SIZE].astype(float)
    picture = np.empty((SIZE, SIZE))
    for course in range(12):
        joints = np.cumsum(random.uniform(25, 80, 16)) - random.uniform(0, 80)
        gap = abs(x[0][:, None] - joints).min(1) < 2
        rows = np.flatnonzero(y[:, 0] // 23 == course)
        stone = 0.3 + 0.2 * random.random(17)[np.searchsorted(joints, x[0])]
        picture[rows] = np.where(gap, 0.7, stone)
        picture[rows[y[rows, 0] % 23 < 3]] = 0.7
    found = find_lattice((picture * (1 + 0.1 * random.standard_normal(picture.shape))).astype(np.float32))
    assert len(found.vectors) == 1
    assert np.allclose(found.vectors[0], (23, 0), atol=0.25)


def test_a_bend_is_recovered():
    basis = bricks(17.0, 50.0, 0.5)

    def bend(y, x):
        v, u = y / SIZE - 0.5, x / SIZE - 0.5
        return 16 * u * u + 10 * u * v, 12 * u * v + 8 * v * v

    found = find_lattice(made((SIZE, SIZE), basis, bend=bend))
    ys, xs = straight_places(found)
    by, bx = bend(ys, xs)
    straight = np.stack([(ys - by).ravel(), (xs - bx).ravel()])
    # Ideal places of the straight picture's pixels must be an even grid: a plane, in pixels.
    y, x = np.mgrid[: ys.shape[0], : ys.shape[1]]
    plane = np.stack([np.ones(y.size), y.ravel(), x.ravel()])
    off = straight - np.linalg.lstsq(plane.T, straight.T)[0].T @ plane
    assert np.sqrt((off**2).mean()) < 0.5
    assert abs(bend(*np.mgrid[:SIZE, :SIZE])[0]).max() > 6


def test_straightening_levels_a_tilted_wall():
    basis = np.array([[17.0, 1.7], [25.0 - 1.7, 50.0]])
    picture = made((SIZE, SIZE), basis)
    found = find_lattice(picture)
    again = find_lattice(straightened(picture, found))
    assert found.even[1][0] == 0
    assert abs(again.vectors[1][0]) < 0.25
    assert np.allclose(again.vectors, found.even, atol=0.3)


def test_further_maps_are_straightened_alike():
    picture = made((SIZE, SIZE), bricks(17.0, 50.0, 0.5))
    found = find_lattice(picture)
    color = straightened(np.dstack([picture, 1 - picture, picture]), found)
    assert np.array_equal(color[..., 0], straightened(picture, found))


def noise(random, sigma):
    spectrum = np.fft.rfft2(random.standard_normal((SIZE, SIZE)))
    fy, fx = np.fft.fftfreq(SIZE)[:, None], np.fft.rfftfreq(SIZE)
    plane = np.fft.irfft2(spectrum * np.exp(-2 * (np.pi * sigma) ** 2 * (fy**2 + fx**2)))
    return (0.4 + 0.1 * plane / plane.std()).astype(np.float32)


def stones(random, count):
    points = random.uniform(0, SIZE, (count, 2))
    y, x = np.mgrid[:SIZE, :SIZE]
    distance = np.hypot(y[..., None] - points[:, 0], x[..., None] - points[:, 1])
    nearest = np.partition(distance, 1, -1)[..., :2]
    return (np.clip((nearest[..., 1] - nearest[..., 0]) / 6, 0, 1) * random.random(count)[distance.argmin(-1)]).astype(
        np.float32
    )


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("make", [lambda r: noise(r, 1), lambda r: noise(r, 5), lambda r: stones(r, 120)])
def test_a_stochastic_picture_has_no_lattice(make, seed):
    assert find_lattice(make(np.random.default_rng(seed))) is None


def test_a_flat_or_tiny_picture_has_no_lattice():
    assert find_lattice(np.full((SIZE, SIZE), 0.5, np.float32)) is None
    assert find_lattice(np.zeros((8, 300, 3), np.float32)) is None


def test_a_tile_holds_whole_periods_and_whole_bonds():
    found = find_lattice(made((SIZE, SIZE), bricks(17.3, 52.0, 0.5)))
    down, across = fitted_scale(found, 512, 512)
    courses, along = 512 / (down * found.even[0][0]), 512 / (across * found.even[1][1])
    assert round(courses) % 2 == 0
    assert courses == pytest.approx(round(courses), abs=1e-6)
    assert along == pytest.approx(round(along), abs=1e-6)
    assert max(abs(np.log([down, across]))) < np.log(1.08)


def test_a_tile_too_small_for_a_period_cannot_be_fitted():
    assert fitted_scale(find_lattice(made((SIZE, SIZE), bricks(17.3, 52.0, 0.5))), 70, 70) is None
