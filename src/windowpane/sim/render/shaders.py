"""What the graphics library computes for every corner and every pixel (shaders, GLSL 3.30).

    source(GROUND, truth=True)      # (vertex shader, fragment shader)

The ground is painted once from above into a texture (`PAINT`), light and shadows included: to see it costs
two look-ups a pixel. Things are lit as they are seen; of people who walk, only the shadow on the ground is
drawn. A pixel's class is in the picture's alpha, so it costs nothing to read back; its range along the
camera's axis has a target of its own, which only `see` draws to.

Grazing ground is sharpened (`bias`): what the library's filter takes for a pixel's size is its longer
side; the geometric mean keeps the contrast that stereo matches.

Sources: Williams 1978, "Casting curved shadows on curved surfaces" (shadow map); Williams 1983, "Pyramidal
parametrics" (mip-maps).
"""

from __future__ import annotations

from typing import NamedTuple


class Source(NamedTuple):
    """A program: what is done for a corner, and for a pixel."""

    vertex: str
    fragment: str


COMMON = """#version 330
uniform vec3 sun;       // direction to it
uniform vec3 eye;       // of the left camera
uniform float fog;      // metres
const vec3 HAZE = vec3(0.74, 0.79, 0.84);
const vec3 SUNLIGHT = vec3(1.12, 1.04, 0.90);
const vec3 SKYLIGHT = vec3(0.46, 0.52, 0.60);
"""

OUTPUT = """
layout(location = 0) out vec4 picture;
#ifdef TRUTH
layout(location = 1) out float range;
#endif
void show(vec3 colour, float away, float kind) {
    picture = vec4(mix(HAZE, colour, exp(-away / fog)), kind / 255.0);
#ifdef TRUTH
    range = 1.0 / gl_FragCoord.w;   // metres along the camera's axis
#endif
}
"""

SHADOW = """
uniform sampler2DShadow shadows;
uniform mat4 from_sun;
float lit(vec3 place) { return texture(shadows, (from_sun * vec4(place, 1.0)).xyz); }
"""

TERRAIN = """
uniform sampler2D heights;
uniform float size;     // metres of the terrain's side
uniform float texels;   // along it
vec2 on_heights(vec2 place) { return ((place / size + 0.5) * (texels - 1.0) + 0.5) / texels; }
"""

GROUND = Source(
    TERRAIN
    + """
uniform mat4 camera;
uniform vec4 fan;       // x, y of its tip; direction of its middle and half its angle, radians
in vec2 corner;         // -1..1 across, metres from the tip
out vec3 place;
void main() {
    float turn = fan.z + corner.x * fan.w;
    vec2 there = fan.xy + corner.y * vec2(cos(turn), sin(turn));
    place = vec3(there, textureLod(heights, on_heights(there), 0.0).r);
    gl_Position = camera * vec4(place, 1.0);
}
""",
    OUTPUT
    + """
uniform sampler2D painted;
uniform sampler2D grain;
uniform float size;
#ifdef TRUTH
uniform sampler2D kinds;
#endif
uniform int walkers;
uniform vec4 walker[4];     // x, y of their feet, and metres from there to where their shadows end
in vec3 place;
float walked_on() {         // how much of the light a walker's shadow leaves
    float light = 1.0;
    for (int k = 0; k < walkers; ++k) {
        vec2 from = place.xy - walker[k].xy;
        float along = clamp(dot(from, walker[k].zw) / dot(walker[k].zw, walker[k].zw), 0.0, 1.0);
        light *= mix(0.45, 1.0, smoothstep(0.10, 0.30, length(from - along * walker[k].zw)));
    }
    return light;
}
void main() {
    vec3 ray = eye - place;
    float away = length(ray);
    float bias = 0.5 * log2(clamp(abs(ray.z) / away, 0.004, 1.0)) - 0.3;
    vec2 uv = place.xy / size + 0.5;
    vec4 seen = texture(painted, uv, bias);
    vec4 fine = texture(grain, place.xy * 0.8, bias);
    float kind = 0.0;
#ifdef TRUTH
    kind = texture(kinds, uv).r * 255.0;
#endif
    float rough = mix(fine.r, fine.g, seen.a);
    show(seen.rgb * (rough * 1.6 + 0.2) * walked_on(), away, kind);
}
""",
)

PAINT = Source(
    """
in vec2 corner;
out vec2 uv;
void main() {
    uv = corner * 0.5 + 0.5;
    gl_Position = vec4(corner, 0.0, 1.0);
}
""",
    TERRAIN
    + SHADOW
    + """
uniform sampler2D cover;            // bare earth, path
uniform sampler2DArray grounds;     // grass, earth, path
in vec2 uv;
out vec4 painted;
vec3 ground(float layer, vec2 place) {
    float wide = texture(grounds, vec3(place.yx / 67.0 + 0.37, layer)).a;   // so that nothing repeats
    return texture(grounds, vec3(place / 9.0, layer)).rgb * (0.4 + 1.2 * wide);
}
float height(vec2 place) { return texture(heights, on_heights(place)).r; }
void main() {
    vec2 place = (uv - 0.5) * size;
    vec2 e = vec2(0.3, 0.0);
    float east = height(place + e.xy) - height(place - e.xy);
    float north = height(place + e.yx) - height(place - e.yx);
    vec3 normal = normalize(vec3(-east, -north, 2.0 * e.x));
    vec2 ragged = 0.25 * (texture(grounds, vec3(place / 3.0, 1)).rg - 0.45);
    vec2 share = smoothstep(0.35, 0.65, texture(cover, uv).rg + ragged);
    vec3 colour = mix(mix(ground(0.0, place), ground(1.0, place), share.r), ground(2.0, place), share.g);
    vec3 here = vec3(place, height(place) + 0.02);
    float light = 0.0;      // soft: the mean of a hand's breadth
    for (int k = 0; k < 4; ++k)
        light += 0.25 * lit(here + vec3(0.1 * (k % 2) - 0.05, 0.1 * (k / 2) - 0.05, 0.0));
    colour *= SKYLIGHT + SUNLIGHT * light * max(dot(normal, sun), 0.0);
    painted = vec4(colour, max(share.r, share.g));
}
""",
)

PLACED = """
in vec4 at;             // x, y, z, yaw
in vec4 sized;          // length, width, height; lean about the width, radians
in vec4 tint;           // colour; class
in vec2 bent;           // metres up a metre along the length; metres to the left of x, y
in vec3 corner;
in vec3 normal;
in vec2 texel;
in vec2 axes;
in float layer;
vec3 turned(vec3 p) {
    p = vec3(p.x * cos(sized.w) + p.z * sin(sized.w), p.y, p.z * cos(sized.w) - p.x * sin(sized.w));
    return vec3(p.x * cos(at.w) - p.y * sin(at.w), p.x * sin(at.w) + p.y * cos(at.w), p.z);
}
vec3 placed() {
    vec3 p = corner * sized.xyz;
    float up = corner.x * sized.x * bent.x;
    return at.xyz + turned(p) + vec3(-sin(at.w) * bent.y, cos(at.w) * bent.y, up);
}
float along(float axis, float value) {
    vec3 p = corner * sized.xyz;
    return axis < -0.5 ? value : value * (axis < 0.5 ? p.x : axis < 1.5 ? p.y : p.z);
}
vec3 texture_place() { return vec3(along(axes.x, texel.x), along(axes.y, texel.y), layer); }
"""

THING = Source(
    PLACED
    + """
uniform mat4 camera;
out vec3 place;
out vec3 uv;
flat out vec4 own;
out vec3 facing;
out float low;
void main() {
    place = placed();
    uv = texture_place() + vec3(at.xy * 0.37, 0.0) * step(-0.5, axes.x);
    own = tint;
    facing = turned(normal / max(sized.xyz, 0.01));
    low = corner.z;
    gl_Position = camera * vec4(place, 1.0);
}
""",
    OUTPUT
    + SHADOW
    + """
uniform sampler2DArray layers;
in vec3 place;
in vec3 uv;
flat in vec4 own;
in vec3 facing;
in float low;
void main() {
    vec4 seen = texture(layers, uv, -0.4);
#ifdef LEAFY
    if (seen.a < 0.4) discard;
#endif
    vec3 normal = normalize(facing);
    float slant = dot(normal, sun);
#ifdef LEAFY
    slant = 0.35 + 0.65 * slant;    // light shines through leaves
#endif
    float light = slant > 0.0 ? slant * lit(place + normal * 0.06 + sun * 0.05) : 0.0;
    float open = mix(0.55, 1.0, clamp(low * 1.6 + 0.2, 0.0, 1.0)) * (0.75 + 0.25 * normal.z);
    vec3 colour = seen.rgb * own.rgb * (SKYLIGHT * open + SUNLIGHT * light);
    show(colour, distance(eye, place), own.a);
}
""",
)

SKY = Source(
    """
uniform mat4 to_world;
in vec2 corner;
out vec3 ray;
void main() {
    ray = (to_world * vec4(corner, 1.0, 1.0)).xyz;
    gl_Position = vec4(corner, 1.0, 1.0);
}
""",
    OUTPUT
    + """
uniform sampler2D clouds;
in vec3 ray;
void main() {
    vec3 d = normalize(ray);
    float up = max(d.z, 0.0);
    vec3 colour = mix(HAZE, vec3(0.36, 0.55, 0.82), smoothstep(0.0, 0.55, up));
    float cloud = texture(clouds, d.xy / (up + 0.12) * 0.16).r * smoothstep(0.02, 0.2, up);
    colour = mix(colour, vec3(0.95, 0.95, 0.94), cloud);
    float glow = max(dot(d, sun), 0.0);
    glow *= glow * glow;
    glow *= glow;
    colour += vec3(0.35, 0.30, 0.20) * glow * glow;
    picture = vec4(colour, 0.0);
#ifdef TRUTH
    range = 1.0 / 0.0;
#endif
}
""",
)

CASTER = Source(
    PLACED
    + """
uniform mat4 from_sun;
out vec3 uv;
void main() {
    uv = texture_place();
    gl_Position = from_sun * vec4(placed(), 1.0);
}
""",
    """
uniform sampler2DArray layers;
in vec3 uv;
void main() { if (texture(layers, uv).a < 0.4) discard; }
""",
)


def source(program: Source, *, truth: bool = False, leafy: bool = False) -> Source:
    """Return a program complete: with what a pixel's truth and see-through textures need, or without it."""
    head, rest = COMMON.split("\n", 1)
    flags = "\n".join(f"#define {name}" for name, on in (("TRUTH", truth), ("LEAFY", leafy)) if on)
    return Source(*(f"{head}\n{flags}\n{rest}{one}" for one in program))
