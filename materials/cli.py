"""The command line: one verb, one function.

Results go to standard output, progress and errors to standard error. Exit codes: 0 done, 1 failed, 2 wrong
use, 130 cancelled. Heavy modules are imported by the verbs that need them.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from materials.errors import IntarsiaError

if TYPE_CHECKING:
    from materials.items import Item
    from materials.ledger import Facts
    from materials.library import Library

FORMATS = ("png8", "png16", "exr", "tiff")

# Named here too, since importing the renderer for its help would cost every call; a test compares them.
SHAPES = ("sphere", "plane", "cube", "cylinder")
ENVIRONMENTS = ("studio", "overcast", "daylight", "sunset")
AXES = (
    "brightness",
    "contrast",
    "warmth",
    "colourfulness",
    "coarseness",
    "directedness",
    "angle",
    "regularity",
    "unevenness",
    "grain",
)
PROFILES = ("commercial", "noncommercial")

SYNTHESES = ("patches", "quilt", "blend", "hex", "phase", "tileable", "fill", "expand")

SIZE_HELP = "Pixels of the tile: 1024, or 2048x1024."


def main() -> None:
    """Run the command line; every error becomes one readable line and an exit code."""
    try:
        sys.exit(commands.main(standalone_mode=False) or 0)
    except IntarsiaError as error:
        _fail(str(error), error.exit_code)
    except click.exceptions.Abort:
        _fail("cancelled", 130)
    except KeyboardInterrupt:
        _fail("cancelled", 130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except MemoryError:
        _fail("the machine has not enough memory for this; render smaller, or fewer maps at a time", 1)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)


def _fail(message: str, code: int) -> None:
    print(f"intarsia: {message}", file=sys.stderr)
    sys.exit(code)


class _Size(click.ParamType):
    name = "N|WxH"

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[int, int]:
        parts = str(value).lower().split("x")
        if not all(part.isdigit() for part in parts) or len(parts) not in (1, 2):
            self.fail(f"{value!r} is no size; write 1024 or 2048x1024", param, ctx)
        return int(parts[0]), int(parts[-1])


class _Bytes(click.ParamType):
    name = "SIZE"
    UNITS = {"": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "K": 2**10, "M": 2**20, "G": 2**30}

    def convert(self, value: Any, param: Any, ctx: Any) -> int:
        text = str(value).upper().strip()
        number = text.rstrip("KMGB ")
        try:
            return int(float(number) * self.UNITS[text[len(number) :].strip()])
        except (KeyError, ValueError):
            self.fail(f"{value!r} is no amount of memory; write 2GB or 500MB", param, ctx)


class _Numbers(click.ParamType):
    """So many numbers with commas or spaces between them, or the one word that stands for them."""

    def __init__(self, count: int, word: str = "") -> None:
        self.count, self.word = count, word
        self.name = "|".join(part for part in (word, ",".join(["N"] * count)) if part)

    def convert(self, value: Any, param: Any, ctx: Any) -> tuple[float, ...] | str:
        if value == self.word:
            return self.word
        try:
            numbers = tuple(float(part) for part in str(value).replace(",", " ").split())
        except ValueError:
            numbers = ()
        if len(numbers) != self.count or not all(abs(number) < 1e6 for number in numbers):
            self.fail(f"{value!r} is not {self.count} numbers", param, ctx)
        return numbers


def _print(text: str = "") -> None:
    """Print a line; what a foreign file put into it cannot command the terminal."""
    click.echo("".join(sign if sign.isprintable() or sign in "\n\t" else "\ufffd" for sign in text))


def _print_json(data: Any) -> None:
    click.echo(json.dumps(data, indent=2, ensure_ascii=False))


@contextlib.contextmanager
def _bar(title: str, show: bool) -> Iterator[Callable[[float, str], None]]:
    """Give a function that moves a bar on standard error; where that is no terminal, one that does nothing."""
    if not show or not sys.stderr.isatty():
        yield lambda share, label: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(title, total=1.0)
        yield lambda share, label: bar.update(task, completed=share, description=label or title)


def _grants(pairs: tuple[str, ...]) -> dict[str, str]:
    """Return `SOURCE=TEXT` as a mapping."""
    parts = [pair.partition("=") for pair in pairs]
    found = {name: text for name, _, text in parts}
    if wrong := [name for name, text in found.items() if not text.strip()]:
        raise click.UsageError(f'{wrong[0]!r} is no grant; write --grant SOURCE="who gave what and when"')
    return found


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="intarsia", message="intarsia %(version)s")
def commands() -> None:
    """Procedural materials from graphs of small, explainable parts.

    \b
    intarsia presets                                   what is there
    intarsia render brick_wall --out out               its texture maps, 1024 pixels
    intarsia render brick_wall --size 4096 --target unreal --out out
    intarsia render brick_wall --set bricks.columns=9 --seed 3 --out out
    intarsia render brick_wall --preview --out out     and how it looks in light
    intarsia info out/brick_wall_basecolor.png         where a picture came from
    """


@commands.command()
@click.argument("graph", metavar="GRAPH")
@click.option("--size", "-s", type=_Size(), default="1024", show_default=True, help=SIZE_HELP)
@click.option(
    "--out", "-o", type=click.Path(file_okay=False, path_type=Path), required=True, help="Folder for the files."
)
@click.option("--set", "settings", multiple=True, metavar="NODE.PARAM=VALUE", help="Set a parameter; may come again.")
@click.option("--preset", help="One of the document's own presets.")
@click.option(
    "--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="A variation of the graph."
)
@click.option("--target", "-t", default="generic", show_default=True, help="An engine's file layout; see `targets`.")
@click.option(
    "--format", "-f", "format_", type=click.Choice(FORMATS), help="File format, where the target leaves it open."
)
@click.option("--name", help="What files are called; the graph's name unless given.")
@click.option("--preview", is_flag=True, help="Show it in light, too: a sphere, a plane and a contact sheet.")
@click.option(
    "--preview-shape",
    "preview_shapes",
    multiple=True,
    type=click.Choice(SHAPES),
    help="Shown instead of sphere and plane; may come again.",
)
@click.option("--preview-size", type=click.IntRange(8, 8192), help="Pixels of a preview's side; 1024 unless given.")
@click.option("--environment", type=click.Choice(ENVIRONMENTS), help="The light of previews; studio unless given.")
@click.option(
    "--grant",
    "grants",
    multiple=True,
    metavar="SOURCE=TEXT",
    help="A permission you hold for a source: who gave what and when. It is put into the credits; may come again.",
)
@click.option("--profile", type=click.Choice(PROFILES), help="What it is meant for: commercial refuses NC sources.")
@click.option("--threads", type=click.IntRange(1, 1024), help="Threads; the pixels are the same for any number.")
@click.option(
    "--memory",
    type=_Bytes(),
    help="Refuse before the start what needs more, for example 2GB; counted beyond the program's own 0.2 GB.",
)
@click.option("--json", "as_json", is_flag=True, help="One report on standard output.")
def render(
    graph: str,
    size: tuple[int, int],
    out: Path,
    settings: tuple[str, ...],
    preset: str | None,
    seed: int,
    target: str,
    format_: str | None,
    name: str | None,
    preview: bool,
    preview_shapes: tuple[str, ...],
    preview_size: int | None,
    environment: str | None,
    grants: tuple[str, ...],
    profile: str | None,
    threads: int | None,
    memory: int | None,
    as_json: bool,
) -> None:
    """Render GRAPH, a file or a preset's name, to texture maps.

    \b
    intarsia render brick_wall --out out
    intarsia render brick_wall --out out --preview
    intarsia render brick_wall --out out --preview-shape cube --preview-size 2048 --environment sunset
    intarsia render my.intarsia --size 2048x1024 --format exr --out out
    intarsia render brick_wall --target unity_hdrp --set bricks.rows=20 --out out --json
    intarsia render my.intarsia --set "mask.formula=smoothstep(0.4, 0.6, a)" --out out
    intarsia render my.intarsia --grant photo="Ann Lee, by letter of 3 May 2026" --out out
    """
    from materials import rates, render as engine
    from materials.evaluate import Cancel
    from materials.export import export_graph
    from materials.previews import Previews

    previews = None
    if preview or preview_shapes or preview_size or environment:
        previews = Previews(preview_shapes or ("sphere", "plane"), preview_size or 1024, environment or "studio")
    granted = _grants(grants)
    cancel = Cancel()
    signal.signal(signal.SIGINT, lambda number, frame: cancel.cancel())
    start = time.perf_counter()
    found = engine.load(graph)
    if preset:
        found = found.with_preset(preset)
    found = found.with_settings(engine.as_settings(settings))
    with _bar(f"rendering {found.document.title}", not as_json) as progress:
        maps, files = export_graph(
            found,
            out,
            target,
            size=size,
            seed=seed,
            format=format_,
            name=name,
            grants=granted,
            profile=profile,
            threads=threads,
            budget=memory,
            previews=previews,
            progress=progress,
            cancel=cancel,
        )
    seconds = time.perf_counter() - start
    rates.save()
    if as_json:
        _print_json({"files": [str(path) for path in files], "seconds": round(seconds, 3), "render": maps.report})
        return
    for found_by in maps.report["warnings"]:
        print(f"{found_by['label']}: {found_by['text']}", file=sys.stderr)
    for path in files:
        _print(str(path))
    for source in sorted(set(granted) - {source.name for source in maps.sources}):
        print(f"the grant for {source!r} was not needed: nothing here comes from it", file=sys.stderr)
    print(f"{maps.width}x{maps.height}, {len(files)} files in {seconds:.2f} s", file=sys.stderr)


@commands.command()
@click.argument("files", metavar="[FILE]...", nargs=-1)
def gui(files: tuple[str, ...]) -> None:
    """Open the desktop app, with FILEs or presets by name.

    \b
    intarsia gui
    intarsia gui brick_wall
    """
    import subprocess

    # In a process of its own: nothing of this command line ever loads Qt.
    sys.exit(subprocess.call([sys.executable, "-m", "gui.app", *files]))


@commands.command()
@click.argument("pictures", metavar="PICTURE...", nargs=-1, required=True)
@click.option("--size", "-s", type=_Size(), help="Pixels of the tile; twice the picture's shorter side unless given.")
@click.option("--out", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="A PNG file.")
@click.option("--method", "-m", type=click.Choice(SYNTHESES), help="How; patches unless given.")
@click.option(
    "--tileable", is_flag=True, help="Without a size: keep the picture and grow its borders together. All results tile."
)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True, help="A variation.")
@click.option("--guide", type=click.Path(), help="A picture of what is wanted where, dark to light.")
@click.option("--mask", type=click.Path(), help="Where the picture is to be filled: white.")
@click.option("--map", "maps", multiple=True, metavar="NAME=FILE", help="Another map of it, cut alike; may come again.")
@click.option("--set", "settings", multiple=True, metavar="PARAM=VALUE", help="A parameter of the method's node.")
@click.option("--author", default="", help="Whose the pictures are, where no CREDITS.toml beside them tells.")
@click.option("--licence", default="", help="Their licence's SPDX identifier, for example CC0-1.0.")
@click.option("--title", default="", help="What they are called.")
@click.option("--grant", default="", metavar="TEXT", help="A permission you hold for them: who gave what and when.")
@click.option("--threads", type=click.IntRange(1, 1024), help="Threads; the pixels are the same for any number.")
@click.option("--json", "as_json", is_flag=True, help="One report on standard output.")
def synthesize(
    pictures: tuple[str, ...],
    size: tuple[int, int] | None,
    out: Path,
    method: str | None,
    tileable: bool,
    seed: int,
    guide: str | None,
    mask: str | None,
    maps: tuple[str, ...],
    settings: tuple[str, ...],
    author: str,
    licence: str,
    title: str,
    grant: str,
    threads: int | None,
    as_json: bool,
) -> None:
    """Make a picture like a photograph, or of up to four: larger, without a seam, every pixel credited.

    \b
    intarsia synthesize soil.png --size 1024 --out ground.png
    intarsia synthesize soil.png --tileable --out tile.png
    intarsia synthesize soil.png leaves.png --size 1024 --out ground.png
    intarsia synthesize rust.png --guide plan.png --size 1024 --out door.png
    intarsia synthesize wall.png --mask graffiti.png --out clean.png
    intarsia synthesize mine.jpg --author "Ann Lee" --licence CC0-1.0 --out large.png
    """
    from materials import render as engine, synthesis
    from materials.evaluate import Cancel

    cancel = Cancel()
    signal.signal(signal.SIGINT, lambda number, frame: cancel.cancel())
    named = {name: path for name, _, path in (pair.partition("=") for pair in maps)}
    if wrong := [name for name, path in named.items() if not path]:
        raise click.UsageError(f"{wrong[0]!r} is no map; write --map NAME=FILE")
    if tileable and size is None and method is None:
        method = "tileable"
    with _bar("synthesizing", not as_json) as progress:
        made = synthesis.synthesize(
            pictures,
            size,
            method=method,
            seed=seed,
            guide=guide,
            mask=mask,
            maps=named,
            facts={"author": author, "licence": licence, "title": title},
            threads=threads,
            progress=progress,
            cancel=cancel,
            **engine.as_settings(settings),
        )
    text = grant.partition("=")[2] if grant.partition("=")[0] in {source.name for source in made.sources} else grant
    grants = {source.name: text for source in made.sources} if text.strip() else {}
    files = synthesis.save(made, out, grants=grants)
    found = {path: synthesis.warnings(path, made.report["warnings"]) for path in pictures}
    if as_json:
        _print_json({"files": [str(path) for path in files], "synthesis": made.report, "warnings": found})
        return
    told = [*made.report["warnings"], *(f"{path}: {each}" for path, texts in found.items() for each in texts)]
    for each in told:
        print(each, file=sys.stderr)
    for path in files:
        _print(str(path))
    size_text = "x".join(str(side) for side in made.report["size"])
    print(f"{size_text} by {made.report['method']} in {made.report['seconds']:.2f} s", file=sys.stderr)


@commands.command()
@click.argument("key", required=False)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def nodes(key: str | None, as_json: bool) -> None:
    """List all nodes, or explain one.

    \b
    intarsia nodes
    intarsia nodes voronoi
    """
    from materials import reference

    if key is None:
        entries = reference.all_nodes()
        if as_json:
            _print_json(entries)
            return
        section = ""
        for entry in entries:
            if entry["section"] != section:
                section = entry["section"]
                _print(("" if section == entries[0]["section"] else "\n") + section)
            _print(f"  {entry['key']:<20} {entry['summary']}")
        return
    entry = reference.one_node(key)
    if as_json:
        _print_json(entry)
    else:
        _print(reference.as_text(entry))


@commands.command()
@click.argument("name", required=False)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def presets(name: str | None, as_json: bool) -> None:
    """List the materials that come with Intarsia, or say all that can be set in one, a preset or a file.

    \b
    intarsia presets
    intarsia presets brick_wall
    """
    from materials import reference, render as engine

    if name:
        entry = reference.one_material(engine.load(name))
        _print_json(entry) if as_json else _print(reference.material_as_text(entry))
        return
    entries = [reference.one_material(engine.load(each)) for each in engine.presets()]
    if as_json:
        _print_json(entries)
        return
    for entry in entries:
        _print(f"{entry['name']:<24} {entry['title']}, {entry['licence']}")
        _print(f"{'':<24} {', '.join(row['name'] for row in entry['parameters'])}")


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def targets(as_json: bool) -> None:
    """List the engines that files can be laid out for.

    \b
    intarsia targets
    intarsia render brick_wall --target unreal --out out
    """
    from materials import target as layouts

    found = [layouts.load(name) for name in layouts.names()]
    if as_json:
        _print_json([layouts.as_data(layout) for layout in found])
        return
    for layout in found:
        _print(f"{layout.key:<12} {layout.title}")
        for file in layout.files:
            _print(f"{'':<12}   {file.name}")


@commands.command()
@click.argument("graph", metavar="GRAPH|PICTURE")
@click.option("--size", "-s", type=_Size(), default="512", show_default=True, help=SIZE_HELP)
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option(
    "--exemplar",
    "-e",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Judge a picture that was made from this one.",
)
@click.option(
    "--tileable/--no-tileable", default=True, show_default=True, help="With --exemplar: judge the border too."
)
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def check(graph: str, size: tuple[int, int], seed: int, exemplar: Path | None, tileable: bool, as_json: bool) -> None:
    """Render GRAPH small and check it: physical ranges, seams, repetition, and the document's own checks.

    With --exemplar, judge a picture that was synthesized: whether it is like its exemplar, varied, seamless, and keeps
    its lines and its lattice.

    Exits with 1 if anything is wrong, so that it can stand in a build.

    \b
    intarsia check brick_wall
    intarsia check my.intarsia --size 1024 --json
    intarsia check large_wall.png --exemplar wall.jpg
    """
    if exemplar is not None:
        _check_synthesis(Path(graph), exemplar, tileable, seed, as_json)
    from materials import checks, render as engine

    found = engine.load(graph)
    with _bar("checking", not as_json) as progress:
        maps = engine.render(found, size, seed=seed, progress=progress)
    findings = checks.all_findings(maps, found.document.checks)
    wrong = [finding for finding in findings if finding.severity == "error"]
    if as_json:
        _print_json({"ok": not wrong, "findings": [finding.as_data() for finding in findings]})
    else:
        for finding in findings:
            _print(str(finding))
        _print(f"{found.document.title}: {'passes' if not wrong else f'{len(wrong)} errors'}")
    sys.exit(1 if wrong else 0)


def _check_synthesis(result: Path, exemplar: Path, tileable: bool, seed: int, as_json: bool) -> NoReturn:
    """Print what a synthesis comes to against its exemplar, and leave with 1 if it fails a gate."""
    from materials.likeness import likeness, opened

    found = likeness(opened(exemplar), opened(result), tileable=tileable, seed=seed)
    if as_json:
        _print_json(found.as_data())
    else:
        for line in found.as_lines():
            _print(line)
    sys.exit(0 if found.passes else 1)


@commands.command()
@click.argument("graph", metavar="GRAPH")
@click.argument("names", metavar="[NODE[.OUTPUT]]...", nargs=-1)
@click.option("--size", "-s", type=_Size(), default="512", show_default=True, help=SIZE_HELP)
@click.option("--set", "settings", multiple=True, metavar="NODE.PARAM=VALUE", help="Set a parameter; may come again.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option("--all", "every", is_flag=True, help="Every picture that any node makes.")
@click.option("--regions", metavar="NODE[.OUTPUT]", help="Also how pictures differ from region to region.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def inspect(
    graph: str,
    names: tuple[str, ...],
    size: tuple[int, int],
    settings: tuple[str, ...],
    seed: int,
    every: bool,
    regions: str | None,
    as_json: bool,
) -> None:
    """Tell what lies in the pictures on GRAPH's wires: mean, spread, ends, and which are constant or clipped.

    \b
    intarsia inspect brick_wall                              its maps
    intarsia inspect brick_wall --all                        every picture in it
    intarsia inspect brick_wall tilt --regions bricks.regions
    """
    from materials import render as engine, statistics

    found = engine.load(graph).with_settings(engine.as_settings(settings))
    with _bar("inspecting", not as_json) as progress:
        entries = statistics.of_graph(found, names, size, seed=seed, regions=regions, every=every, progress=progress)
    if as_json:
        _print_json([entry.as_data() for entry in entries])
        return
    for line in statistics.as_table(entries):
        _print(line)


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
@click.option("--graph", "only_graph", is_flag=True, help="Print the embedded graph alone.")
def info(file: Path, as_json: bool, only_graph: bool) -> None:
    """Tell what FILE is: a graph, or a picture with a graph and credits inside.

    \b
    intarsia info out/brick_wall_basecolor.png
    intarsia info --graph picture.png > again.intarsia
    """
    from materials.embedded import embedded_graph
    from materials.export import info as describe

    if only_graph:
        click.echo(embedded_graph(file), nl=False)
        return
    data = describe(file)
    if as_json:
        _print_json(data)
        return
    for name, value in data.items():
        if isinstance(value, list):
            _print(f"{name}:")
            for item in value:
                _print(
                    "  "
                    + (", ".join(f"{k} {v}" for k, v in item.items() if v) if isinstance(item, dict) else str(item))
                )
        elif not isinstance(value, dict):
            _print(f"{name}: {value}")


@commands.command()
@click.argument("file", metavar="FILE")
@click.option("--map", "map_", metavar="NAME", help="One map alone.")
@click.option("--share-map", type=click.Path(dir_okay=False, path_type=Path), help="Draw who is where, into a PNG.")
@click.option("--size", "-s", type=_Size(), help="Pixels that shares are computed at, at most 512; 256 unless given.")
@click.option("--set", "settings", multiple=True, metavar="NODE.PARAM=VALUE", help="Set a parameter; may come again.")
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), default=0, show_default=True)
@click.option("--grant", "grants", multiple=True, metavar="SOURCE=TEXT", help="A permission you hold for a source.")
@click.option("--profile", type=click.Choice(PROFILES), help="What it is meant for.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def credits(
    file: str,
    map_: str | None,
    share_map: Path | None,
    size: tuple[int, int] | None,
    settings: tuple[str, ...],
    seed: int,
    grants: tuple[str, ...],
    profile: str | None,
    as_json: bool,
) -> None:
    """Tell whose pictures are in FILE, how much of each map comes from whom, and what their licences ask.

    Of a graph or a preset the shares are computed; of an exported picture or its credits file, what the export wrote is
    told.

    \b
    intarsia credits granite_setts
    intarsia credits granite_setts --map base_color --share-map shares.png
    intarsia credits out/granite_setts_basecolor.png
    """
    from materials import credits as crediting, ownership, render as engine

    path = Path(file)
    if path.suffix.lower() in {".json", ".png", ".exr", ".tif", ".tiff"} and not share_map:
        data, _ = ownership.recorded(path)
        _print_json(data) if as_json else _print(crediting.as_markdown(data))
        return
    found = engine.load(file).with_settings(engine.as_settings(settings))
    outputs = None if map_ is None else [map_]
    owned = ownership.of_graph(found, size or (512 if share_map else 256), seed=seed, outputs=outputs)
    if share_map:
        map_ = "base_color" if "base_color" in owned.shares else next(iter(owned.shares))
        ownership.write_share_map(owned, map_, share_map)
        print(f"{share_map}: {map_}", file=sys.stderr)
    data = owned.as_data(_grants(grants), profile)
    if as_json:
        _print_json(data)
        return
    for line in ownership.as_text(data):
        _print(line)


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Where the graph's sources are.")
@click.option("--target", "-t", help="The target's TOML file, where it is none of ours.")
@click.option("--threads", type=click.IntRange(1, 1024))
@click.option("--memory", type=_Bytes(), help="Refuse before the start what needs more, for example 2GB.")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def verify(
    file: Path, folder: Path | None, target: str | None, threads: int | None, memory: int | None, as_json: bool
) -> None:
    """Render an export again from the graph inside it, and compare. Exits with 1 if anything differs or is missing.

    FILE is a picture that was exported, or the NAME.credits.json beside it, which stands for all of them.

    \b
    intarsia verify out/brick_wall.credits.json
    intarsia verify out/granite_setts_basecolor.png --folder presets
    """
    from materials import verify as verifying

    with _bar("verifying", not as_json) as progress:
        verdict = verifying.verify(file, folder, target, threads=threads, budget=memory, progress=progress)
    if as_json:
        _print_json(verdict.as_data())
    else:
        for finding in verdict.findings:
            _print(str(finding))
        if verdict.problem:
            _print(f"{file.name} could not be verified: {verdict.problem}")
        else:
            _print(f"{file.name} {'is what its credits say' if verdict.ok else 'is not what its credits say'}")
    sys.exit(0 if verdict.ok else 1)


@commands.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what would change and write nothing.")
def upgrade(file: Path, dry_run: bool) -> None:
    """Bring a document's nodes up to their newest versions, in place.

    \b
    intarsia upgrade --dry-run my.intarsia
    intarsia upgrade my.intarsia
    """
    from materials import document as documents
    from materials.differences import difference
    from materials.files import open_regular

    before = open_regular(file, documents.MAX_BYTES)
    saved, document = documents.loads(before, as_saved=True), documents.loads(before)
    for line in difference(saved, document):
        _print(line)
    if documents.dumps(document).encode() == before:
        _print(f"{file}: up to date")
    elif dry_run:
        _print(f"{file}: would be rewritten")
    else:
        documents.save(document, file)
        _print(f"{file}: rewritten")


@commands.command()
@click.argument("old")
@click.argument("new")
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def diff(old: str, new: str, as_json: bool) -> None:
    """Say what differs between two graphs, in nodes, parameters and links. Exits with 1 if anything does.

    \b
    intarsia diff brick_wall my.intarsia
    """
    from materials import render as engine
    from materials.differences import difference

    lines = difference(engine.load(old).document, engine.load(new).document)
    if as_json:
        _print_json(lines)
    else:
        for line in lines:
            _print(line)
    sys.exit(1 if lines else 0)


@commands.command()
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def warm(as_json: bool) -> None:
    """Compile every kernel into the user's cache, previews' too, so that no first render waits.

    \b
    intarsia warm
    """
    from materials import reference, shade

    start = time.perf_counter()
    with _bar("compiling", not as_json) as progress:
        count = reference.warm(progress)
        shade.warm()
    seconds = time.perf_counter() - start
    if as_json:
        _print_json({"nodes": count, "seconds": round(seconds, 2)})
    else:
        _print(f"{count} nodes ready in {seconds:.1f} s")


@commands.command()
@click.argument("graph", metavar="[GRAPH]", default="brick_wall")
@click.option("--size", "-s", type=_Size(), default="2048", show_default=True, help=SIZE_HELP)
@click.option("--rounds", type=click.IntRange(1, 100), default=3, show_default=True, help="The quickest counts.")
@click.option("--threads", type=click.IntRange(1, 1024))
@click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
def bench(graph: str, size: tuple[int, int], rounds: int, threads: int | None, as_json: bool) -> None:
    """Time GRAPH on this machine: wall and processor seconds, and what each node takes.

    The comparison with other programs is `python -m benchmarks`.

    \b
    intarsia bench
    intarsia bench my.intarsia --size 4096 --threads 2
    """
    from materials import render as engine

    found = engine.load(graph)
    reports = []
    with _bar("timing", not as_json) as progress:
        for _ in range(rounds + 1):
            reports.append(engine.render(found, size, threads=threads, progress=progress).report)
    best = min(reports[1:], key=lambda report: report["cpu_seconds"])
    if as_json:
        _print_json(best)
        return
    _print(f"{found.document.title} {size[0]}x{size[1]}, {best['threads']} threads")
    _print(f"{best['seconds']:8.3f} s wall, {best['cpu_seconds']:.3f} s of processors")
    for entry in best["nodes"]:
        _print(f"{entry['cpu_seconds']:8.3f} s  {entry['node']} ({entry['kind']})")


@commands.command()
@click.argument("photo", metavar="PHOTO", type=click.Path(path_type=Path))
@click.option("--out", "-o", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The PNG to write.")
@click.option("--corners", type=_Numbers(8), help="Corners of a true rectangle, clockwise from the top left.")
@click.option("--ratio", type=click.FloatRange(0.02, 50), help="Its width over its height; else the perspective tells.")
@click.option("--crop", type=_Numbers(4, "auto"), help="auto, or left,top,width,height; after straightening.")
@click.option("--flatten", type=click.FloatRange(0, 1), default=0, show_default=True, help="Even out the light.")
@click.option("--delight", type=click.FloatRange(0, 1), default=0, show_default=True, help="Lift shadows.")
@click.option("--size", "-s", type=click.IntRange(1, 65_500), help="Pixels of the longer side, at most.")
@click.option("--title", default="", help="What the photograph shows.")
@click.option("--author", default="", help="Whose it is.")
@click.option("--licence", default="", metavar="SPDX", help="Its licence, such as CC0-1.0 or CC-BY-4.0.")
@click.option("--source", default="", help="Where it comes from.")
@click.option("--width-cm", type=click.FloatRange(0.001, 1e6), help="Real width of the straightened picture.")
@click.option("--json", "as_json", is_flag=True, help="One report on standard output.")
def exemplar(
    photo: Path,
    out: Path,
    corners: tuple[float, ...] | None,
    ratio: float | None,
    crop: tuple[float, ...] | str | None,
    flatten: float,
    delight: float,
    size: int | None,
    title: str,
    author: str,
    licence: str,
    source: str,
    width_cm: float | None,
    as_json: bool,
) -> None:
    """Make PHOTO ready to be synthesized from: straight, evenly lit, cropped; with a record of whose it is.

    Corners and crop are shares of the picture, 0 to 1. What may spoil a material is said on standard error.

    \b
    intarsia exemplar wall.jpg --out wall.png --crop auto --flatten 1 --licence CC0-1.0 --author "Ann Lee"
    intarsia exemplar wall.jpg --out wall.png --corners 0.1,0.1,0.9,0.15,0.95,0.9,0.05,0.85 --width-cm 240
    """
    from materials import ledger
    from materials.prepare import Facts, prepare_photograph

    said = ledger.beside(photo)
    report = prepare_photograph(
        photo,
        out,
        corners=None if corners is None else list(zip(corners[::2], corners[1::2], strict=True)),
        ratio=ratio,
        crop=crop,  # type: ignore[arg-type]  # the only word that _Numbers lets through is auto
        flatten=flatten,
        delight=delight,
        size=size,
        facts=Facts(
            title or said.title,
            author or said.author,
            licence or said.licence,
            source or said.source,
            width_cm if width_cm is not None else said.width_cm or None,
        ),
    )
    if as_json:
        _print_json(report.as_data())
        return
    _print(str(report.file))
    _print(str(report.record))
    for found in report.left:
        print(f"warning: {found}", file=sys.stderr)
    for shift in report.period:
        print(f"it repeats every {shift.x:.1f} and {shift.y:.1f} pixels ({shift.strength:.2f})", file=sys.stderr)
    if report.missing:
        print(f"nobody said its {', '.join(report.missing)}: enter that in {report.record.name}", file=sys.stderr)
    print(f"{report.size[0]}x{report.size[1]}, {report.depth} bit. {report.changes}", file=sys.stderr)


@commands.group()
def library() -> None:
    """Keep photographs, whose they are and what they look like, and find them again.

    \b
    intarsia library add photographs --author "Ada Lee" --licence CC0-1.0
    intarsia library search wood --colour "#7a4a28" --where "directedness>0.5"
    intarsia library search --like wall.jpg --free
    intarsia library check

    Names of axes for --where are listed by `intarsia library search --help`.
    """


def _of_library(verb: Callable[..., None]) -> Callable[..., None]:
    """Add what all verbs of a library take; the verb gets the open library in place of its folder."""

    def opened(folder: str | None, as_json: bool, **options: Any) -> None:
        from materials.library import Library

        with _bar("looking at pictures", not as_json) as progress:
            shelf = Library(folder, progress=progress)
            if shelf.folder.is_dir():
                len(shelf)  # what must be looked at first is looked at now, while there is a bar
        verb(shelf, as_json=as_json, **options)
        _tell_messages(shelf.messages)

    folder = click.option(
        "--library",
        "-l",
        "folder",
        metavar="DIR",
        help='The folder of pictures; your own unless given, "shipped" for those that come with Intarsia.',
    )
    json_ = click.option("--json", "as_json", is_flag=True, help="Machine-readable.")
    return functools.update_wrapper(folder(json_(opened)), verb)


def _tell_messages(messages: list[str]) -> None:
    while messages:
        print(messages.pop(0), file=sys.stderr)


@library.command("add")
@click.argument("paths", metavar="[PATH]...", nargs=-1, type=click.Path(exists=True, path_type=Path))
@click.option("--title", help="What it shows.")
@click.option("--author", help="Who took or made it.")
@click.option("--licence", help="SPDX identifier, such as CC0-1.0 or CC-BY-4.0.")
@click.option("--source", help="Where it comes from: an address, or words.")
@click.option("--notes", help="How it was taken: light, lens, distance.")
@click.option("--width-cm", type=click.FloatRange(0), help="Width of what it shows, in centimetres.")
@click.option("--tag", "tags", multiple=True, help="A word to find it by; may come again.")
@_of_library
def library_add(shelf: Library, paths: tuple[Path, ...], as_json: bool, tags: tuple[str, ...], **facts: Any) -> None:
    """Enter pictures, files or whole folders, or tell more of pictures that are entered.

    They are copied into the library's folder unless they lie there; without PATH, what lies there unentered is
    entered. A CREDITS.toml beside them fills in their facts. What is missing is asked for on a terminal.

    \b
    intarsia library add wall.jpg --author "Ada Lee" --licence CC0-1.0 --width-cm 120 --tag brick
    intarsia library add --library photographs
    """
    told = {name: value for name, value in facts.items() if value is not None} | ({"tags": list(tags)} if tags else {})
    asks = not as_json and sys.stdin.isatty() and sys.stderr.isatty()
    with _bar("looking at pictures", not as_json and not asks) as progress:
        shelf.progress = progress
        done = shelf.add(paths or None, told, ask=_ask_facts if asks else None)
    if as_json:
        _print_json([dataclasses.asdict(added) for added in done])
    for added in () if as_json else done:
        _print(f"{added.file}: {added.reason or added.status}")
        if added.missing:
            _print(f"  not known: {', '.join(added.missing)}")
        if added.near:
            _print(f"  looks like {', '.join(added.near)}")
    sys.exit(1 if any(added.status == "refused" for added in done) else 0)


def _ask_facts(facts: Facts, lacking: tuple[str, ...]) -> dict[str, Any]:
    """Ask for the facts of a picture that are missing; an empty answer leaves one unknown."""
    from materials.ledger import licence_is_known

    print(f"{facts.file}: an empty answer leaves a fact unknown", file=sys.stderr)
    told: dict[str, Any] = {}
    for name in lacking:
        answer = click.prompt(f"  {name}", default="", show_default=False, err=True)
        while name == "licence" and answer and not licence_is_known(answer):
            answer = click.prompt("  that is no SPDX identifier; licence", default="", show_default=False, err=True)
        told[name] = answer
    if not facts.width_cm:
        told["width_cm"] = click.prompt("  width in cm", default=0.0, type=float, show_default=False, err=True)
    return {name: answer for name, answer in told.items() if answer}


@library.command("list")
@_of_library
def library_list(shelf: Library, as_json: bool) -> None:
    """List all pictures of a library.

    \b
    intarsia library list
    intarsia library list --library shipped
    """
    found = shelf.items()
    if as_json:
        _print_json([item.as_data() for item in found])
    for item in () if as_json else found:
        _print(_item_line(item))


def _item_line(item: Item) -> str:
    facts = item.facts
    by = f"{facts.title or 'untitled'}, {facts.author or 'author unknown'}, {facts.licence or 'licence unknown'}"
    return f"{item.file:<32} {item.width}x{item.height}  {by}"


@library.command("search", epilog="Axes: " + ", ".join(AXES) + ".")
@click.argument("words", metavar="[WORD]...", nargs=-1)
@click.option("--colour", "-c", metavar="#RRGGBB|NAME", help="Near this colour: an sRGB code, or a basic colour.")
@click.option("--like", "picture", metavar="PICTURE", help="Like this picture: a file, or a picture of the library.")
@click.option(
    "--where", "-w", multiple=True, metavar="CONDITION", help='"coarseness>0.6", "angle=80..100"; may repeat.'
)
@click.option("--tag", "tags", multiple=True, help="With this tag; may come again.")
@click.option("--author", default="", help="By this author.")
@click.option("--licence", default="", help="Under this licence, an SPDX identifier.")
@click.option("--free", is_flag=True, help="Only licences that ask for nothing.")
@click.option("--limit", "-n", type=click.IntRange(1, 10_000), default=20, show_default=True)
@_of_library
def library_search(shelf: Library, words: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Find pictures by words, colour, likeness and axes; what is given must all hold, the nearest come first.

    \b
    intarsia library search rough concrete
    intarsia library search --colour "#8a5a3c" --where "coarseness>0.6" --where "regularity<0.2"
    intarsia library search --like wall.jpg --licence CC0-1.0 --json
    """
    found = shelf.search(" ".join(words), **options)
    if as_json:
        _print_json([each.as_data() for each in found])
    for each in () if as_json else found:
        _print(f"{each.distance:6.3f}  {_item_line(each.item)}")


@library.command("show")
@click.argument("file")
@click.option("--thumbnail", type=click.Path(dir_okay=False, path_type=Path), help="Write its thumbnail, a JPEG file.")
@_of_library
def library_show(shelf: Library, file: str, thumbnail: Path | None, as_json: bool) -> None:
    """Tell all that is known of a picture: its facts, its colours, and where it lies on every axis.

    \b
    intarsia library show soil.png --library shipped
    """
    from materials import descriptors
    from materials.files import write_bytes

    item = shelf.item(file)
    if thumbnail:
        write_bytes(thumbnail, shelf.thumbnail(file))
    data = item.as_data()
    if as_json:
        _print_json(data)
        return
    for name, value in data.items():
        if name == "axes":
            for axis, number in value.items():
                _print(f"{axis:<14} {number:8.3f} {descriptors.AXES[axis].unit:<9} {descriptors.AXES[axis].meaning}")
        elif isinstance(value, dict):
            _print(f"{name:<14} {', '.join(f'{part} {share:.0%}' for part, share in value.items())}")
        else:
            _print(f"{name:<14} {' '.join(map(str, value)) if isinstance(value, list) else value}")


@library.command("check")
@_of_library
def library_check(shelf: Library, as_json: bool) -> None:
    """List what a person should look at: unknown facts and licences, files that are gone, changed or not entered.

    Exits with 1 if there is any.

    \b
    intarsia library check
    """
    found = shelf.check()
    if as_json:
        _print_json([dataclasses.asdict(finding) for finding in found])
    for finding in () if as_json else found:
        _print(f"{finding.file}: {finding.kind}: {finding.text}")
    sys.exit(1 if found else 0)


@library.command("update")
@_of_library
def library_update(shelf: Library, as_json: bool) -> None:
    """Find files again that were moved or changed in the library's folder.

    \b
    intarsia library update
    """
    found = shelf.update()
    if as_json:
        _print_json(dataclasses.asdict(found))
        return
    for old, new in found.moved.items():
        _print(f"{old}: moved to {new}")
    for name in found.changed:
        _print(f"{name}: changed; look whether its facts still hold")
    for name in found.missing:
        _print(f"{name}: missing")
    for name in found.new:
        _print(f"{name}: not entered yet")


@library.command("remove")
@click.argument("names", metavar="FILE...", nargs=-1, required=True)
@click.option("--delete", is_flag=True, help="Delete the files as well.")
@_of_library
def library_remove(shelf: Library, names: tuple[str, ...], delete: bool, as_json: bool) -> None:
    """Take pictures out of a library; their files stay unless --delete is given.

    \b
    intarsia library remove old_wall.jpg
    """
    shelf.remove(names, delete=delete)
    if as_json:
        _print_json({"removed": list(names), "deleted": delete})


if __name__ == "__main__":
    main()
