"""The canvas's actions in one table: menus, the palette of commands, tooltips and the page of keys read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Literal

from PyQt6.QtCore import QPoint, Qt
from PyQt6.QtGui import QAction, QKeySequence
from PyQt6.QtWidgets import QMenu

from gui.canvas.hints import End
from gui.canvas.scene import Hit
from gui.parts import icon
from gui.shortcuts import keys_of
from materials.graph import SUBGRAPH

if TYPE_CHECKING:
    from gui.canvas.view import Canvas

Needs = Literal["", "nodes", "two", "subgraph", "any", "wire", "level"]


@dataclass(frozen=True)
class Entry:
    """An action as it is declared: a name, words, keys, an icon, what it needs, and what it does."""

    name: str
    words: str
    keys: tuple[str, ...]
    icon: str
    needs: Needs
    does: Callable[[], object]


FRAME_COLOURS = {
    "Grey": "tone",
    "Slate": "source",
    "Blue": "noise",
    "Teal": "warp",
    "Sage": "surface",
    "Sand": "scatter",
    "Clay": "region",
    "Violet": "synthesis",
    "Mauve": "model",
    "Rose": "material",
}
"""The colours of frames by the section of nodes whose tint they take."""

ARROWS = {"Left": (-1, 0), "Right": (1, 0), "Up": (0, -1), "Down": (0, 1)}


def entries(canvas: Canvas) -> list[Entry]:
    """Return all actions of the canvas, in the order of its menus."""
    do = canvas.commands
    table = [
        Entry("search", "Add a node", ("Space", "Tab"), "plus", "", canvas.search),
        Entry("show", "Show in 2D", ("V",), "eye", "nodes", do.show),
        Entry("pin", "Pin in a view of its own", (), "push-pin", "nodes", do.pin),
        Entry("rename", "Rename", ("F2",), "pencil-simple", "any", do.rename),
        Entry("enter", "Enter the subgraph", ("Return", "Enter"), "sign-in", "subgraph", do.enter),
        Entry("leave", "Leave the subgraph", ("Backspace",), "sign-out", "level", do.leave),
        Entry("bypass", "Bypass", ("M", "D"), "prohibit", "nodes", do.bypass),
        Entry("freeze", "Freeze", ("Z",), "snowflake", "nodes", do.freeze),
        Entry("swap", "Swap inputs", ("S",), "arrows-left-right", "nodes", do.swap),
        Entry("join_all", "Join every channel", (), "link", "two", do.join_selected),
        Entry("duplicate", "Duplicate", ("Ctrl+D",), "copy", "nodes", do.duplicate),
        Entry(
            "duplicate_inputs",
            "Duplicate with inputs",
            ("Ctrl+Shift+D",),
            "git-fork",
            "nodes",
            partial(do.duplicate, True),
        ),
        Entry("cut", "Cut", ("Ctrl+X",), "scissors", "nodes", do.cut),
        Entry("copy", "Copy as text", ("Ctrl+C",), "copy-simple", "nodes", do.copy),
        Entry("paste", "Paste", ("Ctrl+V",), "clipboard", "", do.paste),
        Entry("delete", "Delete", ("Delete",), "trash", "any", do.delete),
        Entry("heal", "Delete and heal", ("Ctrl+Delete",), "bandaids", "nodes", do.heal),
        Entry("frame", "Frame", ("G",), "frame-corners", "", do.frame),
        Entry("comment", "Comment", ("C",), "note", "", do.comment),
        Entry("enclose", "Make a subgraph", ("Ctrl+G",), "tree-structure", "nodes", do.enclose),
        Entry("dissolve", "Dissolve the subgraph", ("Ctrl+Shift+G",), "arrows-out", "subgraph", do.dissolve),
        Entry("align", "Align", ("L",), "align-left", "two", do.align),
        Entry("align_left", "Align left edges", (), "align-left", "two", partial(do.align, "left")),
        Entry("align_centre", "Align centres", (), "align-center-horizontal", "two", partial(do.align, "centre")),
        Entry("align_right", "Align right edges", (), "align-right", "two", partial(do.align, "right")),
        Entry("align_top", "Align top edges", (), "align-top", "two", partial(do.align, "top")),
        Entry("align_middle", "Align middles", (), "align-center-vertical", "two", partial(do.align, "middle")),
        Entry("align_bottom", "Align bottom edges", (), "align-bottom", "two", partial(do.align, "bottom")),
        Entry("spread", "Spread", ("Shift+L",), "rows", "two", do.spread),
        Entry("tidy", "Tidy", ("T",), "squares-four", "", do.tidy),
        Entry("dot", "Add a dot to the wire", ("R",), "flow-arrow", "", do.dot),
        Entry("portal", "Make a portal", (), "broadcast", "wire", do.portal),
        Entry("straighten", "Straighten the wire", (), "line-segment", "wire", do.straighten),
        Entry("all", "Select all", ("Ctrl+A",), "selection-all", "", do.select_all),
        Entry("fit", "Fit the selection", ("F",), "corners-out", "", canvas.fit),
        Entry("home", "Show all", ("Home",), "frame-corners", "", canvas.home),
        Entry("real", "Real size", ("1",), "number-circle-one", "", canvas.real_size),
    ]
    for name, (x, y) in ARROWS.items():
        lower = name.lower()
        table.append(Entry(f"walk_{lower}", f"Walk {lower}", (name,), f"arrow-{lower}", "", partial(do.walk, x, y)))
    for name, (x, y) in ARROWS.items():
        lower = name.lower()
        keys = (f"Shift+{name}",)
        table.append(
            Entry(f"nudge_{lower}", f"Nudge {lower}", keys, f"arrow-{lower}", "nodes", partial(do.nudge, x, y))
        )
    return table


def actions(canvas: Canvas) -> dict[str, QAction]:
    """Return the canvas's actions by name, their keys at work while the canvas has the focus."""
    made: dict[str, QAction] = {}
    for entry in entries(canvas):
        action = QAction(icon(entry.icon), entry.words, canvas)
        action.setObjectName(f"canvas_{entry.name}")
        action.setShortcuts([QKeySequence(keys) for keys in entry.keys])
        action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        action.setToolTip(f"{entry.words}  {keys_of(action)}".strip())
        action.setProperty("needs", entry.needs)
        action.setProperty("icon_name", entry.icon)
        action.triggered.connect(partial(_unless_dragging, canvas, entry.does))
        canvas.addAction(action)
        made[entry.name] = action
    return made


def _unless_dragging(canvas: Canvas, does: Callable[[], object], checked: bool = False) -> None:
    """Do nothing while a button is held: a gesture has the graph."""
    if not canvas.dragging:
        does()


def _trigger(does: Callable[[], object], checked: bool = False) -> None:
    does()


def refresh(canvas: Canvas) -> None:
    """Enable the actions that make sense for what is selected."""
    session, picked = canvas.session, canvas.graph_scene.picked
    chosen = [node for id in session.selection if (node := session.graph.nodes.get(id)) is not None]
    met = {
        "": True,
        "nodes": bool(chosen),
        "two": len(chosen) > 1,
        "subgraph": any(node.key == SUBGRAPH for node in chosen),
        "any": bool(chosen) or picked.link is not None or picked.frame >= 0,
        "wire": picked.link is not None,
        "level": bool(session.level),
    }
    for action in canvas.named_actions.values():
        action.setEnabled(met[action.property("needs")])
    route = session.graph.routes.get(str(picked.link))
    canvas.named_actions["portal"].setText("Make a wire of the portal" if route and route.portal else "Make a portal")
    off = bool(chosen) and all(node.bypass for node in chosen)
    canvas.named_actions["bypass"].setText("Use again" if off else "Bypass")
    frozen = bool(chosen) and all(session.look(node.id).frozen for node in chosen)
    canvas.named_actions["freeze"].setText("Thaw" if frozen else "Freeze")


def redraw(canvas: Canvas) -> None:
    """Draw the icons again, as the theme wants them."""
    for action in canvas.named_actions.values():
        action.setIcon(icon(action.property("icon_name")))


# ---- menus ---------------------------------------------------------------------------------------

MENUS: dict[str, str] = {
    "node": "show pin rename enter | bypass freeze swap join_all | duplicate duplicate_inputs cut copy"
    " | frame enclose dissolve | align spread tidy | delete heal",
    "wire": "dot portal straighten | delete",
    "void": "search paste | frame comment tidy | all fit home real | leave",
    "frame": "rename | delete",
}


def menu_for(canvas: Canvas, hit: Hit) -> QMenu:
    """Return the menu of what lies under the pointer; what makes no sense there is left out."""
    refresh(canvas)
    kind = "void"
    if hit.on_node:
        kind = "node"
    elif hit.what in ("wire", "dot", "stub"):
        kind = "wire"
    elif hit.on_frame and hit.what != "ground":
        kind = "frame"
    menu = QMenu(canvas)
    if hit.what == "port":
        _fill_port(menu, canvas, hit)
        return menu
    for word in MENUS[kind].split():
        if word == "|":
            menu.addSeparator()
        elif (action := canvas.named_actions[word]).isEnabled():
            menu.addAction(action)
    if kind == "frame":
        _fill_colours(menu, canvas, hit.index)
    return menu


def _fill_port(menu: QMenu, canvas: Canvas, hit: Hit) -> None:
    assert hit.port is not None
    end = End(hit.node, hit.port.name, hit.is_output)
    what = f"Add what {'takes' if hit.is_output else 'makes'} {hit.port.kind}"
    _offer(menu, what, "plus", partial(canvas.searching.emit, canvas.pointer(), end))
    if hit.is_output:
        _offer(menu, "Show in 2D", "eye", partial(canvas.session.show, hit.node, hit.port.name))
    elif (link := canvas.graph_scene.into(hit.node, hit.port.name)) is not None:
        _offer(menu, f"Take off {canvas.graph_scene.name(link.source)}", "scissors", partial(canvas.cut_link, link))


def _fill_colours(menu: QMenu, canvas: Canvas, index: int) -> None:
    colours = menu.addMenu(icon("palette"), "Colour")
    assert colours is not None
    current = str(canvas.session.graph.frames[index].get("colour", ""))
    for words, section in FRAME_COLOURS.items():
        action = _offer(colours, words, "square", partial(canvas.commands.colour_frame, section))
        action.setIcon(canvas.swatch(section))
        action.setCheckable(True)
        action.setChecked(section == current)


def _offer(menu: QMenu, words: str, icon_name: str, does: Callable[[], object]) -> QAction:
    action = QAction(icon(icon_name), words, menu)
    action.triggered.connect(partial(_trigger, does))
    menu.addAction(action)
    return action


def pop_up(canvas: Canvas, hit: Hit, at: QPoint) -> None:
    """Open the menu of a thing under the pointer."""
    menu = menu_for(canvas, hit)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.popup(at)
