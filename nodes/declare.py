"""How a node is declared: one decorator on one typed function.

The signature says everything once. Arguments annotated with a kind are
sockets, the other annotated ones are parameters, the return type names the
outputs, the docstring is the help. Panel, command line, documentation page and
the generic tests are read from the result, a `NodeType`.
"""

from __future__ import annotations

import enum
import inspect
import math
import types
import typing
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import numpy as np

from nodes.parameters import (  # whoever declares a node needs these too
    Angle as Angle,
    Choice as Choice,
    Formula as Formula,
    Knots as Knots,
    Length as Length,
    Parameter as Parameter,
    Picture as Picture,
    Range as Range,
    Seed as Seed,
    SeedValue as SeedValue,
    Stops as Stops,
    Swatch as Swatch,
    Switch as Switch,
    Text as Text,
)


class Kind(enum.Enum):
    """What flows on a wire. `IMAGE` stands in signatures only: gray or colour, same kind out as in."""

    GRAY = "Gray"
    COLOR = "Color"
    FLOW = "Flow"
    REGIONS = "Regions"
    ORIGIN = "Origin"
    STAMPS = "Stamps"
    MATERIAL = "Material"
    IMAGE = "Image"


CHANNELS = {Kind.GRAY: 1, Kind.COLOR: 3, Kind.FLOW: 2}

Gray = Annotated[np.ndarray, Kind.GRAY]
Color = Annotated[np.ndarray, Kind.COLOR]
Flow = Annotated[np.ndarray, Kind.FLOW]
Image = Annotated[np.ndarray, Kind.IMAGE]


# ---- what a call is told beside its arguments ----------------------------------------------------


@dataclass(frozen=True)
class Band:
    """Which rows a call must make, of a picture of which size, and where to put them.

    A node that asks for it (an argument annotated `Band`) makes rows `top` to `bottom`
    of a picture of `height` by `width` pixels. Pictures read "at the same pixel" hold just
    these rows; pictures read around the pixel are whole.
    """

    height: int
    width: int
    top: int
    bottom: int
    wanted: frozenset[str] = frozenset()
    provide: Callable[[str, tuple[int, ...]], np.ndarray] | None = None
    spread: Callable[[Callable[[int, int], Any], Sequence[tuple[int, int]]], list[Any]] | None = None
    report: Callable[[float], None] | None = None
    sketch: Callable[[str, Any], None] | None = None
    remark: Callable[[str], None] | None = None

    @property
    def rows(self) -> int:
        return self.bottom - self.top

    def wants(self, output: str) -> bool:
        """Return whether anyone reads `output`; a node may skip what nobody reads."""
        return not self.wanted or output in self.wanted

    def empty(self, output: str = "out", channels: int = 1) -> np.ndarray:
        """Return an uninitialised float32 array for the rows of `output`, C-contiguous.

        Writing the result there saves a copy; it is never a must.
        """
        shape = (self.rows, self.width) if channels == 1 else (self.rows, self.width, channels)
        if self.provide is None:
            return np.empty(shape, np.float32)
        return self.provide(output, shape)

    def like(self, image: np.ndarray, output: str = "out") -> np.ndarray:
        """Return an array for the rows of `output` with as many channels as `image`."""
        return self.empty(output, 1 if image.ndim == 2 else image.shape[2])

    def tell(self, share: float) -> None:
        """Say how much of a long call is done, 0 to 1; this is also where the user's cancelling stops it.

        A "whole" node that works longer than 50 ms calls it at least that often.
        """
        if self.report is not None:
            self.report(share)

    def show(self, output: str, make: Callable[[], Any]) -> None:
        """Give a coarse picture of an output, of any size, before it is done; it is only made if anyone looks."""
        if self.sketch is not None and self.wants(output):
            self.sketch(output, make())

    def warn(self, text: str) -> None:
        """Tell the artist, in one sentence without a full stop, what he may expect of the result and will not get.

        The warning is kept with the result and told again when that comes from a cache, so it must follow from the
        arguments alone; no pixel hangs on it. What several bands say is told once.
        """
        if self.remark is not None:
            self.remark(text)

    def each(self, work: Callable[[int, int], Any], parts: Sequence[tuple[int, int]] | None = None) -> list[Any]:
        """Call `work(top, bottom)` for bands of rows that cover the picture, or for given parts, on several threads.

        The bands depend on the size alone, and the results come in the order of rows, so a
        reduction over them has the same bits for any number of threads.
        """
        parts = row_bands(self.height, self.width) if parts is None else parts
        if self.spread is not None:
            return self.spread(work, parts)
        return [work(top, bottom) for top, bottom in parts]


def row_bands(height: int, width: int) -> list[tuple[int, int]]:
    """Return the bands of rows that a picture is worked in: a function of its size alone."""
    rows = max(8, min(131072 // max(width, 1), -(-height // 4)))
    return [(top, min(top + rows, height)) for top in range(0, height, rows)]


# ---- the declaration -----------------------------------------------------------------------------


@dataclass(frozen=True)
class Socket:
    """An input of a node: a name, a kind, and whether it may stay unconnected."""

    name: str
    kind: Kind
    optional: bool
    around: bool
    """Whether the node reads neighbours of a pixel there (it then gets the whole picture)."""


@dataclass(frozen=True)
class Field:
    """A parameter of a node: a name, what it may hold, and its default."""

    name: str
    parameter: Parameter
    default: Any
    help: str = ""


@dataclass(frozen=True)
class Output:
    name: str
    kind: Kind


@dataclass(frozen=True)
class Weights:
    """How much of each pixel a node takes from each of its sockets.

    of : sockets to numbers or planes, 0 to 1; what they leave of 1 is the node's own.
    exact : whether these are the very weights of the mix, or a rule that stands for them.
    """

    of: Mapping[str, float | np.ndarray]
    exact: bool = True


@dataclass(frozen=True)
class NodeType:
    """A declared node: what `@node` read from a function."""

    key: str
    section: str
    function: Callable[..., Any]
    sockets: tuple[Socket, ...]
    fields: tuple[Field, ...]
    outputs: tuple[Output, ...]
    reach: Any
    carries: str
    neutral: Any
    upgrades: tuple[Callable[[dict[str, Any]], dict[str, Any]], ...]
    prepare: Callable[..., Any] | None
    band_argument: str | None
    bound: float
    scratch: float = 0.0
    help: str = field(repr=False, default="")
    holds: tuple[str, ...] = ()
    copies: tuple[str, ...] = ()
    steers: frozenset[str] = frozenset()
    weights: Callable[..., Weights] | None = None
    linear: Mapping[str, Any] = field(default_factory=dict)
    apart: Mapping[str, tuple[str, ...]] | None = None
    idle: Callable[..., Collection[str]] | None = None

    @property
    def version(self) -> int:
        return 1 + len(self.upgrades)

    @property
    def whole(self) -> bool:
        """Whether the node is called once for the whole picture instead of band by band."""
        return self.reach == "whole"

    @property
    def title(self) -> str:
        return TITLES.get(self.key) or sentence_case(self.key)

    @property
    def summary(self) -> str:
        return self.help.strip().split("\n\n")[0].replace("\n", " ")

    @property
    def generator(self) -> bool:
        """Whether the node makes its picture from parameters alone (optional inputs aside)."""
        return not any(not socket.optional for socket in self.sockets)

    def socket(self, name: str) -> Socket | None:
        return next((socket for socket in self.sockets if socket.name == name), None)

    def field(self, name: str) -> Field | None:
        return next((field for field in self.fields if field.name == name), None)

    def output(self, name: str) -> Output | None:
        return next((output for output in self.outputs if output.name == name), None)

    def defaults(self) -> dict[str, Any]:
        return {field.name: field.default for field in self.fields}

    def halo(self, values: Mapping[str, Any]) -> int | None:
        """Return how many rows around a pixel the node reads, None for all of them.

        `values` are resolved parameters, that is lengths in pixels.
        """
        if self.reach == "pixel":
            return 0
        if self.reach == "whole":
            return None
        if callable(self.reach):
            names = inspect.signature(self.reach).parameters
            return math.ceil(float(self.reach(**{name: values[name] for name in names})))  # type: ignore[arg-type]  # a user's function
        return int(self.reach)


TITLES = {"fbm": "fBm noise"}

SPELLED = {
    "color": "colour",
    "colors": "colours",
    "fiber": "fibre",
    "fibers": "fibres",
    "hsv": "HSV",
    "oklch": "OKLCh",
    "pbr": "PBR",
    "srgb": "sRGB",
    "uv": "UV",
}
"""Words of names in code that text spells otherwise."""


def spelled(name: str) -> str:
    """Return a name in code as text has it: `base_color` is base colour."""
    return " ".join(SPELLED.get(word, word) for word in name.split("_"))


def sentence_case(name: str) -> str:
    """Return a name in code as a title: `region_uv` is Region UV."""
    words = spelled(name)
    written = any(letter.isupper() for letter in words.partition(" ")[0])
    return words if written else words[:1].upper() + words[1:]


REGISTRY: dict[str, NodeType] = {}

CARRIES = ("mix", "pick", "tone", "origin", "opaque")


def node(
    function: Callable[..., Any] | None = None,
    *,
    reach: str | int | Callable[..., float] = "pixel",
    here: Sequence[str] = (),
    carries: str | None = None,
    neutral: Any = None,
    upgrades: Sequence[Callable[[dict[str, Any]], dict[str, Any]]] = (),
    prepare: Callable[..., Any] | None = None,
    bound: float = 0.02,
    scratch: float | None = None,
    holds: Sequence[str] = (),
    copies: Sequence[str] = (),
    steers: Sequence[str] = (),
    weights: Callable[..., Weights] | None = None,
    linear: Mapping[str, Any] | None = None,
    apart: Mapping[str, tuple[str, ...]] | None = None,
    idle: Callable[..., Collection[str]] | None = None,
) -> Any:
    """Declare a function as a node and register it under its name.

    Parameters
    ----------
    reach : "pixel", a halo in pixels, a function of parameters giving one, or "whole".
        A "pixel" node gets bands of its inputs. A node with a halo is called band by band
        as well but gets whole inputs, and wraps by itself. A "whole" node is called once.
    here : sockets that a node with a halo reads only at the same pixel; it gets bands of them.
    carries : how credit passes: "mix", "pick", "tone", "origin" or "opaque".
    neutral : what bypassing gives: None passes the first picture that fits the output, a
        number is a constant picture (a generator's mean, 0.5 unless stated).
    upgrades : functions from a saved node block of version n to n + 1, oldest first. Each gets
        and returns `{"parameters": ..., "inputs": {socket: socket}, "outputs": {name: name}}`,
        the two last for renaming.
    prepare : called once before the bands, with the arguments of the same names, a whole-picture
        `Band` and whole inputs if the node has a halo; what it returns is the node's `prepared`.
    bound : mean difference allowed between 1024 rows halved and 512 rows, for the generic test.
    scratch : bytes a pixel that a "whole" node or `prepare` takes beyond its results, for predicting memory; 8 for
        whole nodes and none for others unless stated.
    holds : maps that a Material it makes has always. Beside them it must have those of the materials
        that it reads and those of its connected inputs that are named like a map, and no others.
    copies : of a node with an Origin output, the parameters (pictures) and sockets that it copies pixels from; the
        origin's `source` counts them. Its other inputs only steer what is copied.
    steers : sockets that say where or how, not what: nothing of their pixels is in the result. Optional flows, regions
        and masks are among them unasked; of an "origin" node, all that it does not copy from.
    weights : for credit, instead of the rule of `carries`: called with the arguments that it names, it tells how much
        of each pixel comes from which socket.
    linear : parameters with which a "mix" node is linear in its pictures, where it is not with all.
    apart : of a node that makes or splits materials: each map depends on the same map of the materials it reads and on
        the sockets that steer, on nothing else but what is told here: a map's name (all maps, where it is empty) to
        further maps. A socket named like a map replaces that map.
    idle : called with the parameters that it names and with `fed`, the sockets that are connected: those whose pixels
        change nothing in the result, whatever they are.

    Raises
    ------
    TypeError
        If the signature cannot be read as a node, or the name is taken.
    """
    if function is None:
        return lambda f: node(
            f,
            reach=reach,
            here=here,
            carries=carries,
            neutral=neutral,
            upgrades=upgrades,
            prepare=prepare,
            bound=bound,
            scratch=scratch,
            holds=holds,
            copies=copies,
            steers=steers,
            weights=weights,
            linear=linear,
            apart=apart,
            idle=idle,
        )
    key = function.__name__
    if key in REGISTRY and REGISTRY[key].function.__module__ != function.__module__:
        raise TypeError(f"node {key}: the name is taken by {REGISTRY[key].function.__module__}")
    hints = get_type_hints(function, include_extras=True)
    sockets, fields, band_argument = [], [], None
    for name, argument in inspect.signature(function).parameters.items():
        hint = hints.get(name)
        if hint is Band:
            band_argument = name
        elif name == "prepared":
            continue
        elif (found := _kind(hint)) is not None:
            kind, optional = found
            sockets.append(Socket(name, kind, optional, reach != "pixel" and name not in here))
        else:
            parameter = _parameter(hint)
            if parameter is None:
                raise TypeError(f"node {key}: argument {name} is neither a picture nor a parameter")
            if argument.default is inspect.Parameter.empty:
                raise TypeError(f"node {key}: parameter {name} needs a default")
            fields.append(Field(name, parameter, parameter.check(argument.default), _help_of(function, name)))
    outputs = _outputs(key, hints.get("return"))
    if carries is None:
        carries = "mix" if reach != "whole" else "opaque"
    if carries not in CARRIES:
        raise TypeError(f"node {key}: carries must be one of {', '.join(CARRIES)}")
    names = {socket.name for socket in sockets} | {
        field.name for field in fields if isinstance(field.parameter, Picture)
    }
    if not set(copies) <= names:
        raise TypeError(f"node {key}: copies names {', '.join(set(copies) - names)}, no picture of its")
    if strangers := set(steers) - {socket.name for socket in sockets}:
        raise TypeError(f"node {key}: steers names {', '.join(sorted(strangers))}, no socket of its")
    REGISTRY[key] = NodeType(
        key=key,
        section=function.__module__.rsplit(".", 1)[-1],
        function=function,
        sockets=tuple(sockets),
        fields=tuple(fields),
        outputs=outputs,
        reach=reach,
        carries=carries,
        neutral=neutral,
        upgrades=tuple(upgrades),
        prepare=prepare,
        band_argument=band_argument,
        bound=bound,
        scratch=scratch if scratch is not None else (8.0 if reach == "whole" else 0.0),
        help=inspect.getdoc(function) or "",
        holds=tuple(holds),
        copies=tuple(copies),
        steers=_steering(sockets, carries, copies) | set(steers),
        weights=weights,
        linear=dict(linear or {}),
        apart=apart,
        idle=idle,
    )
    function.node = REGISTRY[key]  # type: ignore[attr-defined]  # functions take attributes
    return function


def _steering(sockets: Sequence[Socket], carries: str, copies: Sequence[str]) -> frozenset[str]:
    """Return the sockets that steer without being declared to."""
    if carries == "origin":
        return frozenset(socket.name for socket in sockets) - set(copies)
    return frozenset(
        socket.name
        for socket in sockets
        if socket.optional and (socket.kind in (Kind.FLOW, Kind.REGIONS) or socket.name == "mask")
    )


def _kind(hint: Any) -> tuple[Kind, bool] | None:
    """Return the kind of a socket's annotation and whether None is allowed, or None for no socket."""
    if get_origin(hint) in (typing.Union, types.UnionType):
        parts = [part for part in get_args(hint) if part is not type(None)]
        found = _kind(parts[0]) if len(parts) == 1 else None
        return (found[0], True) if found else None
    if get_origin(hint) is Annotated:
        kinds = [extra for extra in get_args(hint)[1:] if isinstance(extra, Kind)]
        return (kinds[0], False) if kinds else None
    kind = getattr(hint, "kind", None)
    return (kind, False) if isinstance(kind, Kind) else None


def _parameter(hint: Any) -> Parameter | None:
    if hint is bool:
        return Switch()
    if get_origin(hint) is Literal:
        return Choice(get_args(hint))
    if get_origin(hint) is not Annotated:
        return None
    found = next((extra for extra in get_args(hint)[1:] if isinstance(extra, Parameter)), None)
    if type(found) is Range and get_args(hint)[0] is int:
        return Range(found.low, found.high, found.unit, whole=True)
    return found


def _outputs(key: str, hint: Any) -> tuple[Output, ...]:
    found = _kind(hint)
    if found is not None:
        return (Output("out", found[0]),)
    if isinstance(hint, type) and hasattr(hint, "_fields"):
        parts = {name: _kind(part) for name, part in get_type_hints(hint, include_extras=True).items()}
        if parts and all(parts.values()):
            return tuple(Output(name, part[0]) for name, part in parts.items() if part)
    raise TypeError(f"node {key}: the return type must be a kind or a NamedTuple of kinds")


def _help_of(function: Callable[..., Any], name: str) -> str:
    """Return the line that the docstring's numpydoc section gives to a parameter."""
    for line in (inspect.getdoc(function) or "").splitlines():
        head, colon, text = line.partition(" : ")
        if colon and name in [part.strip() for part in head.split(",")]:
            return text.strip()
    return ""
