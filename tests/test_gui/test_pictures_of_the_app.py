"""The command that makes the pictures of the app in the documentation, and the keys in the guide."""

import numpy as np
import pytest

from docs import app, stage
from docs.scenes import SCENES
from gui import spheres as spheres_of
from gui.spheres import SHIPPED, Spheres
from gui.theme import THEME
from materials import document as documents, edits, render
from nodes.opencv import cv2
from tests.test_gui import windows


@pytest.fixture(autouse=True)
def quick(monkeypatch):
    """No pictures of nodes and materials: their kernels would have to be compiled."""
    monkeypatch.setattr("gui.window.Thumbnails", windows.NoThumbnails)
    for user in ("gui.panels.library.Spheres", "gui.start.Spheres", "gui.window.Spheres"):
        monkeypatch.setattr(user, windows.NoSpheres)
    monkeypatch.setattr(stage.Stage, "_is_pictured", lambda self: True)


@pytest.mark.parametrize("name", ["keys", "problems"])
def test_a_picture_of_the_app_is_made(qapp, tmp_path, home, name):
    before = windows.threads()
    app.shoot([name], tmp_path)
    picture = cv2.imread(str(tmp_path / f"{name}.webp"))
    assert picture.shape == (stage.SIZE.height(), stage.SIZE.width(), 3)
    panel = THEME.color("panel").getRgb()[:3]
    assert 0.1 < np.isclose(picture[..., ::-1], panel, atol=4).all(axis=2).mean() < 0.9
    assert windows.threads() == before


def test_every_picture_is_there_and_the_guide_has_all_keys(qapp):
    assert app.stale() == []


def test_a_key_that_changed_is_found(qapp, tmp_path, monkeypatch):
    guide = tmp_path / "app.md"
    guide.write_text(app.GUIDE.read_text("utf-8").replace("| Ctrl N |", "| Ctrl J |"), "utf-8")
    monkeypatch.setattr(app, "GUIDE", guide)
    assert app.stale() == ["the keys in guide/app.md are not up to date"]
    assert app.main(["--check"]) == 1
    assert app.main(["--keys"]) == 0
    assert app.stale() == []


def test_all_pictures_are_below_three_megabytes_and_in_the_guide():
    files = list(app.FOLDER.iterdir())
    assert {file.stem for file in files} == SCENES.keys()
    assert sum(file.stat().st_size for file in files) < 3_000_000
    guide = app.GUIDE.read_text("utf-8")
    assert all(f"../app/{name}.webp" in guide for name in SCENES)


def test_every_shipped_material_has_its_picture(qapp):
    spheres = Spheres()
    assert all(spheres.picture(path) is not None for path in render.presets().values())
    assert len(list(SHIPPED.glob("*.webp"))) == len(render.presets())
    spheres.stop()


def test_a_material_keeps_its_picture_when_its_graph_is_laid_out_anew(qapp, tmp_path):
    document = render.load("brick_wall").document
    moved, changed = (edits.SetNode("bricks", "position", (9.0, 9.0)), edits.SetParameter("bricks", "columns", 3))
    names = []
    for edit in (None, moved, edits.SetMeta("frames", ()), changed):
        path = tmp_path / "wall.intarsia"
        documents.save(edit.apply(document)[0] if edit else document, path)
        names.append(spheres_of.name_of(path))
    assert names[0] == names[1] == names[2] != names[3]
