"""Docks: workspaces there and back, one panel alone, floating, and one more view."""

from __future__ import annotations

import pytest
from PyQt6.QtCore import QSize
from PyQt6.QtWidgets import QLabel, QMainWindow

from gui.workspace import Dock, Workspaces


@pytest.fixture
def window(qtbot):
    made = QMainWindow()
    qtbot.addWidget(made)
    made.setCentralWidget(QLabel("middle"))
    names = ("library", "parameters", "picture", "solid", "problems")
    docks = {name: Dock(name, name.capitalize(), QLabel(name), QSize(300, 284)) for name in names}
    made.places = Workspaces(made, **docks)
    made.resize(1600, 1000)
    made.show()
    made.places.lay_out()
    return made


def shown(window) -> set[str]:
    return {dock.objectName() for dock in window.findChildren(Dock) if dock.isVisible()}


def test_the_workspace_author_shows_all_but_problems(window):
    assert shown(window) == {"library", "parameters", "picture", "solid"}
    assert window.places.library.x() < window.centralWidget().x() < window.places.parameters.x()
    assert window.places.picture.y() > window.centralWidget().y()


def test_look_gives_the_views_more_room_and_author_is_as_it_was(qtbot, window):
    height = window.places.solid.height()
    window.places.toggle(window.places.library)
    window.places.go("look")
    qtbot.waitUntil(lambda: window.places.solid.height() > height * 1.5)
    assert "library" in shown(window)
    window.places.go("author")
    qtbot.waitUntil(lambda: abs(window.places.solid.height() - height) <= 2)
    assert "library" not in shown(window)


def test_one_panel_alone_and_back(window):
    before = shown(window)
    window.places.toggle_full(window.places.solid)
    assert shown(window) == {"solid"}
    assert not window.centralWidget().isVisible()
    window.places.toggle_full(None)
    assert shown(window) == before
    assert window.centralWidget().isVisible()


def test_the_middle_alone_and_back(window):
    before = shown(window)
    window.places.toggle_full(None)
    assert shown(window) == set()
    assert window.centralWidget().isVisible()
    window.places.toggle_full(None)
    assert shown(window) == before


def test_a_floating_dock_has_a_frame_and_comes_back_without(window):
    dock = window.places.solid
    dock.toggle_floating()
    assert dock.isFloating()
    assert dock.titleBarWidget() is None
    dock.toggle_floating()
    assert not dock.isFloating()
    assert dock.titleBarWidget() is not None


def test_one_more_view_can_be_closed(window):
    more = Dock("view 1", "2D", QLabel("more"), QSize(300, 284), extra=True)
    window.places.add(more)
    assert "view 1" in shown(window)
    more.close()
    assert "view 1" not in shown(window)


def test_without_a_document_no_panel_is_shown_and_they_come_back(window):
    window.places.toggle(window.places.problems)
    before = shown(window)
    window.places.show_panels(False)
    assert shown(window) == set()
    window.places.show_panels(True)
    assert shown(window) == before


def test_views_stand_side_by_side_again_where_it_is_wide_again(window, qtbot):
    picture, solid = window.places.picture, window.places.solid
    window.places.set_tabbed(True)
    qtbot.waitUntil(lambda: picture.geometry().size() == solid.geometry().size())
    window.places.set_tabbed(False)
    qtbot.waitUntil(lambda: picture.geometry().right() < solid.geometry().left())
    assert window.tabifiedDockWidgets(picture) == []
    qtbot.waitUntil(lambda: abs(picture.width() - solid.width()) < 40)


def test_views_stand_behind_one_another_where_it_is_narrow(window):
    window.places.set_tabbed(True)
    assert window.tabifiedDockWidgets(window.places.picture) == [window.places.solid]
    window.places.set_tabbed(False)
    assert window.tabifiedDockWidgets(window.places.picture) == []
