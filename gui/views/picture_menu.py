"""The menu of the 2D view: fitting, overlays, exposure, comparing, and taking the picture out of the app."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PyQt6.QtWidgets import QFileDialog, QMenu

from gui.shown import channels
from gui.views.looking import GAINS
from materials.errors import IntarsiaError

if TYPE_CHECKING:
    from gui.views.picture import PictureView

OVERLAYS = {"seam": "Where tiles meet", "grid": "Grid", "repetition": "Where it repeats"}


def fill_menu(menu: QMenu, view: PictureView) -> QMenu:
    """Return a menu with all that a view can do, as it stands now."""
    there = view.seen is not None
    _add(menu, "Fit to the view\tF", view.pane.fit, there)
    _add(menu, "Real pixels\t1", view.pane.real_size, there)
    tiling = _submenu(menu, "Tiling")
    for tiles in (1, 2, 3):
        on = view.pane.place.tiles == tiles
        _add(tiling, f"{tiles} × {tiles}", partial(view.set_tiling, tiles), checked=on)
    names = channels(view.seen.subject.value) if view.seen is not None else ()
    if names:
        single = _submenu(menu, "Channel")
        _add(single, "All", partial(view.set_channel, None), checked=view.options.channel is None)
        for number, name in enumerate(names):
            _add(single, name, partial(view.set_channel, number), checked=view.options.channel == number)
    menu.addSeparator()
    for name, words in OVERLAYS.items():
        on = name in view.pane.shown
        _add(menu, words, partial(view.set_overlay, name, not on), checked=on)
    menu.addSeparator()
    _exposure(_submenu(menu, "Exposure"), view)
    _comparing(_submenu(menu, "Compare"), view, there)
    menu.addSeparator()
    _add(menu, "Copy picture", view.copy, there)
    _add(menu, "Save picture as…", partial(save_as, view), there)
    return menu


def _exposure(menu: QMenu, view: PictureView) -> None:
    stops, stretched = view.options.exposure, view.options.stretched
    _add(menu, "Brighter by a stop", partial(view.set_exposure, stops + 1, stretched))
    _add(menu, "Darker by a stop", partial(view.set_exposure, stops - 1, stretched))
    _add(menu, "Stretch to its range", partial(view.set_exposure, stops, not stretched), checked=stretched)
    menu.addSeparator()
    _add(menu, "As it is", partial(view.set_exposure, 0.0), bool(stops) or stretched)


def _comparing(menu: QMenu, view: PictureView, there: bool) -> None:
    comparing = view.kept is not None
    _add(menu, "Keep this picture as A", view.keep, there)
    menu.addSeparator()
    _add(menu, "Wipe", partial(view.set_difference, 0), comparing, checked=comparing and not view.difference)
    for gain in GAINS:
        words = "Difference" if gain == 1 else f"Difference × {gain}"
        _add(menu, words, partial(view.set_difference, gain), comparing, checked=comparing and view.difference == gain)
    menu.addSeparator()
    _add(menu, "Stop comparing", view.stop_comparing, comparing)


def _submenu(menu: QMenu, words: str) -> QMenu:
    made = menu.addMenu(words)
    assert made is not None
    return made


def _add(menu: QMenu, words: str, does: Callable[[], None], enabled: bool = True, checked: bool | None = None) -> None:
    action = menu.addAction(words)
    assert action is not None
    action.setEnabled(enabled)
    if checked is not None:
        action.setCheckable(True)
        action.setChecked(checked)

    def do(on: bool = False) -> None:
        does()

    action.triggered.connect(do)


def save_as(view: PictureView) -> None:
    """Ask where to, and write the picture there."""
    kinds = "As it is seen (*.png);;Its numbers (*.exr)"
    name = f"{view.title or 'picture'}.png"
    path, _ = QFileDialog.getSaveFileName(view, "Save picture", name, kinds)
    if not path:
        return
    try:
        view.save(Path(path) if Path(path).suffix else Path(path).with_suffix(".png"))
    except (IntarsiaError, OSError) as error:
        view.refused.emit(str(error))
