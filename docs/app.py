"""Makes docs/app: pictures of the app, and the table of keys in docs/guide/app.md. Needs no display.

usage: python -m docs.app [--check | --keys] [PICTURE...]

With --check nothing is made; the exit code is 1 if a picture is missing or the keys are stale. With --keys only those
are written; with names only those pictures are made again. The first run compiles what the app shows: some minutes.
"""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QT_API", "pyqt6")

from docs.scenes import SCENES
from docs.stage import Stage, as_webp, own_home
from gui.panels.keys import MOUSE
from gui.shortcuts import keys_of, words_of
from gui.window import Window
from materials.files import make_folder, write_all

FOLDER = Path(__file__).resolve().parent / "app"
GUIDE = Path(__file__).resolve().parent / "guide" / "app.md"
BEGIN, END = "<!-- keys: made by python -m docs.app -->", "<!-- end of keys -->"


# ---- keys ----------------------------------------------------------------------------------------


def keys(window: Window) -> str:
    """Return the keys of all actions, and what the mouse does, as Markdown."""
    groups = {
        title: [(words_of(action).removesuffix("…"), keys_of(action)) for action in actions]
        for title, actions in window.views.by_menu().items()
    } | {"Mouse": list(MOUSE)}
    lines = ["| | key | does |", "| --- | --- | --- |"]
    for title, rows in groups.items():
        for words, pressed in rows:
            if pressed:
                lines.append(f"| {title} | {pressed} | {words} |")
                title = ""
    return "\n".join(lines)


def with_keys(text: str, table: str) -> str:
    """Return the guide with another table between its marks."""
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table}\n{END}{after}"


def present_keys() -> str:
    """Return the keys of the app as it is, read from a window with a document."""
    with own_home() as home:
        stage = Stage(home, shown=False)
        stage.window.files.new()
        table = keys(stage.window)
        stage.close()
    return table


# ---- the command ---------------------------------------------------------------------------------


def shoot(names: list[str], folder: Path = FOLDER) -> None:
    """Make pictures by name into a folder."""
    make_folder(folder)
    with own_home() as home:
        stage = Stage(home)
        try:
            for name in names:
                begun = time.perf_counter()
                data = as_webp(SCENES[name](stage))
                write_all({folder / f"{name}.webp": data})
                print(f"{name}: {len(data) / 1000:.0f} KB in {time.perf_counter() - begun:.0f} s", flush=True)
                stage.clear()
        finally:
            stage.close()


def stale() -> list[str]:
    """Return what is missing or no longer true."""
    found = [f"app/{name}.webp is not there" for name in SCENES if not (FOLDER / f"{name}.webp").is_file()]
    text = GUIDE.read_text("utf-8")
    if with_keys(text, present_keys()) != text:
        found.append("the keys in guide/app.md are not up to date")
    return found


def main(arguments: list[str]) -> int:
    """Make pictures and keys, or look whether they are there; return the exit code."""
    if "--check" in arguments:
        found = stale()
        for line in found:
            print(f"docs/{line}: run python -m docs.app", file=sys.stderr)
        return 1 if found else 0
    names = [name for name in arguments if name != "--keys"]
    unknown = [name for name in names if name not in SCENES]
    if unknown:
        print(f"there is no picture {unknown[0]!r}; there are {', '.join(SCENES)}", file=sys.stderr)
        return 2
    if "--keys" not in arguments:
        shoot(names or list(SCENES))
    text = GUIDE.read_text("utf-8")
    write_all({GUIDE: with_keys(text, present_keys()).encode()})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
