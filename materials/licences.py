"""Licences as terms, and whether one result can meet the terms of all.

Terms are joined two by two, and the order does not matter. These are obligations that the licences state, computed from
their names; they are not legal advice.

| joined with     | free, BY       | BY-SA     | BY-NC              | BY-NC-SA  | no derivatives, unknown |
| --------------- | -------------- | --------- | ------------------ | --------- | ----------------------- |
| free, BY        | name, or not   | BY-SA     | no commerce        | BY-NC-SA  | refused                 |
| BY-SA           | BY-SA          | BY-SA     | refused            | refused   | refused                 |
| BY-NC           | no commerce    | refused   | no commerce        | BY-NC-SA  | refused                 |
| BY-NC-SA        | BY-NC-SA       | refused   | BY-NC-SA           | BY-NC-SA  | refused                 |

The table follows the chart for adapters in Creative Commons' own answers to questions.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache, reduce

FREE = {"CC0-1.0", "CC-PDDC", "CC-PDM-1.0", "LicenseRef-PublicDomain", "Unlicense", "MIT-0", "0BSD"}
"""Licences that ask for nothing."""

UNKNOWN, NO_DERIVATIVES, NO_COMMON = "unknown", "no derivatives", "no common licence"
_REASONS = ("", NO_COMMON, NO_DERIVATIVES, UNKNOWN)
"""Why nothing may be shared, the one that is told first last."""

_CREATIVE_COMMONS = re.compile(r"CC-BY(-NC)?(-SA|-ND)?-([1-4]\.[05])(?:-[A-Z]{2,3})?")
_COPYLEFT = re.compile(r"(A|L)?GPL-|EUPL-|LAL-|ODBL-|OFL-|CDLA-SHARING-|GFDL-|MPL-|OSL-|CECILL-")


@dataclass(frozen=True, order=True)
class Terms:
    """What a result must keep to.

    reason : why it may not be shared at all, or nothing.
    noncommercial : whether it may not be used commercially.
    alike : the licence that it must carry, where its author may not choose.
    attribution : whether authors must be named.
    """

    reason: str = ""
    noncommercial: bool = False
    alike: str = ""
    attribution: bool = False


def join(one: Terms, other: Terms) -> Terms:
    """Return the terms of what is made from two things."""
    reason = max(one.reason, other.reason, key=_REASONS.index)
    if reason:
        return Terms(reason)
    alike = _alike(one.alike, other.alike)
    noncommercial = one.noncommercial or other.noncommercial
    if alike is None or (alike and noncommercial and not _forbids_commerce(alike)):
        return Terms(NO_COMMON)
    return Terms("", noncommercial, alike, one.attribution or other.attribution)


def _forbids_commerce(licence: str) -> bool:
    found = _CREATIVE_COMMONS.fullmatch(licence)
    return bool(found and found[1])


def _alike(one: str, other: str) -> str | None:
    """Return the licence that meets two licences which each must be kept, or None.

    From 2.0 on, share-alike material may be released under a later version of its licence, never an earlier one.
    """
    if not one or not other or one == other:
        return one or other
    parts = [_CREATIVE_COMMONS.fullmatch(licence) for licence in (one, other)]
    if not parts[0] or not parts[1] or parts[0][1] != parts[1][1]:
        return None
    first, second = sorted((found[3], found[0]) for found in parts if found)
    return second[1] if first[0] >= "2.0" else None


# ---- from names ----------------------------------------------------------------------------------

Options = frozenset[Terms]
"""The terms that one may choose from: more than one where a licence says OR."""


@lru_cache(maxsize=1024)
def options(licence: str) -> Options:
    """Return the terms that an SPDX expression offers. What is no such expression, or private, is unknown."""
    text = licence.strip()
    if text in FREE or _CREATIVE_COMMONS.fullmatch(text.upper()) and text.count("-") < 5 and not _ported(text):
        return frozenset({_terms(text)})
    if not text:
        return frozenset({Terms(UNKNOWN)})
    from license_expression import ExpressionError, get_spdx_licensing  # loads a list of 0.3 s

    try:
        return _walked(get_spdx_licensing().parse(text), set(get_spdx_licensing().validate(text).invalid_symbols))
    except ExpressionError:
        return frozenset({Terms(UNKNOWN)})


def _ported(text: str) -> bool:
    """Return whether a licence is one country's, so that the list must know it."""
    return re.search(r"\d-[A-Za-z]+$", text) is not None


def _walked(expression: object, invalid: set[str]) -> Options:
    """Return what an expression offers: AND joins, OR leaves a choice."""
    parts = [_walked(part, invalid) for part in getattr(expression, "args", ())]
    if parts and getattr(expression, "operator", "").strip() == "OR":
        return frozenset().union(*parts)
    if parts:
        return reduce(_product, parts)
    name = str(expression)
    if name in FREE:
        return frozenset({_terms(name)})
    return frozenset({Terms(UNKNOWN) if name in invalid or "licenseref" in name.lower() else _terms(name)})


def _terms(name: str) -> Terms:
    """Return the terms of one licence that is known."""
    if name in FREE:
        return Terms()
    found = _CREATIVE_COMMONS.fullmatch(name.upper())
    if not found:
        return Terms(attribution=True, alike=name if _COPYLEFT.match(name.upper()) else "")
    commerce, kind = bool(found[1]), found[2]
    if kind == "-ND":
        return Terms(NO_DERIVATIVES)
    return Terms("", commerce, name.upper() if kind else "", True)


def _product(one: Options, other: Options) -> Options:
    return frozenset(join(first, second) for first in one for second in other)


def together(licences: Iterable[str]) -> Terms:
    """Return the mildest terms under which what is made from all of these may be shared, or why it may not."""
    return min(
        reduce(_product, (options(licence) for licence in licences), frozenset({Terms()})),
        key=lambda terms: (_REASONS.index(terms.reason), terms),
    )
