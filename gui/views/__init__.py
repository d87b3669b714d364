"""Views of what a graph makes: pictures in two dimensions, materials in light."""
