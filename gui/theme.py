"""The look of the app in one file: tokens, palette, style sheet, and how wire kinds are told apart.

Every colour, length and type size that the app draws comes from here. A widget that needs a value that is not here
asks for a token; it does not write a number. `THEME` is the one theme, switched in place.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources
from string import Template

from PyQt6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PyQt6.QtWidgets import QApplication

# Greys are neutral (the channels of a surface differ by 5 at most): a tinted surround shifts
# how an artist judges a colour. The accent is blue because materials seldom are.
COLORS: dict[str, dict[str, str]] = {
    "dark": {
        # surfaces, from the back to the front
        "gutter": "#131314",
        "canvas": "#191919",
        "canvas_dot": "#313132",
        "panel": "#212122",
        "raised": "#2a2a2b",
        "popover": "#2c2c2e",
        "well": "#181819",
        "field": "#2f2f31",
        "field_hover": "#38383a",
        "field_pressed": "#29292b",
        "field_disabled": "#262627",
        "line": "#303032",
        "line_strong": "#4a4a4d",
        # text: 1 values and titles, 2 labels, 3 hints and units, 4 disabled
        "text1": "#ededee",
        "text2": "#b6b7ba",
        "text3": "#97989d",
        "text4": "#626367",
        "on_accent": "#ffffff",
        # one accent: selection, focus, the primary button, what the user has set
        "accent": "#7aa5ff",
        "accent_fill": "#3a6be0",
        "accent_hover": "#3f6de3",
        "accent_pressed": "#315dc6",
        "accent_soft": "#27344f",
        "fill": "#454549",
        "fill_set": "#3d4f78",
        "error": "#ff7a73",
        "error_soft": "#43282a",
        "warning": "#f0b94f",
        "warning_soft": "#3f3526",
        "ok": "#6cc592",
        "ok_soft": "#233a2e",
        "shadow": "#000000",
    },
    "light": {
        "gutter": "#cfcfd1",
        "canvas": "#ededee",
        "canvas_dot": "#d4d4d6",
        "panel": "#f4f4f5",
        "raised": "#fdfdfd",
        "popover": "#ffffff",
        "well": "#e4e4e6",
        "field": "#e5e5e7",
        "field_hover": "#dcdcdf",
        "field_pressed": "#d3d3d6",
        "field_disabled": "#ededee",
        "line": "#dedee0",
        "line_strong": "#b4b4b8",
        "text1": "#1a1a1b",
        "text2": "#48494d",
        "text3": "#5f6065",
        "text4": "#a2a3a8",
        "on_accent": "#ffffff",
        "accent": "#2a5cd0",
        "accent_fill": "#2f62d9",
        "accent_hover": "#2857c6",
        "accent_pressed": "#224cb0",
        "accent_soft": "#dbe5fb",
        "fill": "#cbcbd0",
        "fill_set": "#bccdf2",
        "error": "#bb2a26",
        "error_soft": "#fae0de",
        "warning": "#7d5200",
        "warning_soft": "#f7e8c8",
        "ok": "#1b6e40",
        "ok_soft": "#d6eedf",
        "shadow": "#000000",
    },
}

# Searched so that the nearest two stay apart for normal, protan, deutan and tritan eyes; the tests measure it.
# The commonest kind, Gray, is the quietest.
WIRES: dict[str, dict[str, str]] = {
    "dark": {
        "Gray": "#85878c",
        "Color": "#d9a01a",
        "Flow": "#5bb6ab",
        "Regions": "#d5612a",
        "Origin": "#a88af5",
        "Stamps": "#b9de74",
        "Material": "#fbcade",
    },
    "light": {
        "Gray": "#3b3d42",
        "Color": "#986e00",
        "Flow": "#167789",
        "Regions": "#7a0d00",
        "Origin": "#9476df",
        "Stamps": "#5c956c",
        "Material": "#a73f52",
    },
}


# Of a picture's channels in histograms: told apart by place as well, since each is an area of its own.
CHANNELS: dict[str, tuple[str, str, str]] = {
    "dark": ("#d86a62", "#6fb277", "#6f9be0"),
    "light": ("#c0443c", "#3f8a4a", "#3d6fc4"),
}

# What is drawn over pictures stands out from all of them by its two tones, in both modes.
OVER_PICTURE = ("#ffffff", "#000000")


@dataclass(frozen=True)
class Kind:
    """How a wire kind is told apart without colour: port shape, line width, dash, and words."""

    shape: str
    width: float
    dash: tuple[float, ...]
    about: str


KINDS: dict[str, Kind] = {
    "Gray": Kind("circle", 1.75, (), "one value per pixel: height, mask, roughness"),
    "Color": Kind("square", 2.0, (), "linear RGB"),
    "Flow": Kind("triangle", 2.0, (6, 2.5), "a direction per pixel"),
    "Regions": Kind("hexagon", 2.0, (2.5, 2), "labelled areas and their table"),
    "Origin": Kind("ring", 2.0, (0.1, 2.2), "where each pixel was copied from"),
    "Stamps": Kind("cross", 2.0, (7, 2.2, 0.1, 2.2), "small pictures to scatter"),
    "Material": Kind("pill", 4.0, (), "a whole material: all maps and its size"),
}

KINDS_DRAWN_AS = {"Image": "Gray"}
"""A wire of either kind looks like the commoner one until it is known which it is."""

# Families of nodes, by menu section. Mixed at 14 % into a node's header, pure only in the 8 px category dot.
FAMILIES: dict[str, tuple[str, ...]] = {
    "#8f9aa8": ("source",),
    "#7f9bbd": ("noise", "grunge", "marks", "shape"),
    "#7fa6b4": ("pattern", "packing", "weave", "wood", "grain"),
    "#b59a6a": ("scatter",),
    "#b98a6d": ("region",),
    "#9a9a9e": ("tone", "mix", "formula", "channels", "filter"),
    "#6fa6a4": ("warp",),
    "#b8a15c": ("colour",),
    "#84a583": ("surface", "mask", "wear"),
    "#a592cf": ("synthesis", "fill", "repair", "tiling", "transfer", "photograph"),
    "#c08cb4": ("model",),
    "#c48f9d": ("material", "covers", "weather", "coats"),
}
CATEGORIES = {section: colour for colour, sections in FAMILIES.items() for section in sections}
STRUCTURE_COLOUR = "#a7a7ac"
"""Of subgraphs, their inputs and outputs, and nodes of unknown kinds."""

SPACE = {"hair": 1, "xs": 2, "s": 4, "m": 8, "l": 12, "xl": 16, "xxl": 24, "huge": 32}
RADIUS = {"tick": 3, "field": 4, "button": 6, "node": 8, "popover": 8, "dialog": 12, "frame": 12}
SIZE = {
    "top_bar": 44,
    "status_bar": 24,
    "panel_header": 36,
    "library": 248,
    "parameters": 336,
    "views": 284,
    "row": 28,
    "field": 24,
    "button": 28,
    "icon_button": 28,
    "icon": 16,
    "icon_small": 14,
    "tab": 32,
    "search": 28,
    "node": 120,
    "node_header": 24,
    "node_thumb": 120,
    "port": 10,
    "port_hit": 24,
    "port_pitch": 24,
    "grid": 8,
    "dots": 24,
    "label_column": 104,
    "popup": 320,
    "dialog": 880,
    "list_row": 52,
    "dialog_head": 56,
    "dialog_foot": 60,
    "question": 440,
    "toast": 420,
    "start": 1000,
    "card": 152,
}
# pixel size, weight; the whole app uses these five and no other
TYPE = {
    "caption": (11, 400),
    "body": (12, 400),
    "strong": (12, 600),
    "title": (13, 600),
    "heading": (16, 600),
    "display": (24, 600),
}
# blur, offset, opacity; used by popups, dialogs and dragged things only
SHADOW = {"popover": (24, 8, 0.45), "dialog": (48, 16, 0.55), "drag": (16, 4, 0.40)}
MOTION = {"hover": 0, "popup": 90, "progress_after": 150, "toast": 4000}  # milliseconds

FONTS = ["Inter", "Segoe UI Variable Text", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans"]
MONO = ["JetBrains Mono", "Cascadia Mono", "SF Mono", "Noto Sans Mono", "DejaVu Sans Mono"]


def load_fonts() -> list[str]:
    """Register the bundled fonts (Inter, SIL OFL 1.1) and return their families."""
    families: set[str] = set()
    for file in resources.files("gui").joinpath("fonts").iterdir():
        if file.name.endswith(".otf"):
            number = QFontDatabase.addApplicationFontFromData(file.read_bytes())
            families |= set(QFontDatabase.applicationFontFamilies(number))
    return sorted(families)


def mix(a: QColor, b: QColor, share: float) -> QColor:
    """Return `share` of b in a, in display space, which is what the eye expects of a tint."""
    pairs = zip(a.getRgbF()[:3], b.getRgbF()[:3], strict=True)
    red, green, blue = ((x or 0.0) + ((y or 0.0) - (x or 0.0)) * share for x, y in pairs)
    return QColor.fromRgbF(red, green, blue)


class Theme:
    """The tokens of one mode, "dark" or "light", and what Qt needs of them."""

    def __init__(self, mode: str = "dark") -> None:
        self.switch(mode)

    def switch(self, mode: str) -> None:
        """Make this the theme of another mode; `apply` shows it."""
        self.mode = mode
        self.colors = COLORS[mode]

    def color(self, token: str, alpha: float = 1.0) -> QColor:
        """Return a token's colour."""
        color = QColor(self.colors[token])
        color.setAlphaF(alpha)
        return color

    def wire(self, kind: str) -> QColor:
        """Return a wire kind's colour; of "Image", which is gray or colour, the quieter."""
        return QColor(WIRES[self.mode][KINDS_DRAWN_AS.get(kind, kind)])

    def channel(self, number: int) -> QColor:
        """Return the colour of a picture's red, green or blue in a histogram."""
        return QColor(CHANNELS[self.mode][number])

    def over_picture(self, dark: bool = False, alpha: float = 1.0) -> QColor:
        """Return the light or the dark tone of marks over pictures."""
        color = QColor(OVER_PICTURE[dark])
        color.setAlphaF(alpha)
        return color

    def category(self, name: str) -> QColor:
        color = QColor(CATEGORIES.get(name, STRUCTURE_COLOUR))
        return color if self.mode == "dark" else color.darker(135)

    def header(self, category: str) -> QColor:
        """Return the ground of a node's header."""
        return mix(self.color("raised"), self.category(category), 0.14)

    def font(self, role: str = "body", tabular: bool = False) -> QFont:
        """Return a font by its role in `TYPE`; `tabular` figures do not jitter while a number changes."""
        size, weight = TYPE[role]
        font = QFont()
        font.setFamilies(FONTS)
        font.setPixelSize(size)
        font.setWeight(QFont.Weight(weight))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        if tabular:
            font.setFeature(QFont.Tag("tnum"), 1)
        return font

    def mono(self) -> QFont:
        """Return the font of formulas."""
        font = QFont()
        font.setFamilies(MONO)
        font.setPixelSize(TYPE["body"][0])
        return font

    def palette(self) -> QPalette:
        role, palette = QPalette.ColorRole, QPalette()
        pairs = {
            role.Window: "panel",
            role.WindowText: "text1",
            role.Base: "well",
            role.AlternateBase: "raised",
            role.Text: "text1",
            role.Button: "field",
            role.ButtonText: "text1",
            role.BrightText: "error",
            role.ToolTipBase: "popover",
            role.ToolTipText: "text1",
            role.PlaceholderText: "text3",
            role.Highlight: "accent_fill",
            role.HighlightedText: "on_accent",
            role.Link: "accent",
            role.LinkVisited: "accent",
            role.Light: "raised",
            role.Midlight: "line_strong",
            role.Mid: "line",
            role.Dark: "gutter",
            role.Shadow: "shadow",
            role.Accent: "accent_fill",
        }
        for key, token in pairs.items():
            palette.setColor(key, self.color(token))
        for key in (role.WindowText, role.Text, role.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, key, self.color("text4"))
        palette.setColor(QPalette.ColorGroup.Disabled, role.Highlight, self.color("line_strong"))
        return palette

    def style_sheet(self) -> str:
        values = dict(self.colors)
        values |= {f"r_{k}": f"{v}px" for k, v in RADIUS.items()}
        values |= {f"t_{k}": f"{v[0]}px" for k, v in TYPE.items()}
        return Template(resources.files("gui").joinpath("style.qss").read_text()).substitute(values)

    def apply(self, app: QApplication) -> None:
        app.setStyle("Fusion")
        app.setPalette(self.palette())
        app.setFont(self.font("body"))
        app.setStyleSheet(self.style_sheet())


THEME = Theme()
