"""Whose pictures are in a material, and what their licences ask."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from materials import VERSION
from materials.errors import LicenceError, UsageError
from materials.graph import Source
from materials.maps import Maps

FREE = {"CC0-1.0", "LicenseRef-PublicDomain", "Unlicense", "MIT-0", "0BSD"}
"""Licences that ask for nothing."""

_CREATIVE_COMMONS = re.compile(r"CC-BY(?:-NC)?(?:-SA|-ND)?-[1-4]\.[05]", re.IGNORECASE)


def _terms(licence: str) -> set[str]:
    """Return the parts of a licence's name; SPDX identifiers mean the same in any case of letters."""
    return set(re.findall(r"[A-Z0-9.]+", licence.upper()))


Grants = Mapping[str, str]
"""Permissions that the user holds: name of a source to who gave what and when, in her words."""


def check_licences(sources: Iterable[Source], grants: Grants | None = None) -> None:
    """Raise `LicenceError` if the sources may not be shared together as one adapted picture.

    A source with a grant is not judged by its licence. A grant that says nothing raises `UsageError`.

    A source counts wherever it can reach an output at all: duties never follow from a share. What is
    computed here are obligations that the licences state, not legal advice.
    """
    grants = grants or {}
    if empty := [name for name, text in grants.items() if not text.strip()]:
        raise UsageError(f"the grant for {empty[0]} says nothing", hint="write who gave it, for what, and when")
    judged = [source for source in sources if source.name not in grants]
    for source in judged:
        if not _known(source.licence):
            raise LicenceError(
                f"the licence of source {source.name} ({source.licence or 'none'}) is not known to allow this",
                hint=f'enter its SPDX identifier, or record a grant: --grant {source.name}="who, what, when"',
            )
        if "ND" in _terms(source.licence):
            raise LicenceError(f"source {source.name} is {source.licence}: changed copies may not be shared")
    alike = [source for source in judged if "SA" in _terms(source.licence)]
    families = {_family(source.licence) for source in alike}
    plain_nc = [source for source in judged if "NC" in _terms(source.licence) and source not in alike]
    if len(families) > 1 or (plain_nc and any("NC" not in _terms(source.licence) for source in alike)):
        names = ", ".join(f"{source.name} {source.licence}" for source in [*alike, *plain_nc])
        raise LicenceError(f"no licence meets all of these at once: {names}", hint="leave one of them out")


def _family(licence: str) -> str:
    return licence.upper().rsplit("-", 1)[0]


@lru_cache(maxsize=256)
def _known(licence: str) -> bool:
    """Return whether a licence is an SPDX expression; private references are not, but for the public domain."""
    if licence in FREE or _CREATIVE_COMMONS.fullmatch(licence):
        return True
    if not licence or "licenseref" in licence.lower():
        return False
    from license_expression import ExpressionError, get_spdx_licensing  # loads a list of 0.3 s

    try:
        return not get_spdx_licensing().validate(licence).errors
    except ExpressionError:
        return False


def obligations(sources: Iterable[Source], grants: Grants | None = None) -> list[str]:
    """Return what the licences, or the grants in their place, ask of whoever shares the result, a sentence each."""
    found = []
    for source in sources:
        if grants and source.name in grants:
            title, author = source.title or source.name, source.author or "an unknown author"
            found.append(f'Keep to the grant for "{title}" by {author}: {grants[source.name].strip()}')
            continue
        if source.licence in FREE:
            continue
        title, author, terms = source.title or source.name, source.author or "an unknown author", _terms(source.licence)
        if "CC" in terms:
            found.append(f'Name "{title}" by {author} ({source.licence}), and say that it was changed.')
        else:
            found.append(f'Keep to the terms of "{title}" by {author} ({source.licence or "no licence"}).')
        if "SA" in terms:
            found.append(f"Share the result under {source.licence} or a later version of it.")
        if "NC" in terms:
            found.append(f'Do not use the result commercially ("{title}", {source.licence}).')
    return list(dict.fromkeys(found))


SOURCE_FIELDS = ("name", "title", "author", "licence", "source", "changes", "sha256")


def credits_data(maps: Maps, target: str, files: Mapping[str, str], grants: Grants | None = None) -> dict[str, Any]:
    """Return the credits of an export as plain data, in a fixed order.

    files : name of each written file to its SHA-256; empty for the copy inside the files themselves.
    """
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
        "target": target,
        "nodes": dict(sorted(maps.nodes.items())),
        "sources": [_source_data(source, grants or {}) for source in sorted(maps.sources, key=lambda s: s.name)],
        "obligations": obligations(maps.sources, grants),
        "files": dict(sorted(files.items())),
    }


def _source_data(source: Source, grants: Grants) -> dict[str, str]:
    """Return what is said of a source; `grant` only where there is one."""
    data = {field: getattr(source, field) for field in SOURCE_FIELDS}
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
        and all(isinstance(one.get("grant", ""), str) for one in sources)
        and isinstance(duties, list)
        and all(isinstance(duty, str) for duty in duties)
    )


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
            lines += [f"  {source[name]}" for name in ("source", "changes") if source[name]]
            lines += [f"  Used by grant: {source['grant']}"] if source.get("grant") else []
        lines.append("")
    else:
        lines += ["No pictures from outside: every pixel is computed from the graph.", ""]
    if data["obligations"]:
        lines += ["## What the licences ask", "", *(f"- {text}" for text in data["obligations"]), ""]
    return "\n".join(lines)
