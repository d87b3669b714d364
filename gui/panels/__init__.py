"""Docks beside the canvas: parameters, library, search, problems."""
