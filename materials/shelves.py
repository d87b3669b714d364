"""Blocks of nodes set like words on a page: in the order of what feeds what, on shelves read from left to right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

ASPECT = 1.7
"""The shape of a canvas, width by height, that the page is to fill."""
BETWEEN, BELOW = 72, 32
"""Free space between blocks side by side, and between those one below the other."""
WIDE = 0.75
"""As a share of the widest block, how wide those are that may have more rows than others."""
KEPT = 4
"""How many pages are looked at closely."""
CAPS = 16
"""How many widths are tried to break a line of stacks into shelves."""
STACKINGS = ((0.0, 2.0, True), (0.05, 0.4, False), (0.05, 0.0, False), (0.05, 0.3, True), (0.25, 0.2, False))
"""How much higher than the highest block a stack may be, how alike in width blocks in it are, and whether none of them
may feed another; the first makes no stacks."""
TORN, LOPSIDED = 0.2, 0.05
"""What wires that do not reach the next stack cost, and the side that does not limit how large the page is shown."""

Size = tuple[float, float]
Sizes = Callable[[int, int], Size]
"""How large a block is that may be so many rows high: asked with the block's number and the rows."""


@dataclass(frozen=True)
class Page:
    """Shelves of stacks of blocks, by their numbers, and how many rows each block may have."""

    shelves: tuple[tuple[tuple[int, ...], ...], ...]
    rows: tuple[int, ...]

    def places(self) -> dict[int, tuple[int, int, int]]:
        """Return where each block is: its shelf, its stack there, and its place in the stack."""
        return {
            block: (i, j, k)
            for i, shelf in enumerate(self.shelves)
            for j, stack in enumerate(shelf)
            for k, block in enumerate(stack)
        }

    def corners(self, sizes: Sequence[Size]) -> list[tuple[float, float]]:
        """Return the top left corner of each block."""
        found = [(0.0, 0.0)] * len(sizes)
        top = 0.0
        for shelf in self.shelves:
            left, bottom = 0.0, top
            for stack in shelf:
                y = top
                for block in stack:
                    found[block] = left, y
                    y += sizes[block][1] + BELOW
                left += max(sizes[block][0] for block in stack) + BETWEEN
                bottom = max(bottom, y)
            top = bottom
        return found

    def torn(self, joined: Mapping[tuple[int, int], int]) -> float:
        """Return the share of wires between blocks that do not lead to the next stack."""
        places = self.places()
        lost = sum(count for (one, other), count in joined.items() if not self.joins(one, other, places))
        return lost / max(sum(joined.values()), 1)

    def joins(self, one: int, other: int, places: Mapping[int, tuple[int, int, int]]) -> bool:
        """Return whether wires from one block to another need not pass a third."""
        (shelf, stack, _), (there, next_stack, _) = places[one], places[other]
        return shelf == there and next_stack == stack + 1


def pages_of(count: int, sizes: Sizes, joined: Mapping[tuple[int, int], int], rows: Sequence[int]) -> list[Page]:
    """Return the few pages of so many blocks that cost least by what `sizes` says, the best first.

    joined : how many wires run from one block to another. rows : the heights that are tried.
    """
    best: list[tuple[float, int, Page]] = []
    tried = 0
    for line in _orders(count, joined):
        for high in _heights(count, sizes, rows):
            chosen = [sizes(block, high[block]) for block in range(count)]
            for stacks in _stackings(line, chosen, joined):
                for shelves in _shelvings(stacks, chosen):
                    page = Page(shelves, high)
                    size = _extent(page, chosen)
                    if len(best) == KEPT and cost_of(size, 0.0) >= best[-1][0]:
                        continue
                    tried += 1
                    best = sorted([*best, (cost_of(size, page.torn(joined)), tried, page)])[:KEPT]
    return [page for _, _, page in best]


def cost_of(size: Size, torn: float) -> float:
    """Return what a page costs: how large it is, and the share of wires between blocks that are torn."""
    wide, high = size[0] / ASPECT, size[1]
    return (max(wide, high) + LOPSIDED * min(wide, high)) * (1 + TORN * torn)


def _heights(count: int, sizes: Sizes, rows: Sequence[int]) -> Iterator[tuple[int, ...]]:
    """Give how many rows each block may have: as many as the others, or more if it is among the widest."""
    for high in rows:
        widths = [sizes(block, high)[0] for block in range(count)]
        for more in (0, 1):
            yield tuple(high + more * (width > WIDE * max(widths)) for width in widths)


def _extent(page: Page, sizes: Sequence[Size]) -> Size:
    width = max(
        sum(max(sizes[block][0] for block in stack) + BETWEEN for stack in shelf) - BETWEEN for shelf in page.shelves
    )
    height = sum(max(sum(sizes[block][1] + BELOW for block in stack) for stack in shelf) for shelf in page.shelves)
    return width, height - BELOW


def _orders(count: int, joined: Mapping[tuple[int, int], int]) -> Iterator[list[int]]:
    """Give orders in which what feeds comes before what is fed: by number, and staying by what was last."""
    feeds: list[set[int]] = [set() for _ in range(count)]
    for one, other in joined:
        feeds[other].add(one)
    seen: list[list[int]] = []
    for stay in (False, True):
        line: list[int] = []
        left = list(range(count))
        while left:
            done = set(line)
            ready = [block for block in left if feeds[block] <= done] or left[:1]  # a circle is cut at its first
            recent = line[-3:] if stay else []
            taken = max(ready, key=lambda block: (sum(joined.get((one, block), 0) for one in recent), -block))
            line.append(taken)
            left.remove(taken)
        if line not in seen:
            seen.append(line)
            yield line


def _stackings(
    line: Sequence[int], sizes: Sequence[Size], joined: Mapping[tuple[int, int], int]
) -> Iterator[list[tuple[int, ...]]]:
    """Give ways to put blocks that follow each other one below the other, where together they are not too high."""
    full = max(height for _, height in sizes)
    seen: list[list[tuple[int, ...]]] = []
    for slack, alike, loose in STACKINGS:
        stacks: list[tuple[int, ...]] = []
        high = wide = 0.0
        for block in line:
            width, height = sizes[block]
            fits = high + BELOW + height <= full * (1 + slack) and alike * max(wide, width) <= min(wide, width)
            apart = not loose or not any((one, block) in joined for one in (stacks[-1] if stacks else ()))
            if stacks and fits and apart:
                stacks[-1] = (*stacks[-1], block)
                high, wide = high + BELOW + height, max(wide, width)
            else:
                stacks.append((block,))
                high, wide = height, width
        if stacks not in seen:
            seen.append(stacks)
            yield stacks


def _shelvings(
    stacks: Sequence[tuple[int, ...]], sizes: Sequence[Size]
) -> Iterator[tuple[tuple[tuple[int, ...], ...], ...]]:
    """Give ways to break a line of stacks into shelves."""
    widths = [max(sizes[block][0] for block in stack) for stack in stacks]
    least, most = max(widths), sum(widths) + BETWEEN * (len(widths) - 1)
    seen: set[int] = set()
    for step in range(CAPS + 1):
        cap = least * (most / least) ** (step / CAPS) + 1
        shelves: list[list[tuple[int, ...]]] = [[]]
        ends, wide = [], 0.0
        for place, (stack, width) in enumerate(zip(stacks, widths, strict=True)):
            if shelves[-1] and wide + BETWEEN + width > cap:
                shelves.append([])
                ends.append(place)
                wide = width
            else:
                wide += width + (BETWEEN if shelves[-1] else 0)
            shelves[-1].append(stack)
        key = hash(tuple(ends))
        if key not in seen:
            seen.add(key)
            yield tuple(tuple(shelf) for shelf in shelves)
