"""Cut an outline into tiles that cover it exactly (pure): how demo and load data get their streets, communities, grids.

A cut runs between two vertices the outline already has and adds vertices only inside it. So whatever is tiled again and
again, level by level, neighbours keep sharing the very same vertices: no gap, no overlap, no vertex on another's edge.
"""

import math
import random
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.geometry.base import BaseGeometry

from .geometry import metres_per_degree

DECIMALS = 6
# Cuts tried, best first, before an outline counts as impossible to cut.
_TRIES = 4000

Ring = np.ndarray  # (n, 2) vertices, not closed


def densify(shape: BaseGeometry, step_m: float) -> BaseGeometry:
    """The shape with six decimals and a vertex at least every `step_m` metres, so that cuts find a place to begin.

    New vertices are rounded: the outline may leave its old course by five centimetres. Do it once, to the outermost
    outline, and store the result as the outline.
    """
    polygons = []
    for polygon in shapely.get_parts(shape):
        rings = [_dense(np.round(shapely.get_coordinates(ring)[:-1], DECIMALS), step_m) for ring in _rings(polygon)]
        polygons.append(shapely.Polygon(rings[0], rings[1:]))
    return polygons[0] if len(polygons) == 1 else shapely.MultiPolygon(polygons)


def tile(shape: BaseGeometry, n: int, seed: int, *, step_m: float = 100.0) -> list[BaseGeometry]:
    """Cut a Polygon or MultiPolygon into `n` valid tiles of roughly equal size whose union is the shape.

    The same shape, number and seed give the same tiles. `step_m` is the distance of vertices along new edges; give
    every level the same. The parts of a MultiPolygon share the tiles by their size; parts too small for one go to the
    tile nearest to them. Raises ValueError when there are too few vertices to cut between; see densify().
    """
    if n < 1:
        raise ValueError("at least one tile")
    if n == 1:
        return [shape]
    parts = sorted(shapely.get_parts(shape), key=lambda part: (-part.area, part.bounds))
    shares = _shares([part.area for part in parts], n)
    tiles: list[BaseGeometry] = []
    for part, share in zip(parts, shares, strict=True):
        if share:
            pieces = _without_holes(part)
            counts = _shares([piece.area for piece in pieces], max(share, len(pieces)))
            cut = [
                one
                for piece, count in zip(pieces, counts, strict=True)
                for one in _cut(piece, max(count, 1), seed, step_m)
            ]
            tiles.extend(_joined(cut, share))
    for part, share in zip(parts, shares, strict=True):
        if not share:
            nearest = min(range(len(tiles)), key=lambda index: (tiles[index].distance(part), index))
            tiles[nearest] = shapely.MultiPolygon([*shapely.get_parts(tiles[nearest]), part])
    return tiles


def _shares(sizes: Sequence[float], n: int) -> list[int]:
    """n shared out by size, largest remainders first."""
    exact = [size * n / sum(sizes) for size in sizes]
    shares = [math.floor(one) for one in exact]
    for index in sorted(range(len(sizes)), key=lambda index: (shares[index] - exact[index], index))[: n - sum(shares)]:
        shares[index] += 1
    return shares


def _rings(polygon: shapely.Polygon) -> list[shapely.LinearRing]:
    return [polygon.exterior, *polygon.interiors]


def _dense(ring: Ring, step_m: float) -> Ring:
    points: list[tuple[float, float]] = []
    for start, end in zip(ring, np.roll(ring, -1, axis=0), strict=True):
        points.append((float(start[0]), float(start[1])))
        points.extend(_between(start, end, step_m))
    return np.array(points)


def _between(start: np.ndarray, end: np.ndarray, step_m: float) -> list[tuple[float, float]]:
    """Rounded points on the way, as evenly as they fit."""
    scale = metres_per_degree(round(float(start[1] + end[1]) / 2, 1))
    pieces = math.ceil(math.hypot(*((end - start) * scale)) / step_m)
    way = [start + (end - start) * (piece / pieces) for piece in range(1, pieces)]
    return [(round(float(lon), DECIMALS), round(float(lat), DECIMALS)) for lon, lat in way]


def _cut(polygon: shapely.Polygon, n: int, seed: int, step_m: float) -> list[shapely.Polygon]:
    """Halve again and again, the shares as near to n // 2 : n - n // 2 as the vertices allow."""
    if n == 1:
        return [polygon]
    one, two = _halves(polygon, (n // 2) / n, random.Random(f"{seed} {n} {polygon.bounds}"), step_m)  # noqa: S311
    return [*_cut(one, n // 2, seed, step_m), *_cut(two, n - n // 2, seed, step_m)]


def _halves(
    polygon: shapely.Polygon, share: float, dice: random.Random, step_m: float
) -> tuple[shapely.Polygon, shapely.Polygon]:
    """Two parts, the first with about `share` of the area, by a short cut between two vertices."""
    ring = shapely.get_coordinates(polygon.exterior)[:-1]
    # Measured from the first vertex: a degree has too few digits left for the areas of small tiles.
    local = (ring - ring[0]) * metres_per_degree(round(float(ring[0][1]), 1))
    line = shapely.LinearRing(ring)
    shapely.prepare(polygon)
    for first, last, swap in _ranked(local, share, dice):
        chord = shapely.LineString(ring[[first, last]])
        if not shapely.covers(polygon, chord) or not shapely.relate_pattern(chord, line, "F********"):
            continue
        for way in (_between(ring[first], ring[last], step_m), []):
            inner = np.array(way).reshape(-1, 2)
            one = shapely.Polygon(np.concatenate([ring[first : last + 1], inner[::-1]]))
            two = shapely.Polygon(np.concatenate([ring[last:], ring[: first + 1], inner]))
            if one.is_valid and two.is_valid and one.area and two.area and _meet_only_in(one, two, inner):
                return (two, one) if swap else (one, two)
    raise ValueError("the outline has too few vertices to be cut")


def _meet_only_in(one: shapely.Polygon, two: shapely.Polygon, inner: Ring) -> bool:
    """Whether rounding the cut's vertices left the parts side by side."""
    return not len(inner) or shapely.relate_pattern(one, two, "F********")


def _ranked(local: Ring, share: float, dice: random.Random) -> list[tuple[int, int, bool]]:
    """Pairs of vertices to cut between, best first: a good share of the area and a short way across.

    The third says that the share lies on the other side, the one from last to first.
    """
    count = len(local)
    following = np.roll(local, -1, axis=0)
    cross = np.concatenate([[0.0], np.cumsum(local[:, 0] * following[:, 1] - local[:, 1] * following[:, 0])])
    first, last = np.triu_indices(count, k=2)
    first, last = first[~((first == 0) & (last == count - 1))], last[~((first == 0) & (last == count - 1))]
    start, end = local[first], local[last]
    # Shoelace over the ring from first to last, closed by the cut.
    area = (cross[last] - cross[first] + end[:, 0] * start[:, 1] - end[:, 1] * start[:, 0]) / cross[-1]
    off = np.minimum(np.abs(area - share), np.abs(area - (1 - share))) / min(share, 1 - share)
    width = np.hypot(*(end - start).T) / math.sqrt(abs(cross[-1]) / 2)
    jitter = np.array([dice.random() for _ in range(min(len(first), 997))])
    cost = (width**2 + 6 * off**2) * (1 + 0.35 * np.resize(jitter, len(first)))
    best = np.argsort(cost, kind="stable")[:_TRIES]
    swap = np.abs(area - share) > np.abs(area - (1 - share))
    return [(int(first[i]), int(last[i]), bool(swap[i])) for i in best]


def _joined(tiles: list[shapely.Polygon], n: int) -> list[BaseGeometry]:
    """No more than n tiles: the smallest ones join a neighbour; needed only where holes forced extra cuts."""
    tiles = list(tiles)
    while len(tiles) > n:
        tiles.sort(key=lambda one: (-one.area, one.bounds))
        small = tiles.pop()
        edges = [shapely.length(shapely.intersection(small, other)) for other in tiles]
        best = int(np.argmax(edges))
        tiles[best] = shapely.union(tiles[best], small)
    return tiles


def _without_holes(polygon: shapely.Polygon) -> list[shapely.Polygon]:
    """Polygons without holes that together are this one: each hole is cut open by two bridges to the outer ring."""
    if not polygon.interiors:
        return [polygon]
    outer = shapely.get_coordinates(polygon.exterior)[:-1]
    hole = shapely.get_coordinates(polygon.interiors[0])[:-1]
    if shapely.is_ccw(polygon.exterior) == shapely.is_ccw(polygon.interiors[0]):
        hole = hole[::-1]
    edges = shapely.MultiLineString([ring.coords for ring in _rings(polygon)])
    ways = sorted((float(np.hypot(*(outer[i] - hole[j]))), i, j) for i in range(len(outer)) for j in range(len(hole)))
    bridges: list[tuple[int, int, shapely.LineString]] = []
    for _length, i, j in ways:
        bridge = shapely.LineString([outer[i], hole[j]])
        if any(i == k or j == m or bridge.intersects(other) for k, m, other in bridges):
            continue
        if not shapely.covers(polygon, bridge) or not shapely.relate_pattern(bridge, edges, "F********"):
            continue
        bridges.append((i, j, bridge))
        if len(bridges) == 2:
            break
    else:
        raise ValueError("the outline has too few vertices to open its holes")
    (i, j, _one), (k, m, _two) = bridges
    halves = []
    for a, b, c, d in ((i, k, m, j), (k, i, j, m)):
        shell = np.concatenate([_run(outer, a, b), _run(hole, c, d)])
        inside = [ring for ring in polygon.interiors[1:] if shapely.Polygon(shell).contains(shapely.Polygon(ring))]
        halves.append(shapely.Polygon(shell, inside))
    return [piece for half in halves for piece in _without_holes(half)]


def _run(ring: Ring, start: int, end: int) -> Ring:
    """The vertices from start to end, both included, in the ring's direction."""
    return np.roll(ring, -start, axis=0)[: (end - start) % len(ring) + 1]
