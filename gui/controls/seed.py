"""A seed: the number, a die for another, and a lock that keeps it when all seeds are thrown."""

from __future__ import annotations

from random import SystemRandom

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QHBoxLayout

from gui.controls.control import Control
from gui.controls.number import DragNumber
from gui.controls.quantity import Quantity
from gui.parts import Tool
from gui.theme import SIZE

HIGHEST, THROWN, DRAGGED = 2**31 - 1, 9999, 200
"""A die throws numbers that people can remember; a pixel of a drag is a seed."""


class SeedControl(Control):
    """A seed with a die and a lock."""

    locked = pyqtSignal(bool)

    def __init__(self, name: str, tip: str = "", throw: SystemRandom | None = None) -> None:
        super().__init__(name, tip)
        self._throw = throw or SystemRandom()
        self.number = DragNumber(name, Quantity(0, HIGHEST, 0, DRAGGED, whole=True), tip)
        self.number.filled = False
        self.dice = Tool("dice-five", f"{name}: another", SIZE["field"])
        self.lock = Tool("lock-simple-open", f"{name}: keep it when all seeds change", SIZE["field"], checkable=True)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        for part in (self.number, self.dice, self.lock):
            layout.addWidget(part)
        layout.setStretch(0, 1)
        self.setFixedHeight(SIZE["field"])
        self.setFocusProxy(self.number)
        for signal in ("began", "previewed", "committed", "abandoned", "reset_asked", "refused"):
            getattr(self.number, signal).connect(getattr(self, signal))
        self.dice.clicked.connect(self.throw)
        self.lock.toggled.connect(self._locked)

    def set_value(self, value: object) -> None:
        super().set_value(value)
        self.number.set_value(value)

    def set_changed(self, changed: bool) -> None:
        super().set_changed(changed)
        self.number.set_changed(changed)

    def set_mixed(self, mixed: bool) -> None:
        super().set_mixed(mixed)
        self.number.set_mixed(mixed)

    def set_driven(self, expression: str) -> None:
        super().set_driven(expression)
        self.number.set_driven(expression)
        self.dice.setEnabled(self.open_to_change)

    def set_error(self, sentence: str) -> None:
        super().set_error(sentence)
        self.number.set_error(sentence)

    def set_read_only(self, read_only: bool) -> None:
        super().set_read_only(read_only)
        self.number.set_read_only(read_only)
        self.dice.setEnabled(self.open_to_change)

    def set_locked(self, locked: bool) -> None:
        """Show whether the seed is kept; nobody is told."""
        self.lock.blockSignals(True)
        self.lock.setChecked(locked)
        self.lock.blockSignals(False)
        self.lock.set_icon("lock-simple" if locked else "lock-simple-open")

    def throw(self) -> None:
        """Ask for another seed."""
        seed = self._throw.randint(0, THROWN)
        while seed == self.value:
            seed = self._throw.randint(0, THROWN)
        self.commit(seed)

    def _locked(self, locked: bool) -> None:
        self.lock.set_icon("lock-simple" if locked else "lock-simple-open")
        self.locked.emit(locked)
