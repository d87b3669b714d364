"""Who is in a picture: shares and duties of a graph's maps, as a report and as a map of shares."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from materials import credits as crediting, embedded, files, pictures, render as engine, sheet
from materials.document import parse_json
from materials.errors import LicenceError, SourceError, UsageError
from materials.graph import Source
from materials.render import Graph
from materials.shares import PROCEDURAL, Grade, Shares, of_plan
from materials.taint import Key, Taint
from nodes import opencv

LARGEST = 512
"""Pixels of the longer side above which no shares are computed: they hardly change with size."""

MOST = 8
"""Contributors that a map of shares tells apart; the others are the rest."""

MAX_CREDITS = 16 * 2**20

GRADES = {Grade.EXACT: "exact", Grade.RULE: "rule-based", Grade.APPROXIMATE: "approximate"}

DEFINITION = "A share is a weight of mixing, not of brightness or worth. Duties follow from use and not from shares."


@dataclass(frozen=True)
class Ownership:
    """The contributors of each map, and the sources that can reach it whether they are seen or not."""

    graph: Graph
    size: tuple[int, int]
    seed: int
    shares: Mapping[str, Shares]
    taint: Mapping[str, Taint]
    sources: Mapping[Key, Source]

    def name(self, key: Key) -> str:
        return "procedural" if key == PROCEDURAL else self.sources[key].name

    def ranked(self, map: str) -> list[tuple[Key, float]]:
        """Return all contributors of a map with their mean shares, the largest first."""
        shares = self.shares[map].of
        keys = {PROCEDURAL, *shares, *self.taint[map].all}
        means = {key: float(np.mean(shares.get(key, 0.0), dtype=np.float64)) for key in keys}
        return sorted(means.items(), key=lambda entry: (-round(entry[1], 6), entry[0]))

    def use(self, key: Key, map: str) -> str:
        return "control" if key in self.taint[map].control else "value"

    def as_data(self, grants: crediting.Grants | None = None, profile: str | None = None) -> dict[str, Any]:
        """Return everything as plain data; the same graph gives the same data."""
        return {
            "title": self.graph.document.title,
            "size": list(self.size),
            "seed": self.seed,
            "definition": DEFINITION,
            "maps": {map: self._map_data(map) for map in self.shares},
            "sources": [self._source_data(source) for source in self._all_sources()],
            **self._verdict(grants, profile),
        }

    def _map_data(self, map: str) -> dict[str, Any]:
        entries = [
            {
                "name": self.name(key),
                "kind": "procedural" if key == PROCEDURAL else "source",
                "use": self.use(key, map),
                "share": round(share, 6),
            }
            for key, share in self.ranked(map)
        ]
        return {"grade": GRADES[self.shares[map].grade], "contributors": entries}

    def _all_sources(self) -> list[Source]:
        return sorted({source.name: source for source in self.sources.values()}.values(), key=lambda one: one.name)

    def _source_data(self, source: Source) -> dict[str, Any]:
        keys = [key for key, found in self.sources.items() if found == source]
        uses = {map: self.use(key, map) for map in self.shares for key in keys if key in self.taint[map].all}
        data: dict[str, Any] = {field: getattr(source, field) for field in crediting.SOURCE_FIELDS}
        return {**data, "use": "value" if "value" in uses.values() else "control", "maps": list(uses)}

    def _verdict(self, grants: crediting.Grants | None, profile: str | None) -> dict[str, Any]:
        """Return what the licences ask, or why nothing may be shared."""
        sources = self._all_sources()
        duties = crediting.obligations(sources, grants)
        try:
            terms = crediting.check_licences(sources, grants, profile)
        except LicenceError as error:
            return {"refused": str(error), "obligations": duties}
        return {"terms": crediting.terms_data(terms), "obligations": duties}


def of_graph(
    graph: Graph,
    size: int | tuple[int, int] = 256,
    *,
    seed: int = 0,
    outputs: Collection[str] | None = None,
    check: Callable[[], None] = lambda: None,
) -> Ownership:
    """Compute the shares of a graph's maps.

    Parameters
    ----------
    size : pixels, or (width, height); at most 512.
    outputs : which maps; None for all.
    check : called now and then; what it raises ends the work.
    """
    height, width = engine.size_of(size)
    if max(height, width) > LARGEST:
        raise UsageError(f"shares are computed at up to {LARGEST} pixels, not {width}x{height}")
    plan, sources = engine.prepare(graph, (width, height), seed=seed, outputs=outputs)
    named = sources.named({key for taint in plan.taint.values() for key in taint.all})
    first = {source.name: key for key, source in reversed(named.items())}
    shares = {map: _merged(found, named, first) for map, found in of_plan(plan, sources.flat, check).items()}
    taint = {map: _renamed(found, named, first) for map, found in plan.taint.items()}
    return Ownership(graph, (width, height), seed, shares, taint, {first[name]: named[first[name]] for name in first})


def _merged(shares: Shares, named: Mapping[Key, Source], first: Mapping[str, Key]) -> Shares:
    """Return shares with entries of the ledger that are the same one put together."""
    found: dict[Key, Any] = {}
    for key, plane in sorted(shares.of.items(), key=lambda entry: entry[0]):
        own = key if key == PROCEDURAL else first[named[key].name]
        found[own] = found[own] + plane if own in found else plane
    return Shares(found, shares.grade)


def _renamed(taint: Taint, named: Mapping[Key, Source], first: Mapping[str, Key]) -> Taint:
    value, control = (frozenset(first[named[key].name] for key in keys) for keys in (taint.value, taint.control))
    return Taint(value, control - value)


def as_text(data: Mapping[str, Any]) -> list[str]:
    """Return a report for people to read, a line each."""
    lines = [data["title"]]
    for map, entry in data["maps"].items():
        lines += ["", f"{map}  ({entry['grade']})"]
        for one in entry["contributors"]:
            unseen = "  can reach it" if one["share"] == 0 and one["kind"] == "source" else ""
            note = "  only steers" if one["use"] == "control" else unseen
            lines.append(f"  {one['share']:7.2%}  {one['name']}{note}")
    lines += ["", data["definition"]]
    for source in data["sources"]:
        title, author = source["title"] or source["name"], source["author"] or "unknown"
        lines += ["", f"{source['name']}: {title} by {author}, {source['licence'] or 'no licence'}"]
        lines += [f"  {'in' if source['use'] == 'value' else 'only steers'} {', '.join(source['maps'])}"]
        lines += [f"  {source[field]}" for field in ("source", "changes") if source[field]]
    lines += ["", f"Not to be shared: {data['refused']}"] if "refused" in data else []
    return [*lines, *(["", "What the licences ask:"] if data["obligations"] else []), *data["obligations"]]


# ---- read back -------------------------------------------------------------------------------------


def recorded(path: Path) -> tuple[dict[str, Any], str]:
    """Return the credits that an export wrote, from its picture or its credits file, and the graph if it is there.

    Raises
    ------
    SourceError
        If there are none, or they are damaged.
    """
    if path.suffix == ".json":
        data, graph = parse_json(files.open_regular(path, MAX_CREDITS).decode("utf-8", "replace")), ""
    else:
        texts = embedded.texts(files.open_regular(path, embedded.MAX_PICTURE))
        if embedded.CREDITS_TEXT not in texts:
            raise SourceError(f"{path.name} holds no credits", path=path, hint="only what Intarsia exported does")
        data, graph = parse_json(texts[embedded.CREDITS_TEXT]), texts.get(embedded.GRAPH_TEXT, "")
    if not crediting.is_credits(data):
        raise SourceError(f"the credits in {path.name} are damaged", path=path)
    return data, graph


# ---- the map of shares -----------------------------------------------------------------------------

COLOURS = ((86, 180, 233), (230, 159, 0), (0, 158, 115), (240, 228, 66), (204, 121, 167), (213, 94, 0), (0, 114, 178))
COLOURS += ((148, 103, 189),)
"""sRGB, told apart by the colour-blind too (Okabe and Ito), and one more."""

OWN_COLOUR, REST_COLOUR = (128, 128, 128), (245, 245, 245)
LINE, MARGIN = 30, 16


def top(ownership: Ownership, map: str) -> list[tuple[str, np.ndarray]]:
    """Return the contributors of a map with their planes: the graph's own part, the largest 8 sources and the rest."""
    width, height = ownership.size
    shares = ownership.shares[map].of
    planes = {key: np.broadcast_to(np.float32(plane), (height, width)) for key, plane in shares.items()}
    ranked = [key for key, _ in ownership.ranked(map) if key != PROCEDURAL and key in planes]
    found = [("procedural", planes.get(PROCEDURAL, np.zeros((height, width), np.float32)))]
    found += [(ownership.name(key), planes[key]) for key in ranked[:MOST]]
    if rest := ranked[MOST:]:
        found.append(("rest", np.stack([planes[key] for key in rest]).sum(axis=0, dtype=np.float32)))
    return found


def share_map(ownership: Ownership, map: str) -> np.ndarray:
    """Return a picture of who is where in a map, each contributor in a colour, with a legend; uint8 sRGB."""
    contributors = top(ownership, map)
    colours = [OWN_COLOUR, *COLOURS][: min(len(contributors), MOST + 1)]
    colours += [REST_COLOUR] * (len(contributors) - len(colours))
    planes = np.stack([plane for _, plane in contributors], axis=2)
    image = np.clip(planes @ np.array(colours, np.float32) + 0.5, 0, 255).astype(np.uint8)
    side = max(384, image.shape[1])
    if image.shape[1] < side:
        scale = side / image.shape[1]
        size = (side, round(image.shape[0] * scale))
        image = opencv.cv2.resize(image, size, interpolation=opencv.cv2.INTER_NEAREST)
    legend = np.empty((2 * MARGIN + LINE * (len(contributors) + 1), side, 3), np.uint8)
    legend[:] = sheet.PAPER
    grade = GRADES[ownership.shares[map].grade]
    sheet.write(legend, f"{map}: shares, {grade}", MARGIN, MARGIN + 18, 17, sheet.INK)
    for row, ((name, plane), colour) in enumerate(zip(contributors, colours, strict=True), 1):
        y = MARGIN + row * LINE
        legend[y + 3 : y + 21, MARGIN : MARGIN + 18] = colour
        text = f"{float(plane.mean(dtype=np.float64)):.1%}  {name[:40]}"
        sheet.write(legend, text, MARGIN + 28, y + 18, 16, sheet.INK)
    return np.concatenate([image, legend])


def write_share_map(ownership: Ownership, map: str, path: Path) -> None:
    """Write a map of shares as a PNG."""
    files.write_bytes(path, pictures.encode_png(share_map(ownership, map), {}, colour=True, level=4))
