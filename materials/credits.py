"""Whose pictures are in a material, and what their licences ask."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from materials import VERSION, licences
from materials.errors import LicenceError, UsageError
from materials.graph import Source
from materials.licences import Terms
from materials.maps import Maps

Grants = Mapping[str, str]
"""Permissions that the user holds: name of a source to who gave what and when, in her words."""

PROFILES = ("commercial", "noncommercial")
"""What a result is meant for, where that is said."""


def check_licences(sources: Iterable[Source], grants: Grants | None = None, profile: str | None = None) -> Terms:
    """Return the terms of a picture made from sources; raise `LicenceError` if it may not be shared.

    A source with a grant is not judged by its licence. A grant that says nothing raises `UsageError`, and so does a
    profile that there is not.

    A source counts wherever it can reach a picture at all: duties never follow from a share. What is
    computed here are obligations that the licences state, not legal advice.
    """
    grants = grants or {}
    if empty := [name for name, text in grants.items() if not text.strip()]:
        raise UsageError(f"the grant for {empty[0]} says nothing", hint="write who gave it, for what, and when")
    if profile and profile not in PROFILES:
        raise UsageError(f"there is no profile {profile!r}", hint=" or ".join(PROFILES))
    judged = [source for source in sources if source.name not in grants]
    terms = licences.together(source.licence for source in judged)
    if terms.reason:
        raise _refusal(judged, terms.reason)
    if terms.noncommercial and profile == "commercial":
        names = ", ".join(f"{source.name} {source.licence}" for source in judged if _forbids_commerce(source))
        raise LicenceError(f"this may not be used commercially: {names}", hint="leave it out, or record a grant")
    return terms


def _refusal(judged: Sequence[Source], reason: str) -> LicenceError:
    alone = {source.name: licences.together([source.licence]) for source in judged}
    source = next((source for source in judged if alone[source.name].reason == reason), None)
    if source is None:
        meet = [one for one in judged if alone[one.name].alike or alone[one.name].noncommercial]
        names = ", ".join(f"{one.name} {one.licence}" for one in meet)
        return LicenceError(f"no licence meets all of these at once: {names}", hint="leave one of them out")
    if reason == licences.NO_DERIVATIVES:
        return LicenceError(f"source {source.name} is {source.licence}: changed copies may not be shared")
    return LicenceError(
        f"the licence of source {source.name} ({source.licence or 'none'}) is not known to allow this",
        hint=f'enter its SPDX identifier, or record a grant: --grant {source.name}="who, what, when"',
    )


def _forbids_commerce(source: Source) -> bool:
    return licences.together([source.licence]).noncommercial


def obligations(sources: Iterable[Source], grants: Grants | None = None) -> list[str]:
    """Return what the licences, or the grants in their place, ask of whoever shares the result, a sentence each."""
    found, sources = [], list(sources)
    for source in sources:
        title, author = source.title or source.name, source.author or "an unknown author"
        terms = licences.together([source.licence])
        if grants and source.name in grants:
            found.append(f'Keep to the grant for "{title}" by {author}: {grants[source.name].strip()}')
        elif source.licence.upper().startswith("CC-BY"):
            found.append(f'Name "{title}" by {author} ({source.licence}), and say that it was changed.')
        elif terms.reason or terms.attribution:
            found.append(f'Keep to the terms of "{title}" by {author} ({source.licence or "no licence"}).')
        if terms.noncommercial and not (grants and source.name in grants):
            found.append(f'Do not use the result commercially ("{title}", {source.licence}).')
    terms = licences.together(source.licence for source in sources if not grants or source.name not in grants)
    if terms.alike:
        later = " or a later version of it" if terms.alike.startswith("CC-") and terms.alike[-3:] > "1.0" else ""
        found.append(f"Share the result under {terms.alike}{later}.")
    return list(dict.fromkeys(found))


SOURCE_FIELDS = ("name", "title", "author", "licence", "source", "changes", "sha256")


@dataclass(frozen=True)
class Export:
    """How files were written, so that they can be written again: see `materials.export`."""

    target: str
    format: str = ""
    name: str = ""
    profile: str = ""


def credits_data(
    maps: Maps, how: Export, written: Collection[str], files: Mapping[str, str], grants: Grants | None = None
) -> dict[str, Any]:
    """Return the credits of an export as plain data, in a fixed order.

    written : the maps that the files show; sources that reach none of them are left out.
    files : name of each written file to its SHA-256; empty for the copy inside the files themselves.
    """
    sources = sorted(maps.sources_of(written), key=lambda source: source.name)
    terms = licences.together(source.licence for source in sources if source.name not in (grants or {}))
    return {
        "tool": f"Intarsia {VERSION}",
        "title": maps.title,
        "author": maps.author,
        "licence": maps.licence,
        "graph_sha256": maps.graph_sha256,
        "seed": maps.seed,
        "size": [maps.width, maps.height],
        "size_cm": maps.size_cm,
        "depth_cm": maps.depth_cm,
        "target": how.target,
        "format": how.format,
        "name": how.name,
        "profile": how.profile,
        "maps": sorted(written),
        "nodes": dict(sorted(maps.nodes.items())),
        "sources": [_source_data(source, maps, written, grants or {}) for source in sources],
        "terms": terms_data(terms),
        "obligations": obligations(sources, grants),
        "files": dict(sorted(files.items())),
    }


def terms_data(terms: Terms) -> dict[str, Any]:
    """Return the licence that a result must carry, "" where its author may choose, and what else it must keep to."""
    return {"licence": terms.alike, "noncommercial": terms.noncommercial, "attribution": terms.attribution}


def _source_data(source: Source, maps: Maps, written: Collection[str], grants: Grants) -> dict[str, Any]:
    """Return what is said of a source and what it reaches; `grant` only where there is one."""
    reached = {name: use for name in sorted(written) if (use := maps.use(source.name, name))}
    data = {field: getattr(source, field) for field in SOURCE_FIELDS}
    data |= {"use": "value" if "value" in reached.values() else "control", "maps": list(reached)}
    return {**data, "grant": grants[source.name].strip()} if source.name in grants else data


def as_json(data: Mapping[str, Any]) -> str:
    """Return credits as text: the same data gives the same bytes."""
    return json.dumps(data, indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def is_credits(data: Any) -> bool:
    """Return whether data read from a file has the shape that `credits_data` gives it."""
    texts = ("tool", "title", "author", "licence")
    if not isinstance(data, dict) or not all(isinstance(data.get(name), str) for name in texts):
        return False
    sources, duties = data.get("sources"), data.get("obligations")
    return (
        isinstance(sources, list)
        and all(isinstance(one, dict) and all(isinstance(one.get(n), str) for n in SOURCE_FIELDS) for one in sources)
        and all(isinstance(one.get(name, ""), str) for one in sources for name in ("grant", "use"))
        and all(_are_texts(one.get("maps", [])) for one in sources)
        and _are_texts(duties)
    )


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def as_markdown(data: Mapping[str, Any]) -> str:
    """Return credits for people to read."""
    lines = [f"# Credits of {data['title']}", ""]
    by = f" by {data['author']}" if data["author"] else ""
    lines += [f"Graph{by}{', ' + data['licence'] if data['licence'] else ''}; rendered with {data['tool']}.", ""]
    if data["sources"]:
        lines += ["## Pictures it was made from", ""]
        for source in data["sources"]:
            title, author = source["title"] or source["name"], source["author"] or "unknown"
            lines.append(f"- **{title}** by {author}, {source['licence'] or 'no licence'}")
            lines += [f"  {_reach(source)}"] if source.get("maps") else []
            lines += [f"  {source[name]}" for name in ("source", "changes") if source[name]]
            lines += [f"  Used by grant: {source['grant']}"] if source.get("grant") else []
        lines.append("")
    else:
        lines += ["No pictures from outside: every pixel is computed from the graph.", ""]
    if data["obligations"]:
        lines += ["## What the licences ask", "", *(f"- {text}" for text in data["obligations"]), ""]
    return "\n".join(lines)


def _reach(source: Mapping[str, Any]) -> str:
    verb = "In" if source.get("use") == "value" else "Only steers"
    return f"{verb} {', '.join(source['maps'])}"
