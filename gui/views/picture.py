"""The 2D view: an output of a node as a picture, with its channels, its tiling, its numbers, and another beside it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PyQt6.QtCore import QPoint, pyqtSignal
from PyQt6.QtGui import QAction, QCloseEvent, QHideEvent, QResizeEvent
from PyQt6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget

from gui import readings
from gui.background import Check, Latest
from gui.readings import Facts
from gui.session import Result
from gui.shown import channels, face
from gui.views import overlays
from gui.views.body import Body
from gui.views.facts import FactsPanel
from gui.views.looking import LARGE, Options, Seen, Subject, file_of, look
from gui.views.mips import Mips
from gui.views.pane import Pane, image_of
from gui.views.picture_header import TILINGS, PictureHeader
from gui.views.picture_menu import fill_menu
from materials import files
from nodes.arrays import Material, Value
from nodes.declare import spelled

LEAST = 200
EMPTY = "Select a node to see its picture"
WAITING = "No picture yet"


class PictureView(QWidget):
    """A panel that shows one output at a time; where it comes from is the business of `PictureSource`."""

    picked = pyqtSignal(tuple)
    """While picking: the linear colour that was clicked."""
    offered = pyqtSignal(tuple)
    """While picking: the linear colour under the pointer."""
    picked_line = pyqtSignal(list)
    """While picking: the linear colours along a line that was drawn."""
    given_up = pyqtSignal()
    """While picking: Escape was pressed; whoever began it ends it."""
    output_chosen = pyqtSignal(str)
    pin_changed = pyqtSignal(bool)
    refused = pyqtSignal(str)
    """Something could not be done: why, in a sentence."""

    def __init__(self) -> None:
        super().__init__()
        self.options = Options()
        self.node, self.output, self.title = "", "", ""
        self.seen: Seen | None = None
        self.kept: Subject | None = None
        self.difference = 0
        self._subject: Subject | None = None
        self._fresh, self._stage = True, ""
        self._number = self._since = 0
        self._seen_of = ("", "")
        self.map = ""
        self._outputs: tuple[str, ...] = ()
        self._maps: tuple[str, ...] = ()
        self._result: tuple[Result, Facts | None] | None = None
        self._menu: QMenu | None = None
        self._work = Latest("picture", self)
        self._work.done.connect(self._take)
        self._work.failed.connect(self._fail)
        self._build()
        self._refresh()

    # ---- building ----

    def _build(self) -> None:
        self.setAccessibleName("2D view")
        self.pane, self.facts = Pane(), FactsPanel()
        self.head = PictureHeader()
        self.setMinimumWidth(LEAST)
        self.body = Body(self.pane, self.facts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.head)
        layout.addWidget(self.body, 1)
        head = self.head
        head.outputs.clicked.connect(self._choose_output)
        head.pin.toggled.connect(self.pin_changed)
        head.channel_chosen.connect(self.set_channel)
        head.tiling.chosen.connect(self._set_tiling)
        head.seam.toggled.connect(self._toggle_seam)
        head.more.clicked.connect(self._open_menu)
        self.pane.pointed.connect(self._read)
        self.pane.picked.connect(self._pick)
        self.pane.line_picked.connect(self._pick_line)
        self.pane.given_up.connect(self.given_up)

    # ---- what is shown ----

    @property
    def pinned(self) -> bool:
        return self.head.pin.isChecked()

    def set_result(
        self,
        result: Result | None,
        title: str = "",
        node: str = "",
        output: str = "",
        facts: Facts | None = None,
        outputs: Sequence[str] = (),
    ) -> None:
        """Show an output as it was last computed; without a result the last picture of the same output stays, faded.

        Parameters
        ----------
        title : of the node. outputs : of the node, among which another can be chosen.
        facts : what is known beside the pixels; its name is that of the output unless given.
        """
        same = (node, output) == (self.node, self.output)
        self.node, self.output, self.title, self._outputs = node, output, title, tuple(outputs)
        self._result = None if result is None else (result, facts)
        if not same:
            self._since = self._number  # what is still being looked at is of another output
        if result is not None:
            subject = self._subject_of(result.value, facts or Facts(output))
            known = self._subject
            self._fresh = result.fresh
            # An edit leaves the old picture for a while: what is known of it is what was known before.
            alike = known is not None and known.value is subject.value
            unchanged = known is not None and alike and (not result.fresh or _alike(known.facts, subject.facts))
            self._subject = subject if known is None or not unchanged else known
            if not unchanged or not same:
                self._look()
        elif same and self._subject is not None:
            self._fresh = False
        else:
            self._subject, self.seen, self._fresh = None, None, True
            self._number += 1
            self._work.cancel()
        self._refresh()

    def _subject_of(self, value: Value, facts: Facts) -> Subject:
        """Return what is to be looked at: of a material one of its maps, with the others beside it."""
        self._maps = tuple(value.maps) if isinstance(value, Material) else ()
        if not isinstance(value, Material) or not self._maps:
            return Subject(value, facts, self.title)
        name = self.map if self.map in value.maps else face(value)[0]
        others = {other: image for other, image in value.maps.items() if other != name}
        return Subject(
            value.maps[name],
            replace(facts, name=name, depth_cm=value.depth_cm, beside=others, is_relief=True),
            self.title,
        )

    def set_stage(self, words: str) -> None:
        """Say what is being computed, for as long as the picture is of an older graph."""
        if words != self._stage:
            self._stage = words
            self._refresh()

    def _look(self) -> None:
        """Look at the subject anew: at once if it is small, in the background if it is not."""
        subject = self._subject
        if subject is None:
            return
        self._number += 1
        number, kept, options = self._number, self.kept, self._present_options()
        if max(subject.pixels, kept.pixels if kept else 0) < LARGE:
            self._work.cancel()
            self._take(look(number, subject, options, kept))
            return

        def work(check: Check) -> Seen:  # it is never given up, lest a drag starve the screen
            return look(number, subject, options, kept)

        self._work.submit(work)

    def _present_options(self) -> Options:
        o = self.options
        needs = bool(self.pane.shown & {"seam", "repetition"})
        return Options(o.channel, o.exposure, o.stretched, self.difference if self.kept else 0, needs)

    def _take(self, seen: Seen) -> None:
        """Show what was seen, unless something newer is shown already or another output is wanted by now."""
        overtaken = self.seen is not None and seen.number < self.seen.number
        if self._subject is None or seen.number <= self._since or overtaken:
            return
        self.seen, self._seen_of = seen, (self.node, self.output)
        self.pane.set_picture(Mips(seen.codes))
        self.pane.before = Mips(seen.before) if seen.before is not None else None
        self.pane.measures = seen.measures
        self.facts.set_picture(seen.counts, seen.verdict)
        self._refresh()
        self._read_again()

    def _fail(self, error: Exception) -> None:
        self.refused.emit(f"This picture cannot be shown: {error}")

    def _refresh(self) -> None:
        """Bring header, notes and facts up to date with what is shown."""
        several = len(self._outputs) > 1 or len(self._maps) > 1
        part = self._subject.facts.name if self._maps and self._subject is not None else self.output
        self.head.name.set_words(self.title if not several else f"{self.title} · {_words(part)}")
        self.head.outputs.setVisible(several)
        if self._subject is None:
            self.pane.set_picture(None)
            self.pane.before = None
            self.facts.set_picture(np.zeros((0, 1), np.int64), ("", "text3"))
            self.facts.set_pixel("", [])
        self.body.show_facts(self._subject is not None)
        self.pane.empty_words = (self._stage or WAITING) if self.node else EMPTY
        stale = not self._fresh or self._seen_of != (self.node, self.output)
        self.pane.stale = stale
        self.facts.set_stale(stale)
        self.pane.notes = self._notes()
        self._arrange_header()
        self.pane.update()

    def _notes(self) -> list[tuple[str, str]]:
        found, o = [], self.options
        seen = self.seen if self._subject is not None else None
        if seen is not None and seen.measures is not None:
            if "repetition" in self.pane.shown:
                found.append(overlays.repetition_words(seen.measures, self.pane.place))
            if "seam" in self.pane.shown:
                found.append(overlays.seam_words(seen.measures))
        if seen is not None and self.kept is not None and self.difference:
            found.append((f"difference × {self.difference} to {self.kept.title or 'A'}", "text2"))
        if o.exposure:
            found.append((f"{o.exposure:+.0f} stop{'s' if abs(o.exposure) > 1 else ''}".replace("-", "−"), "text2"))
        if seen is not None and seen.span is not None:
            found.append((f"stretched from {seen.span[0]:.3g} to {seen.span[1]:.3g}".replace("-", "−"), "text2"))
        if self.pane.picking and seen is not None:
            found.append(("Click a colour, or draw a line for several", "text1"))
        if self._subject is not None and not self._fresh:
            found.append((self._stage or "waiting", "text2"))
        return found

    def _arrange_header(self) -> None:
        names = channels(self._subject.value) if self._subject is not None else ()
        self.head.arrange(self.width(), names, self.options.channel)

    # ---- choices ----

    def set_channel(self, number: int | None) -> None:
        """Show one channel alone, or all."""
        self._change(Options(number, self.options.exposure, self.options.stretched))

    def set_exposure(self, stops: float, stretched: bool = False) -> None:
        """Show it brighter by some stops, or stretched from its least to its most value; values stay what they are."""
        self._change(Options(self.options.channel, min(max(stops, -8.0), 8.0), stretched))

    def set_tiling(self, tiles: int) -> None:
        """Show the tile once, two by two, or three by three."""
        self.head.tiling.set_current(TILINGS.index(tiles))
        self.pane.set_tiles(tiles)

    def set_overlay(self, name: str, on: bool) -> None:
        """Show or hide "seam", "grid" or "repetition"."""
        self.pane.shown = self.pane.shown | {name} if on else self.pane.shown - {name}
        if self.head.seam.isChecked() != ("seam" in self.pane.shown):
            self.head.seam.setChecked("seam" in self.pane.shown)
        if on and name != "grid" and (self.seen is None or self.seen.measures is None):
            self._look()
        self._refresh()

    def keep(self) -> None:
        """Keep the present picture as A, to be compared with what is shown from now on."""
        if self._subject is not None:
            self.kept, self.difference = self._subject, 0
            self.pane.wipe = 0.5
            self._look()

    def set_difference(self, gain: int) -> None:
        """Show how far A and the present picture are apart, times a gain; 0 shows them side by side."""
        self.difference = gain
        self._look()

    def stop_comparing(self) -> None:
        self.kept, self.difference = None, 0
        self._look()

    def _change(self, options: Options) -> None:
        self.options = options
        self._look()
        self._refresh()

    def _set_tiling(self, index: int) -> None:
        self.pane.set_tiles(TILINGS[index])

    def _toggle_seam(self, on: bool) -> None:
        if on != ("seam" in self.pane.shown):
            self.set_overlay("seam", on)

    def _choose_output(self) -> None:
        menu = QMenu(self)
        shown = self._subject.facts.name if self._maps and self._subject is not None else self.output
        for name in self._maps or self._outputs:
            action = menu.addAction(_words(name))
            assert action is not None
            action.setCheckable(True)
            action.setChecked(name == shown)
            action.setData(name)
        menu.triggered.connect(self._take_output)
        self._popup(menu, self.head.outputs)

    def _take_output(self, action: QAction) -> None:
        if self._maps:
            self.show_map(action.data())
        else:
            self.output_chosen.emit(action.data())

    def show_map(self, name: str) -> None:
        """Show another map of a material, now and whenever it is a material."""
        self.map = name
        if self._result is not None:
            result, facts = self._result
            self.set_result(result, self.title, self.node, self.output, facts, self._outputs)

    def _open_menu(self) -> None:
        self._popup(fill_menu(QMenu(self), self), self.head.more)

    def _popup(self, menu: QMenu, below: QWidget) -> None:
        self._menu = menu
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(below.mapToGlobal(QPoint(0, below.height() + 2)))

    # ---- reading and picking ----

    def set_picking(self, picking: bool) -> None:
        """Let colours be taken from the picture: a click takes one, a line many; the caller ends it."""
        self.pane.set_picking(picking)
        if picking:
            self.pane.setFocus()
        self._refresh()

    def _read(self, place: tuple[int, int] | None) -> None:
        """Show what lies at a pixel; beside the picture the last one stays."""
        if self.seen is None or place is None or self._subject is None:
            return
        subject = self.seen.subject
        self.facts.set_pixel(
            readings.hex_code(subject.value, *place, subject.facts), readings.at(subject.value, *place, subject.facts)
        )
        if self.pane.picking:
            self.offered.emit(readings.linear(subject.value, *place, subject.facts))

    def _read_again(self) -> None:
        picking, self.pane.picking = self.pane.picking, False
        self._read(self.pane.spot)
        self.pane.picking = picking

    def _pick(self, row: int, column: int) -> None:
        if self.seen is not None:
            self.picked.emit(readings.linear(self.seen.subject.value, row, column, self.seen.subject.facts))

    def _pick_line(self, places: list[tuple[int, int]]) -> None:
        if self.seen is not None and places:
            subject = self.seen.subject
            self.picked_line.emit([readings.linear(subject.value, *place, subject.facts) for place in places])

    # ---- out of the app ----

    def copy(self) -> None:
        """Put the picture into the clipboard, as it is seen."""
        clipboard = QApplication.clipboard()
        if self.seen is not None and clipboard is not None:
            clipboard.setImage(image_of(self.seen.codes))

    def save(self, path: Path) -> None:
        """Write the picture as it is seen, or as an EXR file with the numbers themselves.

        Raises
        ------
        ExportError
            If the file cannot be written.
        """
        if self.seen is None:
            return
        files.write_bytes(path, file_of(self.seen, path.suffix.lower()))

    # ---- keeping and closing ----

    def state(self) -> dict[str, Any]:
        """Return how the view is set, as plain data; what it shows and where is not part of it."""
        return {
            "tiles": self.pane.place.tiles,
            "channel": self.options.channel,
            "exposure": self.options.exposure,
            "stretched": self.options.stretched,
            "overlays": sorted(self.pane.shown),
            "pinned": self.pinned,
        }

    def restore(self, state: Mapping[str, Any]) -> None:
        """Set the view as it was; what is missing or makes no sense is left as it is."""
        if state.get("tiles") in TILINGS:
            self.set_tiling(state["tiles"])
        exposure, channel = state.get("exposure"), state.get("channel")
        self.options = Options(
            channel if channel in (0, 1, 2) else None,
            min(max(float(exposure), -8.0), 8.0) if isinstance(exposure, int | float) else 0.0,
            state.get("stretched") is True,
        )
        kept = state.get("overlays")
        for name in ("seam", "grid", "repetition"):
            self.set_overlay(name, isinstance(kept, list) and name in kept)
        self.head.pin.setChecked(state.get("pinned") is True)
        self._change(self.options)

    def stop(self) -> None:
        """End the background thread; the view shows nothing new afterwards."""
        self._work.stop()

    def closeEvent(self, event: QCloseEvent | None) -> None:
        self.stop()
        super().closeEvent(event)

    def hideEvent(self, event: QHideEvent | None) -> None:
        if self._menu is not None:
            self._menu = None
        super().hideEvent(event)

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        self._arrange_header()


def _alike(a: Facts, b: Facts) -> bool:
    """Return whether facts say the same; arrays are compared by identity, as results are never written to."""
    if replace(a, beside={}) != replace(b, beside={}) or a.beside.keys() != b.beside.keys():
        return False
    return all(a.beside[name] is b.beside[name] for name in a.beside)


def _words(name: str) -> str:
    """Return the name of an output or a map as it is written in text."""
    return spelled(name)
