"""The head of the 2D view: what it shows, and the choices that are made most often."""

from __future__ import annotations

from collections.abc import Sequence

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout, QWidget

from gui.parts import Elided, Segmented, Tool, label, panel_header

TILINGS = (1, 2, 3)
WITH_CHANNELS, WITH_TILING = 330, 400
"""Widths from which these are in sight; the menu has them always."""

TOOL = 24


class PictureHeader(QWidget):
    """Name, output and pin at the left; channel, tiling, seam and the menu at the right, as far as there is room."""

    channel_chosen = pyqtSignal(object)
    """The number of a channel, or None for all."""

    def __init__(self) -> None:
        super().__init__()
        self.name = Elided("", "body")
        self.outputs = Tool("caret-down", "Show another output", TOOL)
        self.pin = Tool("push-pin", "Pin: keep this picture when the selection changes", TOOL, checkable=True)
        self.colours = Segmented("Channel", ["RGB", "R", "G", "B"])
        self.axes = Segmented("Axis", ["XY", "X", "Y"])
        self.tiling = Segmented("Tiling", [f"{n}×" for n in TILINGS])
        self.seam = Tool("grid-four", "Seam: show where tiles meet", TOOL, checkable=True)
        self.more = Tool("dots-three", "Overlays, exposure, comparing, saving", TOOL)
        left = [label("2D", "strong"), self.name, self.outputs, self.pin, None]
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(panel_header([*left, self.colours, self.axes, self.tiling, self.seam, self.more]))
        self.setMinimumWidth(1)  # it leaves out what does not fit, which it can only once it is narrower
        self.pin.toggled.connect(self._show_pin)
        self.colours.chosen.connect(self._choose)
        self.axes.chosen.connect(self._choose)

    def arrange(self, width: int, names: Sequence[str], channel: int | None) -> None:
        """Show what a view of this width has room for, and the channel in use of those there are."""
        self.colours.setVisible(len(names) == 3 and width >= WITH_CHANNELS)
        self.axes.setVisible(len(names) == 2 and width >= WITH_CHANNELS)
        self.tiling.setVisible(width >= WITH_TILING)
        at = 0 if channel is None else channel + 1
        (self.colours if len(names) == 3 else self.axes).set_current(at if at <= len(names) else 0)

    def _choose(self, index: int) -> None:
        self.channel_chosen.emit(None if index == 0 else index - 1)

    def _show_pin(self, on: bool) -> None:
        self.pin.set_icon("push-pin-fill" if on else "push-pin")
