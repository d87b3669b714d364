"""What users of other programs call each node: the words under which it is found beside its own name.

Substance Designer, Material Maker, Blender and Photoshop among them. Words that stand in the title need no mention.
"""

from __future__ import annotations

from functools import cache
from types import MappingProxyType

_WORDS = {
    # sources
    "image": "bitmap, picture, texture, image texture, file, load, import, png, jpg, exr, place image",
    "image_gray": "bitmap, grayscale picture, height map, heightmap, load mask, load height, import, alpha",
    "uniform": "constant, value, grayscale constant, uniform grayscale, solid tone, black, white, flat, number",
    "uniform_color": "solid color, solid colour, constant color, RGB, fill layer, flat colour",
    # noise
    "fbm": "Perlin, clouds, fractal sum, noise texture, turbulence, simplex, value noise, render clouds, BnW spots, "
    "1/f",
    "billow": "puffy, cumulus, clouds, lumps, perlin billow, turbulence, cauliflower",
    "ridged": "multifractal, ridges, veins, mountains, marble, cracks, lightning, ridged multifractal",
    "voronoi": "Worley, cellular, cells, cell noise, crystal, F1, F2, facets, mosaic, cracks, voronoi texture, shards",
    "white_noise": "grain, random, static, film grain, add noise, TV, pixels, speckle, snow",
    "blue_noise": "dither, dithering, stipple, halftone, threshold mask, void and cluster, jitter",
    "grunge": "grunge map, dirt, smudges, stains, patina, rust mask, weathering, fingerprints, splashes, smears, BnW",
    # marks and shapes
    "fibers": "hair, lint, threads, felt, straw, fur, strands, string, grass, wool",
    "scratches": "scratch generator, scrapes, scuffs, grooves, hairline, cuts, wear marks",
    "spots": "dots, BnW spots, speckles, pores, pebbles, droplets, drops, freckles, lichen, pits, dimples, splotches",
    "gradient": "linear gradient, ramp, radial, gradient linear 1, gradient texture, gradient axial, fade, vignette, "
    "conical",
    "shape": "polygon, circle, square, disc, star, rectangle, ellipse, triangle, primitive, dot, bell, hemisphere, "
    "paraboloid",
    # patterns
    "bricks": "brick generator, brick texture, tile generator, tiles, masonry, wall, herringbone, running bond, "
    "mortar, paving, basket weave",
    "cobble_packing": "cobblestone, stones, pebbles, paving, setts, river rocks, rocks, stone wall, cells",
    "hexagon_tiles": "honeycomb, hex grid, hexagons, beehive, tiles",
    "mortar_cells": "crazy paving, cracked mud, dried mud, giraffe, cells, flagstones, irregular stone, terrazzo, "
    "leather",
    "uneven_bricks": "ashlar, random masonry, stone wall, flagstones, slabs, irregular bricks, tile random, "
    "opus romanum, French pattern, multi-size bricks",
    "panels": "sci-fi panels, hull, plates, plating, greebles, tech panels, quad split, random rectangles, "
    "subdivision, Mondrian, rivets, bolts",
    "weave": "cloth, fabric, textile, twill, satin, knit, basket, carbon fibre, canvas, denim, weave generator, linen",
    # wood
    "growth_rings": "wood grain, tree rings, year rings, knots, annual rings, wood fibres, veneer, log",
    "planks": "boards, floorboards, wood floor, parquet, decking, lumber, timber, siding",
    "local_noise": "anisotropic noise, stretched noise, brushed metal, streaks, directional noise, fur, straw, wood "
    "fibre",
    "spindles": "pores, wood pores, dashes, hairs, nicks, rays, flecks, strokes",
    # scattering
    "tile_sampler": "tile generator, tile random, grid, array, instances, repeat shape, mosaic, pattern, scatter on a "
    "grid",
    "splatter": "scatter, shape splatter, splatter circular, instances, distribute points, spray, particles, leaves, "
    "gravel, poisson disk",
    "stamp_source": "stamp, brush, pattern input, sprite, atlas, flipbook, alpha",
    "cones": "cone field, pyramids, spikes, points, studs, bumps, dots",
    # tones
    "levels": "histogram, contrast, brightness, gamma, black point, white point, exposure, midtones",
    "auto_levels": "normalise, normalize, auto contrast, stretch, histogram stretch, full range",
    "curve": "tone curve, curves, RGB curves, float curve, transfer function, profile",
    "equalize": "histogram equalise, histogram equalization, flatten histogram, uniform distribution, percentile",
    "histogram_range": "contrast, range, compress tones, reduce contrast, histogram shift",
    "histogram_scan": "threshold, mask contrast, scan, cutoff, grow mask, shrink mask, contrast",
    "quantize": "posterise, posterize, steps, terraces, stepped, bands, indexed, snap, strata",
    "remap": "map range, invert, scale and offset, fit range, contrast/luminosity, multiply add, one minus, negative",
    "smooth_threshold": "threshold, coverage, binary, cut off, black and white, percentage, binarise",
    "smoothstep": "soft threshold, smooth step, ease, feather, map range smooth, s-curve, colorramp ease",
    # mixing
    "blend": "mix, add, multiply, overlay, screen, subtract, layer, blend mode, combine, composite, max, min, "
    "lighten, darken, copy, difference",
    "height_blend": "height mix, height lerp, sand between stones, snow, displacement blend, max by height, flood, "
    "water level",
    "math": "add, multiply, subtract, divide, power, absolute, sine, maximum, minimum, modulo, invert, calculate, "
    "clamp",
    "expression": "formula, pixel processor, function, custom, code, script, equation, value processor, math "
    "expression",
    "merge_channels": "combine RGB, RGBA merge, combine color, pack channels, channel packing, combine XYZ, HSL to RGB",
    "split_channels": "separate RGB, RGBA split, separate color, channel split, extract red, separate XYZ, RGB to HSL",
    "switch": "multi switch, choose, select, index, toggle, if, variant, choice",
    # filters and warps
    "blur": "gaussian, soften, smooth, blur HQ, gaussian blur, defocus, box blur, low pass, feather",
    "slope_blur": "erode, chip, wear down, slope blur grayscale, chipped edges, smear, melt, crumble, weather, erosion",
    "warp": "distort, displace, refract, warp simple, domain warp, wobble, bend, perturb, liquify",
    "directional_warp": "push, displace, shear, motion, wind, distort along, smudge, wave",
    "vector_warp": "distort, displace by vectors, flow map, vector displacement, swirl, UV distort, liquify",
    "transform": "transform 2D, scale, rotate, move, offset, tile, repeat, mirror, flip, mapping, UV, make it tile, "
    "shift",
    "to_flow": "flow map, vector map, combine XY, direction, offsets from pictures, motion vectors",
    "split_flow": "separate flow, vector to pictures, separate XY, flow components",
    # colour
    "gradient_map": "color ramp, colour ramp, colorize, colourise, gradient dynamic, tint, palette, ramp, false colour",
    "hsv_adjust": "HSL, hue saturation, hue saturation value, hue/saturation, recolour, colour shift, desaturate",
    "oklch_adjust": "HSL, hue, lightness, chroma, saturation, vibrance, perceptual colour, brightness, colour shift",
    "oklch_vary": "colour variation, hue variation, vary colour, HSL perceptual, colour noise, random hue",
    "mix_color": "blend colour, mix, mix RGB, overlay colour, tint, lerp, lay over, paint over, colour layer",
    "region_palette": "random colour, palette, flood fill to random colour, colour per brick, colour by index, colour "
    "families",
    "to_grayscale": "desaturate, black and white, luminance, RGB to BW, grayscale conversion, luma, value, gray",
    "linear_to_srgb": "gamma, encode, convert colour space, to sRGB, gamma 2.2, display",
    "srgb_to_linear": "gamma, decode, convert colour space, to linear, degamma, linearise",
    # regions
    "flood_fill": "islands, connected components, segment, label, find regions, blobs, magic wand, mask to regions",
    "region_color": "flood fill to colour, random colour, colour per brick, ID map, material ID, clown pass",
    "region_data": "flood fill to position, bounding box, size, area, region index, centre, flood fill to bbox size",
    "region_gradient": "flood fill to gradient, tilt, ramp per brick, slant, random slope, tilt bricks",
    "region_offset": "random offset, shift per brick, break up pattern, flood fill mapper, offset grain",
    "region_random": "flood fill to random, flood fill to grayscale, random per brick, random value, random gray, "
    "vary bricks, object random",
    "region_sample": "flood fill to average, average per region, pixelate, mosaic, mean colour, facet",
    "region_select": "flood fill to index, pick bricks, filter regions, choose bricks, random mask, missing bricks, "
    "select by size",
    "region_uv": "flood fill mapper, flood fill to UV, local coordinates, UV per brick, object coordinates",
    # surface
    "ambient_occlusion": "AO, HBAO, cavity, occlusion, ambient occlusion RT, shadows in hollows, bake",
    "bevel": "round edges, edge profile, chamfer, emboss, pillow, distance profile, bevel and emboss, inner shadow",
    "curvature": "cavity, convexity, edges, curvature smooth, curvature sobel, pointiness, edge detect, creases",
    "distance": "distance field, SDF, grow, expand mask, dilate, edge distance, stroke, outline, falloff, glow",
    "normal_from_height": "normal map, normal, bump, height to normal, normal sobel, bump to normal, nrm",
    "normal_to_height": "integrate, height from normal, normal map to height, displacement from normal",
    "combine_normals": "normal combine, normal blend, detail normal, RNM, reoriented normal, overlay normals, mix "
    "normals",
    "slope_mask": "slope, steepness, facing, light mask, snow mask, moss mask, top facing, light, direction mask",
    # masks and wear
    "mask_builder": "smart mask, mask generator, ground dirt, generator, mask editor, grunge mask, break up mask",
    "dirt": "dirt generator, grime, dust, cavity dirt, soot, mud, accumulation, ground dirt, stains",
    "edge_wear": "metal edge wear, worn edges, edge damage, chipped paint, edge highlight, edges, scuffed, rub, chips",
    "leaks": "drips, rust streaks, streaks, running water, leak stains, dripping rust, water stains, rain marks, "
    "dripping",
    "running_max": "streak, drip, directional dilate, smear down, cast shadow, trail, motion streak, directional "
    "distance",
    # materials
    "base_material": "material, principled BSDF, PBR material, standard surface, start, metal, plastic, uniform "
    "material",
    "make_material": "combine maps, principled BSDF, pack material, maps to material, material merge",
    "split_material": "separate maps, get maps, unpack material, extract channels, material split, base colour of",
    "material_adjust": "adjust material, tweak, roughness, recolour material, wetness, darken, wet, dry",
    "material_blend": "mix shader, material layer, layer, multi material blend, mix materials, overlay material",
    "material_height_blend": "height blend materials, layer by height, snow, moss, sand, puddles, multi material "
    "blend, mix shader",
    "material_output": "output, result, export, material, base colour, final, surface output, save maps",
    "material_transform": "transform material, scale, rotate, tile, flip, repeat material, UV",
    "pbr_validate": "validate, check albedo, PBR check, plausible, legal colours, BaseColor validator, physical range",
    # materials in use and weather
    "dust_cover": "dusty, dirt layer, sand, powder, dust accumulation, pollen, dirty, dirt, ash, MG dust",
    "snow_cover": "snow, snow generator, frost, ice, winter, snowfall, snow accumulation, weather",
    "moss_cover": "moss, lichen, algae, vegetation, overgrown, mold, mildew, grass, moss weathering",
    "wetness": "wet, water, puddles, water level, rain, damp, soaked, weather, water surface, flood, mud puddle",
    "rust": "rusty, corrosion, oxidation, patina, verdigris, oxidised metal, weathering, corroded, decay",
    "paint_peel": "peeling paint, chipped paint, flaking, chips, cracked paint, paint damage, MG paint, old paint, "
    "worn paint",
    "layer_stack": "layers, material layers, multi material blend, layer list, stack, mix shader, material layering",
    # photographs into textures
    "synthesize": "texture synthesis, grow, extend, exemplar, example based, image quilting, seamless, infinite "
    "texture, neural, PatchMatch, resynthesizer",
    "quilt": "image quilting, texture quilting, patches, extend, seamless, texture synthesis",
    "texture_by_numbers": "guided synthesis, image analogies, paint by numbers, control map, style transfer, labels",
    "remake": "style transfer, texture transfer, repaint, image analogies, substance of, mosaic",
    "follow_flow": "flow guided, hair direction, bark, fur, along a curve, oriented synthesis, comb",
    "synthesize_regions": "texture per brick, slice photograph, stone faces, fill bricks with photo, cut pieces",
    "mash_up": "mix photographs, blend photos, texture mixing, several exemplars, photobash, terrain",
    "apply_origin": "same for height, transfer maps, follow, UV lookup, companion maps, matching roughness",
    "apply_origin_to_image": "apply mapping, same cuts, UV lookup, remap picture, companion maps",
    "make_tileable": "make it tile, seamless, tile photo, make it tile photo, offset filter, remove seams, make it "
    "tile patch",
    "fill": "content aware fill, inpaint, heal, remove object, patch hole, clone, spot heal, content-aware",
    "expand": "outpaint, uncrop, extend canvas, grow borders, generative expand, content aware scale",
    "patch_transplant": "clone stamp, heal, healing brush, transplant, paste, graft, seamless clone, poisson",
    "region_replace": "replace bricks, swap tiles, vary stones, exchange, new bricks, repair tiles",
    "hex_tile": "hex tiling, stochastic tiling, no repetition, break repetition, texture bombing, untile, anti tiling",
    "phase_noise": "random phase, noise by example, Gaussian texture, noise from photo, spot noise",
    "tile_and_blend": "by-example noise, histogram preserving, stochastic texture, break repetition, anti tiling",
    "color_transfer": "match colour, colour match, color grade, colour grading, palette transfer, like, LUT",
    "statistics_match": "histogram match, match contrast, match texture, style, Heeger Bergen, equalise to",
    "morph": "blend textures, interpolate, in-between, texture mixing, cross fade, transition",
    "photograph": "crop, perspective correction, straighten, rectify, photo, import photo, scan, scan processing, "
    "deskew",
    "flatten_illumination": "equalise lighting, high pass, luminance equaliser, remove gradient, even light, lighting "
    "cancel, vignette removal",
    "delight": "remove shadows, de-light, shadow removal, lighting cancel high frequencies, albedo from photo, unlight",
    "photo_height": "height from photo, bitmap to height, displacement from photo, photo to height, bitmap to "
    "material, depth from image, generate height",
    "photo_roughness": "roughness from photo, photo to roughness, gloss, glossiness, bitmap to material, specular",
}


@cache
def synonyms() -> MappingProxyType[str, tuple[str, ...]]:
    """Return the other names of nodes, by key."""
    return MappingProxyType({key: tuple(word.strip() for word in words.split(",")) for key, words in _WORDS.items()})
