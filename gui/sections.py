"""How the library groups the nodes: titles, icons and colours of groups of the catalogue's sections, in menu order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Group:
    """A group of the library: sections of the catalogue that an artist looks for in one place.

    icon : of the Phosphor family.
    """

    title: str
    icon: str
    sections: tuple[str, ...]

    @property
    def colour(self) -> str:
        """The section whose category colour stands for the group."""
        return self.sections[0]


GROUPS = (
    Group("Source", "image-square", ("source",)),
    Group("Noise", "waves", ("noise", "grunge")),
    Group("Shape", "polygon", ("shape", "marks")),
    Group("Pattern", "wall", ("pattern", "packing", "weave")),
    Group("Wood", "tree", ("wood", "grain")),
    Group("Scatter", "dots-nine", ("scatter",)),
    Group("Region", "selection-plus", ("region",)),
    Group("Tone", "chart-line-up", ("tone",)),
    Group("Mix", "intersect", ("mix", "formula", "channels")),
    Group("Filter", "drop", ("filter",)),
    Group("Warp", "wind", ("warp",)),
    Group("Colour", "palette", ("colour",)),
    Group("Surface", "stack", ("surface",)),
    Group("Wear", "paint-brush", ("wear", "mask")),
    Group("Synthesis", "puzzle-piece", ("synthesis", "tiling")),
    Group("Repair", "bandaids", ("repair", "fill")),
    Group("Photograph", "camera", ("photograph", "transfer")),
    Group("Model", "planet", ("model",)),
    Group("Material", "globe-hemisphere-west", ("material", "covers", "weather", "coats")),
)

OTHER = Group("Other", "squares-four", ("",))
"""Of subgraphs, their ends, and sections that no group names."""

_GROUP_OF = {section: group for group in GROUPS for section in group.sections}


def group_of(section: str) -> Group:
    """Return the group that a section of the catalogue belongs to."""
    return _GROUP_OF.get(section, OTHER)
