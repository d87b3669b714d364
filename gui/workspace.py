"""Where the panels stand: docks without frames of their own, 4 px apart, kept by workspace."""

from __future__ import annotations

from PyQt6.QtCore import QSize, Qt, QTimer
from PyQt6.QtWidgets import QDockWidget, QMainWindow, QStackedWidget, QWidget

from gui.parts import Tool, box, label
from gui.theme import SIZE

AREAS = Qt.DockWidgetArea
WORKSPACES = ("author", "look")


class Dock(QDockWidget):
    """A dock whose head is the panel's own. Floating, it is a window with the system's frame.

    extra : whether it is one of several, with a head to move and close it by.
    """

    def __init__(self, name: str, words: str, inside: QWidget, size: QSize, extra: bool = False) -> None:
        super().__init__(words)
        self.setObjectName(name)
        self.setWindowTitle(words)
        self.setAccessibleName(words)
        self.wished = size
        self._head = self._bar(words) if extra else QWidget()
        self.setTitleBarWidget(self._head)
        self.setWidget(inside)
        self.topLevelChanged.connect(self._show_frame)

    def _bar(self, words: str) -> QWidget:
        """Return the head of one of several docks: drag it to move, double click to float."""
        close = Tool("x", f"Close {words}", SIZE["field"])
        close.clicked.connect(self.close)
        floats = Tool("arrow-square-out", "A window of its own", SIZE["field"])
        floats.clicked.connect(self.toggle_floating)
        return box(
            [label(words, "hint"), None, floats, close], margins=(12, 0, 8, 0), gap=2, height=28, surface="panel"
        )

    def toggle_floating(self) -> None:
        """Make the dock a window of its own, or put it back."""
        self.setFloating(not self.isFloating())

    def _show_frame(self, floating: bool) -> None:
        self.setTitleBarWidget(None if floating else self._head)
        self._head.setVisible(not floating)

    def sizeHint(self) -> QSize:
        return self.wished


class Stack(QStackedWidget):
    """One panel of each open document, of which the shown document's is seen."""

    def __init__(self, wished: QSize, least: QSize) -> None:
        super().__init__()
        self.wished, self.least = wished, least

    def sizeHint(self) -> QSize:
        return self.wished

    def minimumSizeHint(self) -> QSize:
        return self.least


class Workspaces:
    """The docks of a window and how they stand in each workspace."""

    def __init__(
        self, window: QMainWindow, library: Dock, parameters: Dock, picture: Dock, solid: Dock, problems: Dock
    ) -> None:
        self.window = window
        self.library, self.parameters, self.picture, self.solid, self.problems = (
            library,
            parameters,
            picture,
            solid,
            problems,
        )
        self.docks = (library, parameters, picture, solid, problems)
        self.kept: dict[str, bytes] = {}
        self.name = "author"
        self._full: tuple[QWidget, bytes] | None = None
        self._shown, self.tabbed = True, False
        self._before: bytes | None = None
        self._apart = QTimer(window)
        self._apart.setSingleShot(True)
        self._apart.setInterval(0)
        self._apart.timeout.connect(self._halve)
        window.setCorner(Qt.Corner.BottomLeftCorner, AREAS.LeftDockWidgetArea)
        window.setCorner(Qt.Corner.BottomRightCorner, AREAS.RightDockWidgetArea)
        window.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks
            | QMainWindow.DockOption.AllowTabbedDocks
            | QMainWindow.DockOption.GroupedDragging
        )
        window.addDockWidget(AREAS.LeftDockWidgetArea, library)
        window.addDockWidget(AREAS.RightDockWidgetArea, parameters)
        window.addDockWidget(AREAS.BottomDockWidgetArea, picture)
        window.splitDockWidget(picture, solid, Qt.Orientation.Horizontal)
        window.addDockWidget(AREAS.BottomDockWidgetArea, problems)
        problems.hide()
        self.lay_out()

    def lay_out(self) -> None:
        """Lay out the present workspace as it is at first."""
        for dock in self.docks:
            dock.setFloating(False)
            dock.setVisible(dock is not self.problems)
        height = SIZE["views"] if self.name == "author" else round(self.window.height() * 0.6)
        self.window.resizeDocks([self.library], [SIZE["library"]], Qt.Orientation.Horizontal)
        self.window.resizeDocks([self.parameters], [SIZE["parameters"]], Qt.Orientation.Horizontal)
        shares = [1, 1] if self.name == "author" else [2, 3]
        unit = max(200, (self.window.width() - SIZE["library"] - SIZE["parameters"]) // sum(shares))
        self.window.resizeDocks(
            [self.picture, self.solid], [unit * share for share in shares], Qt.Orientation.Horizontal
        )
        self.window.resizeDocks([self.picture, self.solid], [height, height], Qt.Orientation.Vertical)

    def show_panels(self, shown: bool) -> None:
        """Show the panels, or only what comes before any document: the library."""
        if shown == self._shown:
            return
        self._shown = shown
        self.end_full()
        if shown:
            if self._before is not None:
                self.window.restoreState(self._before)
            else:
                self.lay_out()
        else:
            self._before = bytes(self.window.saveState().data())
            for dock in self.window.findChildren(Dock):
                dock.hide()

    def toggle(self, dock: Dock) -> None:
        """Show a panel, or hide it."""
        dock.setVisible(not dock.isVisible())
        if dock.isVisible():
            dock.raise_()

    def add(self, dock: Dock) -> None:
        """Show one more 2D view, beside the first."""
        self.window.addDockWidget(AREAS.BottomDockWidgetArea, dock)
        self.window.splitDockWidget(self.picture, dock, Qt.Orientation.Horizontal)
        dock.show()

    def set_tabbed(self, tabbed: bool) -> None:
        """Put the views behind one another, where there is no room for them side by side, or apart again."""
        if tabbed != self.tabbed and self._shown:
            self.tabbed = tabbed
            if tabbed:
                self.window.tabifyDockWidget(self.picture, self.solid)
            else:
                self._untab()

    def _untab(self) -> None:
        """Put the views side by side: beside one of several tabs Qt would only add another, so both are put in anew."""
        window, shown = self.window, [dock for dock in (self.picture, self.solid) if dock.isVisible()]
        area = window.dockWidgetArea(self.picture)
        for dock in (self.picture, self.solid):
            window.removeDockWidget(dock)
        window.addDockWidget(area, self.picture)
        window.splitDockWidget(self.picture, self.solid, Qt.Orientation.Horizontal)
        for dock in shown or (self.picture, self.solid):
            dock.show()
        self._apart.start()  # they have no widths to share yet

    def _halve(self) -> None:
        """Give both views the same width."""
        half = (self.picture.width() + self.solid.width()) // 2
        self.window.resizeDocks([self.picture, self.solid], [half, half], Qt.Orientation.Horizontal)

    def go(self, name: str) -> None:
        """Show another workspace as it was left."""
        self.end_full()
        if name == self.name:
            return
        self.kept[self.name] = bytes(self.window.saveState().data())
        self.name = name
        if name in self.kept:
            self.window.restoreState(self.kept[name])
        else:
            self.lay_out()

    def toggle_full(self, panel: QWidget | None) -> None:
        """Give a panel, a dock or the middle, the whole window, or put all back."""
        if self._full is not None:
            self.end_full()
            return
        middle = self.window.centralWidget()
        target = panel if isinstance(panel, Dock) else middle
        assert target is not None
        self._full = target, bytes(self.window.saveState().data())
        for dock in self.docks:
            dock.setVisible(dock is target)
        if middle is not None:
            middle.setVisible(target is middle)

    def end_full(self) -> None:
        """Put all panels back after one had the whole window."""
        if self._full is not None:
            _, state = self._full
            self._full = None
            middle = self.window.centralWidget()
            if middle is not None:
                middle.show()
            self.window.restoreState(state)
