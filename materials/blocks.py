"""Frames with their nodes as blocks: each laid out by itself, then set on shelves, frames within frames first."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from materials import boxes, layers
from materials.boxes import COLUMN, HEADER, ROW, SNAP, WIDTH, height_of, port_height
from materials.graph import Document, Link
from materials.layers import Grid, Wire
from materials.layout import Point
from materials.ports import inputs_of, outputs_of
from materials.shelves import Page, Size, cost_of, pages_of

GAP = COLUMN - WIDTH
PLATE, NUMBER, CLOSE = 120, 56, 20
"""Free space beside a port for the plate of a portal, for one with a number alone, and how close two may not be."""
TITLE, SIDE, FOOT = 56, 24, 16
"""Space within a frame above, beside and below its nodes."""
LONGEST = 5
"""How many columns a wire may pass before it is drawn as a portal."""


@dataclass
class Block:
    """Nodes that are laid out together, with a frame around them or none, or a frame or comment without nodes."""

    ids: list[str]
    frame: int = -1
    parts: list[Block] = field(default_factory=list)
    """Blocks within the frame, where it has any: frames, comments, and its own nodes."""
    fixed: Size = (0.0, 0.0)
    """The size of what has no nodes."""
    heights: dict[str, float] = field(default_factory=dict)
    links: list[Link] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    ports: dict[tuple[str, str, bool], float] = field(default_factory=dict)
    """How far down nodes their ports are: by node, name, and whether it is an input."""
    grids: dict[int, Grid] = field(default_factory=dict)
    """Columns by how many rows they may have."""
    laid: Laid | None = None

    @property
    def edges(self) -> tuple[int, int, int]:
        """Space above, beside and below."""
        return (TITLE, SIDE, FOOT) if self.frame >= 0 else (0, 0, 0)


@dataclass
class Laid:
    """Where things lie, from the top left corner of what they are in: nodes, and rectangles of frames by number."""

    size: Size
    nodes: dict[str, Point] = field(default_factory=dict)
    frames: dict[int, tuple[float, float, float, float]] = field(default_factory=dict)
    portals: set[Link] = field(default_factory=set)

    def take(self, other: Laid, x: float, y: float) -> None:
        """Take in what lies elsewhere, with its corner at a place here."""
        self.nodes |= {id: (x + left, y + top) for id, (left, top) in other.nodes.items()}
        for frame, (left, top, width, height) in other.frames.items():
            self.frames[frame] = x + left, y + top, width, height
        self.portals |= other.portals


# ---- what belongs together ---------------------------------------------------------------------------


def blocks_of(document: Document, ids: Sequence[str], frames: Sequence[int]) -> list[Block]:
    """Return the blocks of some nodes and frames: a frame's nodes stay together, and so do loose nodes that are joined.

    A node that lies in several frames belongs to the smallest of them, a frame to the smallest that holds its middle.
    """
    rects = {frame: boxes.frame_box(document.frames[frame]) for frame in frames}
    by_size = sorted(frames, key=lambda frame: (_area(rects[frame]), frame))
    hosts = [frame for frame in by_size if document.frames[frame].get("kind") != "comment"]
    held: dict[int, list[str]] = {frame: [] for frame in (-1, *frames)}
    for id in ids:
        centre = boxes.box_of(document.nodes[id]).centre
        held[next((frame for frame in hosts if rects[frame].holds(*centre)), -1)].append(id)
    parents: dict[int, int] = {}
    for frame in by_size:
        later = [host for host in hosts if host != frame and _area(rects[host]) > _area(rects[frame])]
        parents[frame] = next((host for host in later if rects[host].holds(*rects[frame].centre)), -1)

    def made(frame: int) -> list[Block]:
        inner = [inside(child) for child in frames if parents[child] == frame]
        if not held[frame]:
            return inner
        loose = [held[frame]] if not inner else _joined(document, held[frame])
        return inner + [Block(nodes) for nodes in loose]

    def inside(frame: int) -> Block:
        parts = made(frame)
        if not parts:
            rect = rects[frame]
            return Block([], frame, fixed=(_up(rect.right - rect.left), _up(rect.bottom - rect.top)))
        if len(parts) == 1 and parts[0].frame < 0:
            return Block(parts[0].ids, frame)
        return Block([id for part in parts for id in part.ids], frame, parts)

    return made(-1)


def _up(length: float) -> float:
    return float(math.ceil(length / SNAP) * SNAP)


def _area(box: boxes.Box) -> float:
    return (box.right - box.left) * (box.bottom - box.top)


def _joined(document: Document, ids: Sequence[str]) -> list[list[str]]:
    """Return nodes in groups that links between them hold together."""
    group = {id: place for place, id in enumerate(ids)}
    members = {place: [id] for place, id in enumerate(ids)}
    for link in document.links:
        if link.source in group and link.target in group and group[link.source] != group[link.target]:
            low, high = sorted((group[link.source], group[link.target]))
            members[low] += members[high]
            group |= dict.fromkeys(members.pop(high), low)
    places = {id: place for place, id in enumerate(ids)}
    return [sorted(members[low], key=places.__getitem__) for low in sorted(members)]


# ---- where it lies -----------------------------------------------------------------------------------


def lay_out(document: Document, blocks: Sequence[Block], links: Sequence[Link]) -> Laid:
    """Return where blocks and all in them lie; links that then would go back or far are portals."""
    owner = {id: place for place, block in enumerate(blocks) for id in block.ids}
    joined: dict[tuple[int, int], int] = {}
    within: list[list[Link]] = [[] for _ in blocks]
    for link in links:
        one, other = owner[link.source], owner[link.target]
        if one == other:
            within[one].append(link)
        else:
            joined[one, other] = joined.get((one, other), 0) + 1
    for block, own in zip(blocks, within, strict=True):
        _prepare(document, block, own)
    nodes = sum(len(block.ids) for block in blocks)
    usual = math.sqrt(0.6 * max(nodes, 1))
    rows = sorted({*range(2, 9), round(usual), round(usual * 1.25), round(usual * 1.5)} - {0, 1})
    degrees = Counter((link.source, link.output) for link in document.links)
    between = [link for link in links if owner[link.source] != owner[link.target]]
    ends: list[list[Link]] = [
        [link for link in between if place in (owner[link.source], owner[link.target])] for place in range(len(blocks))
    ]

    @cache
    def size(place: int, high: int) -> Size:
        block = blocks[place]
        return block.laid.size if block.laid is not None else _laid(block, high, ends[place], degrees).size

    best, found = float("inf"), Laid((0.0, 0.0))
    for page in pages_of(len(blocks), size, joined, rows):
        laid = _paged(blocks, page, ends, owner, degrees)
        cost = cost_of(laid.size, page.torn(joined))
        if cost < best:
            best, found = cost, laid
    return found


def _paged(
    blocks: Sequence[Block],
    page: Page,
    ends: Sequence[Sequence[Link]],
    owner: Mapping[str, int],
    degrees: Mapping[tuple[str, str], int],
) -> Laid:
    """Return blocks on a page; `ends` are the links that join each to others."""
    places = page.places()
    between = {link for links in ends for link in links}
    apart = {link for link in between if not page.joins(owner[link.source], owner[link.target], places)}
    links = [link for place, block in enumerate(blocks) for link in (*block.links, *ends[place])]
    for _ in range(2):  # plates of wires that turn out to be too long need space too
        parts = []
        for place, block in enumerate(blocks):
            mine = [link for link in (*block.links, *ends[place]) if link in apart]
            parts.append(block.laid or _laid(block, page.rows[place], mine, degrees))
        laid = _set(parts, page)
        apart |= {link for link in links if link not in laid.portals and _is_far(laid, link, owner)}
    laid.portals |= apart
    return laid


def _prepare(document: Document, block: Block, links: Sequence[Link]) -> None:
    """Lay out what is in a block, or get its nodes ready for it."""
    top, side, foot = block.edges
    nodes = document.nodes
    if block.parts:
        inner = lay_out(document, block.parts, links)
        width, height = inner.size
        block.laid = Laid((width + 2 * side, height + top + foot))
        block.laid.take(inner, side, top)
        block.laid.frames[block.frame] = (0.0, 0.0, *block.laid.size)
    elif not block.ids:
        block.laid = Laid(block.fixed, frames={block.frame: (0.0, 0.0, *block.fixed)})
    else:
        block.links = list(links)
        block.ports = _ports(document, block.ids)
        block.wires = [
            Wire(
                link.source,
                link.target,
                block.ports.get((link.source, link.output, False), HEADER) / ROW,
                block.ports.get((link.target, link.socket, True), HEADER) / ROW,
            )
            for link in links
        ]
        block.heights = {id: height_of(nodes[id]) for id in block.ids}


def _ports(document: Document, ids: Sequence[str]) -> dict[tuple[str, str, bool], float]:
    found: dict[tuple[str, str, bool], float] = {}
    for id in ids:
        node = document.nodes[id]
        found |= {(id, port.name, True): port_height(node, port.name, True) for port in inputs_of(node)}
        found |= {(id, port.name, False): port_height(node, port.name, False) for port in outputs_of(node)}
    return found


def _grid(block: Block, high: int) -> Grid:
    """Return the fewest columns that so many rows allow, in as few rows as they need."""
    if high in block.grids:
        return block.grids[high]
    spans = {id: math.ceil((height + SNAP) / ROW) for id, height in block.heights.items()}
    made = layers.columns_of(spans, block.wires, high)
    while made.rows > 1:
        lower = layers.columns_of(spans, block.wires, made.rows - 1)
        if lower.columns > made.columns or lower.rows >= made.rows:
            break
        made = lower
    alike = next((grid for grid in block.grids.values() if grid.column == made.column), None)
    if alike is None:
        layers.set_rows(made, block.wires, made.rows)
    block.grids[high] = alike or made
    return block.grids[high]


def _laid(block: Block, high: int, apart: Collection[Link], degrees: Mapping[tuple[str, str], int]) -> Laid:
    """Return where the nodes of a block lie, with space for the plates of portals.

    apart : links that are portals whatever their length. degrees : how many links leave each output.
    """
    grid = _grid(block, high)
    far = {link for link in block.links if grid.column[link.target] - grid.column[link.source] > LONGEST + 1}
    plates = Plates()
    for link in {*far, *apart}:
        if link.target in grid.column:
            height = block.ports.get((link.target, link.socket, True), 0.0)
            plates.before.setdefault(link.target, {})[height] = PLATE
        if link.source in grid.column:
            height = block.ports.get((link.source, link.output, False), 0.0)
            width = PLATE if degrees[link.source, link.output] == 1 else NUMBER
            plates.after.setdefault(link.source, {})[height] = width
    top, side, foot = block.edges
    lefts, width = _across(grid, plates, side)
    nodes = {id: (lefts[column], float(top + grid.row[id] * ROW)) for id, column in grid.column.items()}
    bottom = max(y + block.heights[id] for id, (_, y) in nodes.items())
    laid = Laid((width, _up(bottom + foot)), nodes, portals=far)
    if block.frame >= 0:
        laid.frames[block.frame] = (0.0, 0.0, *laid.size)
    return laid


@dataclass
class Plates:
    """The plates of portals before and after nodes: their widths by how far down the node they are."""

    before: dict[str, dict[float, int]] = field(default_factory=dict)
    after: dict[str, dict[float, int]] = field(default_factory=dict)

    def width(self, left: str | None, right: str | None) -> int:
        """Return how much space the plates between two nodes need."""
        after, before = self.after.get(left or "", {}), self.before.get(right or "", {})
        facing = [a + b for y, a in after.items() for other, b in before.items() if abs(y - other) < CLOSE]
        return max((*facing, *after.values(), *before.values()), default=0)


def _across(grid: Grid, plates: Plates, side: int) -> tuple[list[float], float]:
    """Return the left edge of each column and the width of all, with space where plates would lie on nodes."""
    cells = {(grid.column[id], row + step): id for id, row in grid.row.items() for step in range(grid.spans[id])}
    lefts: list[float] = []
    x = 0.0
    for column in range(grid.columns + 1):
        pairs = [(cells.get((column - 1, row)), cells.get((column, row))) for row in range(grid.rows)]
        if column in (0, grid.columns):
            least, needs = side, [plates.width(*pair) for pair in pairs]
        else:
            least, needs = GAP, [plates.width(*pair) for pair in pairs if all(pair)]
        x += max((least, *needs))
        lefts.append(x)
        x += WIDTH
    return lefts[:-1], lefts[-1]


def _set(parts: Sequence[Laid], page: Page) -> Laid:
    """Return what was laid out, on its shelves as one."""
    made = Laid((0.0, 0.0))
    for part, corner in zip(parts, page.corners([part.size for part in parts]), strict=True):
        made.take(part, *corner)
        width, height = made.size
        made.size = max(width, corner[0] + part.size[0]), max(height, corner[1] + part.size[1])
    return made


def _is_far(laid: Laid, link: Link, owner: Mapping[str, int]) -> bool:
    """Return whether a wire would go back, or further than the eye follows."""
    away = laid.nodes[link.target][0] - laid.nodes[link.source][0]
    reach = LONGEST + 1 if owner[link.source] != owner[link.target] else LONGEST + 3
    return away < COLUMN or away > reach * COLUMN
