#version 330
// The renderer of materials/shade_kernels.py, shape_kernels.py and light_kernels.py once more, with the same formulas
// and numbers. Two passes: one sample a pixel, then four more where a surface or a shadow ends within one.

#define TILE form[0]
#define ASPECT form[1]
#define DEPTH form[2]
#define TOP form[3]
#define BOTTOM form[4]
#define HALF_WIDE form[5]
#define TALL form[6]
#define ROUND (form[11] > 0.0)

const int SPHERE = 0, PLANE = 1, CUBE = 2;
const float THIN = 1e-6;
const int MOST_STEPS = 44, MOST_SHADOW_STEPS = 12, MOST_PROBES = 6;

uniform int shape;
uniform int stage;      // 0 first samples, 1 finer, linear, 2 finer, as a display takes it
uniform float shoulder;
uniform vec2 size;
uniform float camera[19];
uniform float form[12];
uniform float light[16];
uniform vec3 diffuse[9];
uniform ivec2 sky_levels[7];  // first texel, side
uniform int sky_width;
uniform int most_level;
uniform bool has_extra;

uniform sampler2D texels_a;  // colour, metallic
uniform sampler2D texels_b;  // slopes, occlusion, squared width
uniform sampler2D heights;
uniform sampler2D extra;     // emission, opacity
uniform sampler2D sky_texels;
uniform sampler2D first;     // of stage 0: colour
uniform sampler2D found;     // distance and key light

layout(location = 0) out vec4 colour_out;
layout(location = 1) out vec2 found_out;

// ---- texels ----

// Not textureSize: some drivers take one level for several pixels at a time.
ivec2 sides(int level) {
    return max(ivec2(textureSize(heights, 0)) >> level, ivec2(1));
}

float height_at(vec2 uv, int level) {
    ivec2 side = sides(level);
    vec2 place = uv * vec2(side) - 0.5;
    vec2 corner = floor(place), part = place - corner;
    ivec2 a = ivec2(corner) & (side - 1), b = (a + 1) & (side - 1);
    float p = mix(texelFetch(heights, a, level).r, texelFetch(heights, ivec2(b.x, a.y), level).r, part.x);
    float q = mix(texelFetch(heights, ivec2(a.x, b.y), level).r, texelFetch(heights, b, level).r, part.x);
    return mix(p, q, part.y);
}

vec4 filtered(sampler2D map, float lod, vec2 uv, vec2 streak, int probes) {
    vec4 total = vec4(0.0);
    for (int probe = 0; probe < probes; probe++)
        total += textureLod(map, uv + streak * ((float(probe) + 0.5) / float(probes) - 0.5), lod);
    return total / float(probes);
}

// ---- shapes ----

vec3 locate(vec3 p) {  // texture coordinates and elevation
    vec2 uv;
    float elevation;
    if (shape == SPHERE) {
        if (ROUND) p.z = abs(p.z);
        float far = length(p);
        float spread = sqrt(2.0 / max(1.0 + p.z / far, 1e-3));
        spread *= sqrt(spread) / far * HALF_WIDE;
        uv = vec2(p.x, -p.y) * spread;
        elevation = far - HALF_WIDE;
    } else if (shape == PLANE) {
        uv = p.xz;
        elevation = p.y;
    } else if (shape == CUBE) {
        vec3 a = abs(p);
        if (a.y >= a.x && a.y >= a.z) {
            uv = vec2(p.x, p.y > 0.0 ? p.z : -p.z);
            elevation = a.y - HALF_WIDE;
        } else if (a.x >= a.z) {
            uv = vec2(p.x > 0.0 ? -p.z : p.z, -p.y);
            elevation = a.x - HALF_WIDE;
        } else {
            uv = vec2(p.z > 0.0 ? p.x : -p.x, -p.y);
            elevation = a.z - HALF_WIDE;
        }
    } else {
        float radius = length(p.xz);
        if (abs(p.y) - TALL > radius - HALF_WIDE) {
            uv = vec2(p.x, p.y > 0.0 ? p.z : -p.z);
            elevation = abs(p.y) - TALL;
        } else {
            uv = vec2(atan(p.x, p.z) * HALF_WIDE, -p.y);
            elevation = radius - HALF_WIDE;
        }
    }
    return vec3(uv.x * form[9] + form[7], uv.y * form[10] + form[8], elevation);
}

float orient(vec3 p, out mat3 frame) {  // texture right, texture up, outwards
    frame = mat3(0.0);
    if (shape == SPHERE) {
        bool mirrored = ROUND && p.z < 0.0;
        if (mirrored) p.z = -p.z;
        vec3 n = normalize(p);
        float turn = 1.0 / max(1.0 + n.z, 1e-3);
        frame[0] = vec3(1.0 - n.x * n.x * turn, -n.x * n.y * turn, -n.x);
        frame[1] = vec3(-n.x * n.y * turn, 1.0 - n.y * n.y * turn, -n.y);
        frame[2] = n;
        if (mirrored) {
            frame[0].z = -frame[0].z;
            frame[1].z = -frame[1].z;
            frame[2].z = -frame[2].z;
        }
        float spread = sqrt(2.0 * turn);
        return spread * sqrt(spread);
    }
    vec3 a = abs(p);
    bool top = a.y >= a.x && a.y >= a.z;
    float radius = 1.0;
    if (shape > CUBE) {
        radius = length(p.xz);
        top = a.y - TALL > radius - HALF_WIDE;
    }
    if (shape == PLANE || top) {
        float side = p.y > 0.0 || shape == PLANE ? 1.0 : -1.0;
        frame = mat3(vec3(1.0, 0.0, 0.0), vec3(0.0, 0.0, -side), vec3(0.0, side, 0.0));
    } else if (shape > CUBE) {
        vec2 n = p.xz / max(radius, THIN);
        frame = mat3(vec3(n.y, 0.0, -n.x), vec3(0.0, 1.0, 0.0), vec3(n.x, 0.0, n.y));
    } else if (a.x >= a.z) {
        float side = p.x > 0.0 ? 1.0 : -1.0;
        frame = mat3(vec3(0.0, 0.0, -side), vec3(0.0, 1.0, 0.0), vec3(side, 0.0, 0.0));
    } else {
        float side = p.z > 0.0 ? 1.0 : -1.0;
        frame = mat3(vec3(side, 0.0, 0.0), vec3(0.0, 1.0, 0.0), vec3(0.0, 0.0, side));
    }
    return 1.0;
}

vec2 slab(float o, float d, float wide) {
    if (abs(d) < THIN) return abs(o) <= wide ? vec2(-1e9, 1e9) : vec2(1.0, 0.0);
    float a = (-wide - o) / d, b = (wide - o) / d;
    return a < b ? vec2(a, b) : vec2(b, a);
}

vec2 span(float elevation, vec3 o, vec3 d) {
    if (shape == PLANE) return d.y > -1e-4 ? vec2(1.0, 0.0) : vec2((elevation - o.y) / d.y, 1e9);
    float wide = HALF_WIDE + elevation;
    if (wide <= 0.0 || TALL + elevation <= 0.0) return vec2(1.0, 0.0);
    if (shape == CUBE) {
        vec2 a = slab(o.x, d.x, wide), b = slab(o.y, d.y, wide), c = slab(o.z, d.z, wide);
        return vec2(max(a.x, max(b.x, c.x)), min(a.y, min(b.y, c.y)));
    }
    vec3 flat_d = shape == SPHERE ? d : vec3(d.x, 0.0, d.z), flat_o = shape == SPHERE ? o : vec3(o.x, 0.0, o.z);
    float qa = dot(flat_d, flat_d), qb = dot(flat_o, flat_d), qc = dot(flat_o, flat_o) - wide * wide;
    float root = qb * qb - qa * qc;
    if (root <= 0.0 || qa < THIN) return vec2(1.0, 0.0);
    root = sqrt(root);
    vec2 reach = vec2(-qb - root, -qb + root) / qa;
    if (shape > CUBE) {
        vec2 caps = slab(o.y, d.y, TALL + elevation);
        reach = vec2(max(reach.x, caps.x), min(reach.y, caps.y));
    }
    return reach;
}

float gap_at(vec3 p, int level) {
    vec3 place = locate(p);
    return place.z - (height_at(place.xy, level) - 0.5) * DEPTH;
}

float march(vec3 o, vec3 d, out int level) {
    level = 0;
    vec2 shell = span(TOP, o, d);
    float near = shell.x, far = shell.y;
    if (near >= far) return -1.0;
    near = max(near, 0.0);
    vec2 inner = span(BOTTOM, o, d);
    bool solid = inner.x < inner.y && inner.x > 0.0;
    if (solid) far = min(far, max(inner.x, near));
    float thick = TOP - BOTTOM, path = far - near;
    float across = solid ? sqrt(max(path * path - thick * thick, 0.0)) : path;
    float oblique = sqrt(max(across / (3.0 * thick + THIN), 1.0));
    float columns = float(sides(0).x);
    float lod = log2(max(near * camera[13] * columns * form[9], 1.0) * oblique);
    level = min(int(lod + 0.5), most_level);
    if (thick < THIN) return solid ? near : -1.0;
    int steps = min(int(0.8 * across * float(sides(level).x) * form[9]) + 3, MOST_STEPS);
    float pace = path / float(steps), before = near, gap_before = 1.0;
    for (int k = 0; k <= steps; k++) {
        float t = near + pace * float(k), gap = gap_at(o + d * t, level);
        if (gap <= 0.0) {
            if (k == 0) return t;
            float after = t, gap_after = gap;
            for (int i = 0; i < 4; i++) {
                t = before + (after - before) * gap_before / (gap_before - gap_after);
                gap = gap_at(o + d * t, level);
                if (abs(gap) < 0.01 * thick) break;
                if (gap > 0.0) {
                    before = t;
                    gap_before = gap;
                } else {
                    after = t;
                    gap_after = gap;
                }
            }
            return t;
        }
        before = t;
        gap_before = gap;
    }
    return solid ? far : -1.0;
}

float lit(vec3 p, float facing, int level) {
    float elevation = locate(p).z, thick = TOP - BOTTOM;
    float reach = min((TOP - elevation) / max(facing, 0.07), 10.0 * thick);
    float columns = float(sides(level).x), across = reach * columns / TILE;
    if (across < 0.4) return 1.0;
    int steps = min(int(across * 0.5) + 3, MOST_SHADOW_STEPS);
    float grain = 0.012 * thick + 0.25 * TILE / columns, seen = 1.0;
    vec3 towards = vec3(light[0], light[1], light[2]);
    for (int k = 1; k <= steps; k++) {
        float share = float(k) / float(steps), t = reach * share * (0.4 + 0.6 * share);
        seen = min(seen, 1.0 + gap_at(p + towards * t, level) / (t * light[6] * 2.0 + grain));
        if (seen <= 0.0) return 0.0;
    }
    return seen * seen * (3.0 - 2.0 * seen);
}

// ---- light ----

vec3 sky_texel(int index) {
    return texelFetch(sky_texels, ivec2(index % sky_width, index / sky_width), 0).rgb;
}

vec3 sky_level(int level, vec2 ab) {
    int side = sky_levels[level].y;
    vec2 place = (ab * 0.5 + 0.5) * float(side) + 0.5;
    ivec2 corner = min(ivec2(place), ivec2(side));
    vec2 part = place - vec2(corner);
    int p = sky_levels[level].x + corner.y * (side + 2) + corner.x, q = p + side + 2;
    return mix(mix(sky_texel(p), sky_texel(p + 1), part.x), mix(sky_texel(q), sky_texel(q + 1), part.x), part.y);
}

vec3 sky(vec3 d, float roughness) {
    d /= abs(d.x) + abs(d.y) + abs(d.z);
    vec2 ab = d.xz;
    if (d.y < 0.0) ab = (1.0 - abs(ab.yx)) * vec2(ab.x >= 0.0 ? 1.0 : -1.0, ab.y >= 0.0 ? 1.0 : -1.0);
    float lod = roughness * 6.0;
    int level = min(int(lod), 5);
    return mix(sky_level(level, ab), sky_level(level + 1, ab), lod - float(level));
}

vec3 harmonic(vec3 n) {
    return max(diffuse[0] * 0.282095 + 0.488603 * (diffuse[1] * n.y + diffuse[2] * n.z + diffuse[3] * n.x)
        + 1.092548 * (diffuse[4] * n.x * n.y + diffuse[5] * n.y * n.z + diffuse[7] * n.x * n.z)
        + 0.315392 * diffuse[6] * (3.0 * n.z * n.z - 1.0) + 0.546274 * diffuse[8] * (n.x * n.x - n.y * n.y), 0.0);
}

vec3 bounced(vec3 albedo, float o) {
    vec3 a = 2.0404 * albedo - 0.3324, b = -4.7951 * albedo + 0.6417, c = 2.7552 * albedo + 0.6903;
    return max(vec3(o), ((o * a + b) * o + c) * o);
}

vec3 reflected(vec4 base, vec4 rest, mat3 frame, vec3 d, float seen) {
    vec3 n = normalize(frame[2] - rest.x * frame[0] - rest.y * frame[1]);
    float metal = clamp(base.a, 0.0, 1.0), occlusion = clamp(rest.z, 0.0, 1.0);
    float wide = min(sqrt(max(rest.w - rest.x * rest.x - rest.y * rest.y, 4e-4)), 1.0), roughness = sqrt(wide);
    float view = max(-dot(n, d), 0.03), smooth_part = 1.0 - roughness;
    float bend = min(smooth_part * smooth_part, exp2(-9.28 * view)) * smooth_part + 0.0425 - 0.0275 * roughness;
    float scale = -1.04 * bend + 1.04 - 0.572 * roughness, bias = 1.04 * bend + 0.022 * roughness - 0.04;
    float lost = 1.0 / (scale + bias) - 1.0;
    float matt = (1.0 - metal) * (1.0 - (0.04 * scale + bias) * (1.0 + 0.04 * lost));
    vec3 m = d + 2.0 * view * n;
    float hidden = 1.0;
    if (occlusion < 0.995)
        hidden = clamp(pow(view + occlusion, exp2(-16.0 * roughness - 1.0)) - 1.0 + occlusion, 0.0, 1.0);
    float horizon = clamp(1.0 + 1.3 * dot(m, frame[2]), 0.0, 1.0);
    hidden *= horizon * horizon;
    mat3 turned = mat3(light[7], 0.0, light[8], 0.0, 1.0, 0.0, -light[8], 0.0, light[7]);
    vec3 around = sky(turned * m, roughness);
    vec3 towards = vec3(light[0], light[1], light[2]);
    float facing = max(dot(n, towards), 0.0) * seen, shine = 0.0, edge = 0.0;
    if (facing > 0.0) {
        vec3 h = normalize(towards - d);
        float half_way = max(dot(n, h), 0.0), middle = max(-dot(d, h), 0.0), lobe = min(wide + 0.5 * light[6], 1.0);
        float squared = lobe * lobe, spread = half_way * half_way * (squared - 1.0) + 1.0, k = 0.5 * lobe;
        float toward = facing / max(seen, 1e-3);
        float masked = 0.25 / ((view * (1.0 - k) + k) * (toward * (1.0 - k) + k));
        shine = squared / (spread * spread) * masked * facing;
        edge = pow(1.0 - middle, 5.0);
    }
    vec3 albedo = clamp(base.rgb, 0.0, 1.0), mirror = 0.04 + (albedo - 0.04) * metal, more = 1.0 + mirror * lost;
    vec3 key = matt * albedo * facing + shine * (mirror + (1.0 - mirror) * edge) * more;
    vec3 fill = matt * albedo * harmonic(turned * n) * bounced(albedo, occlusion);
    return fill + around * (mirror * scale + bias) * more * hidden + key * vec3(light[3], light[4], light[5]);
}

// ---- the picture ----

vec3 trace(vec2 place, out vec2 hit) {
    vec2 s = place - vec2(camera[17], camera[18]);
    float px = (2.0 * s.x / camera[16] - 1.0) * camera[12], py = (1.0 - 2.0 * s.y / camera[16]) * camera[12];
    vec3 o = vec3(camera[0], camera[1], camera[2]);
    vec3 d = normalize(vec3(camera[3], camera[4], camera[5]) + px * vec3(camera[6], camera[7], camera[8])
        + py * vec3(camera[9], camera[10], camera[11]));
    int level;
    float t = march(o, d, level);
    vec2 c = 2.0 * s / camera[16] - vec2(1.0, 0.92);
    float away = min(dot(c, c) * 0.62, 1.0);
    away *= 2.0 - away;
    vec3 behind = mix(vec3(light[10], light[11], light[12]), vec3(light[13], light[14], light[15]), away);
    hit = vec2(0.0);
    if (t <= 0.0) return behind;
    vec3 p = o + d * t, uv = locate(p);
    mat3 frame;
    float denser = orient(p, frame) / TILE, slant = max(-dot(d, frame[2]), 0.05), narrow = t * camera[13] * denser;
    vec2 along = vec2(dot(d, frame[0]), dot(d, frame[1]));
    float flat_part = max(length(along), THIN), longest = narrow / slant;
    int probes = clamp(int(1.0 / slant + 0.3), 1, MOST_PROBES);
    float columns = float(sides(0).x);
    float lod = log2(max(narrow, 0.8 * longest / float(probes)) * columns + THIN) - 0.25;
    lod = clamp(lod, 0.0, float(most_level));
    vec2 streak = along / flat_part * longest * vec2(1.0, -1.0 / ASPECT);
    vec4 base = filtered(texels_a, lod, uv.xy, streak, probes), rest = filtered(texels_b, lod, uv.xy, streak, probes);
    float seen = 0.0, facing = dot(vec3(light[0], light[1], light[2]), frame[2]);
    if (facing > -0.12 && light[3] + light[4] + light[5] > 0.0) {
        seen = clamp((facing + 0.12) * 5.0, 0.0, 1.0);
        if (TOP - BOTTOM > THIN) seen *= lit(p, facing, level);
    }
    float haze = smoothstep(camera[14], camera[15], t), cover = 1.0;
    vec3 colour = reflected(base, rest, frame, d, seen);
    if (has_extra) {
        vec4 more = filtered(extra, lod, uv.xy, streak, probes);
        colour += max(more.rgb, 0.0);
        cover = clamp(more.a, 0.0, 1.0);
    }
    hit = vec2(t, seen);
    return mix(behind, colour * light[9], cover * (1.0 - haze));
}

bool uneven(ivec2 at) {
    vec2 here = texelFetch(found, at, 0).rg;
    for (int axis = 0; axis < 2; axis++) {
        ivec2 way = axis == 0 ? ivec2(1, 0) : ivec2(0, 1);
        vec2 a = texelFetch(found, max(at - way, ivec2(0)), 0).rg;
        vec2 b = texelFetch(found, min(at + way, ivec2(size) - 1), 0).rg;
        if ((a.x > 0.0) != (here.x > 0.0) || (b.x > 0.0) != (here.x > 0.0)) return true;
        if (here.x > 0.0) {
            if (abs(a.x + b.x - 2.0 * here.x) > 9.0 * camera[13] * here.x) return true;
            if (max(abs(a.y - here.y), abs(b.y - here.y)) > 0.6) return true;
        }
    }
    return false;
}

float most_of(vec3 c) {
    return max(c.r, max(c.g, c.b));
}

vec3 toned(vec3 c) {
    c = max(c, 0.0);
    float most = most_of(c);
    if (most <= shoulder) return c;
    float room = 1.0 - shoulder, bent = 1.0 - room * room / (most + room - shoulder);
    return mix(c * bent / most, vec3(bent), 1.0 - 1.0 / (0.12 * (most - bent) + 1.0));
}

void main() {
    // Row 0 is on top.
    vec2 place = vec2(gl_FragCoord.x, size.y - gl_FragCoord.y), hit;
    if (stage == 0) {
        colour_out = vec4(trace(place, hit), 1.0);
        found_out = hit;
        return;
    }
    ivec2 at = ivec2(gl_FragCoord.xy);
    vec3 colour = texelFetch(first, at, 0).rgb;
    if (uneven(at)) {
        float total = 1.0 / (1.0 + most_of(colour));
        colour *= total;
        vec2 offsets[4] = vec2[4](vec2(-0.125, -0.375), vec2(0.375, -0.125), vec2(0.125, 0.375), vec2(-0.375, 0.125));
        for (int k = 0; k < 4; k++) {
            vec3 sample_colour = trace(place + offsets[k], hit);
            float weight = 1.0 / (1.0 + most_of(sample_colour));
            colour += sample_colour * weight;
            total += weight;
        }
        colour /= total;
    }
    if (stage == 2) {
        colour = toned(colour);
        colour = mix(colour * 12.92, 1.055 * pow(max(colour, 1e-5), vec3(1.0 / 2.4)) - 0.055, step(0.0031308, colour));
        // A little noise, so that a dark gradient shows no steps.
        colour += (fract(52.9829189 * fract(dot(gl_FragCoord.xy, vec2(0.06711056, 0.00583715)))) - 0.5) / 255.0;
    }
    colour_out = vec4(colour, 1.0);
    found_out = vec2(0.0);
}
