"""From rows to the session: one drag one undo step, and what was refused shown where it was asked."""

from __future__ import annotations

from typing import Any

from PyQt6.QtCore import QObject, pyqtSignal

from gui.panels.items import Item, driving, resetting, setting
from gui.panels.row import ParameterRow
from gui.session import Session
from materials.edits import Edit, Group


class Gestures(QObject):
    """Makes of what rows ask one undo step each."""

    exposing = pyqtSignal(object)
    hiding = pyqtSignal(object)

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.active: ParameterRow | None = None
        self._refusal = ""
        session.refused.connect(self._refused)

    def join(self, row: ParameterRow) -> None:
        """Listen to a row."""
        row.began.connect(self._began)
        row.previewed.connect(self._previewed)
        row.committed.connect(self._committed)
        row.abandoned.connect(self._abandoned)
        row.reset_asked.connect(self._reset)
        row.expressed.connect(self._expressed)
        row.expose_asked.connect(self.exposing)
        row.hide_asked.connect(self.hiding)

    def end(self) -> None:
        """Finish a gesture whose row goes away."""
        if self.active is not None:
            self.active = None
            self.session.commit()

    def do(self, edit: Edit, text: str, row: ParameterRow | None = None) -> bool:
        """Make an edit; a row says why it was refused."""
        self.end()
        self._refusal = ""
        done = self.session.do(edit, text)
        if row is not None:
            row.complain("" if done else self._refusal)
        return done

    def _refused(self, sentence: str) -> None:
        self._refusal = sentence

    def _began(self, row: ParameterRow) -> None:
        self.end()
        self.active = row
        self.session.begin(row.item.title)

    def _preview(self, row: ParameterRow, value: Any) -> bool:
        if self.active is not row or not self.session.history.is_in_gesture:
            self._began(row)
        self._refusal = ""
        done = self.session.preview(setting(row.item, value))
        row.complain("" if done else self._refusal or "This is refused")
        return done

    def _previewed(self, row: ParameterRow, value: Any) -> None:
        self._preview(row, value)

    def _committed(self, row: ParameterRow, value: Any) -> None:
        done = self._preview(row, value)
        self.active = None
        if done:
            self.session.commit()
        else:
            self.session.abandon()

    def _abandoned(self, row: ParameterRow) -> None:
        if self.active is row:
            self.active = None
            self.session.abandon()
        row.complain("")

    def _reset(self, row: ParameterRow) -> None:
        item: Item = row.item
        edits = [resetting([item])]
        if item.expression:
            edits.insert(0, driving(self.session.graph, item, None))
        if item.changed or item.expression:
            self.do(Group(tuple(edits)), f"Reset {item.title}", row)

    def _expressed(self, row: ParameterRow, words: str) -> None:
        item: Item = row.item
        if words or item.expression:
            self.do(driving(self.session.graph, item, words), f"Expression of {item.title}", row)
