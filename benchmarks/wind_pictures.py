"""Draws docs/images/wind.png and prints what docs/wind.md says: the wind field sampled as a vehicle would meet it.

Profile over flat ground against its formula; a section through the real ridge east of Lenger with mean wind and
strength of gusts; series of both sides of it; and the cost of a question.

    python benchmarks/wind_pictures.py [docs/images/wind.png]
"""

from __future__ import annotations

import sys
import time
from math import log
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes

from lenger_core.grid import LatLonGrid
from lenger_core.terrain import Terrain, lenger_terrain
from lenger_core.wind import ROUGHNESS_M, TerrainWind
from lenger_core.wind_field import WindField

RIDGE, M_PER_LON = (42.0625, 70.1208), 82_720.0
SPEED, FROM_DEG = 8.0, 270.0
SIDES = {"windward": -700.0, "crest": 0.0, "lee": 2000.0}
PLAIN = LatLonGrid("plain", np.full((60, 60), 700.0), 41.95, 69.7, 0.002, 0.002)


def hover(field: WindField, lat: float, lon: float, alt: float, seconds: np.ndarray) -> np.ndarray:
    """Return (N, 3) winds at a place."""
    n = len(seconds)
    return field.series(np.full(n, lat), np.full(n, lon), np.full(n, alt), (seconds * 1e9).astype(np.int64))


def profile(axes: Axes) -> None:
    """Means of half an hour over flat ground, four seeds."""
    wind = TerrainWind(Terrain("plain", True, PLAIN, PLAIN), SPEED, FROM_DEG)
    heights = np.array([2.0, 5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0])
    seconds = np.arange(0.0, 1800.0, 1.0)
    series = [[hover(WindField(wind, seed), 42.0, 69.75, 700.0 + h, seconds) for seed in range(4)] for h in heights]
    means = np.array([np.mean([s[:, 0].mean() for s in each]) for each in series])
    sigma = np.array([np.mean([s.std(axis=0) for s in each], axis=0) for each in series])
    formula = SPEED * np.log(heights / ROUGHNESS_M) / log(10.0 / ROUGHNESS_M)
    print("height m, mean m/s, formula, off %, sigma along across up")
    for row in zip(heights, means, formula, 100 * (means / formula - 1), *sigma.T, strict=True):
        print("  " + "  ".join(f"{value:7.2f}" for value in row))
    axes.semilogy(formula, heights, "-", color="0.4", label="log profile")
    axes.semilogy(means, heights, "o", color="#13633d", label="sampled mean")
    for name, column, colour in (("σ along", 0, "#b3261e"), ("σ up", 2, "#2c69aa")):
        axes.semilogy(sigma[:, column], heights, ".--", color=colour, label=name)
    axes.set(xlabel="m/s", ylabel="height above ground, m", title="Over flat ground, 8 m/s at 10 m")
    axes.legend(fontsize=8)


def section(axes: Axes, terrain: Terrain) -> None:
    """Mean wind in colours and lee turbulence in lines along the wind through the ridge."""
    calm = WindField(TerrainWind(terrain, SPEED, FROM_DEG), 1, turbulence=0.0)
    x = np.arange(-4000.0, 5000.0, 50.0)
    z = np.arange(1750.0, 3400.0, 20.0)
    lon = RIDGE[1] + x / M_PER_LON
    ground = terrain.heights_amsl_m(np.full(len(x), RIDGE[0]), lon)
    speed = np.full((len(z), len(x)), np.nan)
    rough = speed.copy()
    mean = calm.mean
    for i, place in enumerate(lon):
        for j, alt in enumerate(z):
            if alt > ground[i] + 5.0:
                speed[j, i] = np.hypot(*calm.at(RIDGE[0], place, alt, 0)[:2])
        site = [mean.site(RIDGE[0], place, alt).turbulence if alt > ground[i] else np.nan for alt in z[::4]]
        rough[::4, i] = site
    drawn = axes.pcolormesh(x / 1000, z, speed, cmap="viridis", shading="auto")
    lines = axes.contour(x / 1000, z[::4], rough[::4], levels=[1.25, 1.5, 2.0, 2.4], colors="#ff6b5e", linewidths=1.0)
    axes.clabel(lines, fmt="σ × %.3g", fontsize=7)
    axes.fill_between(x / 1000, 1750.0, ground, color="#8a7358")
    for name, metres in SIDES.items():
        height = float(np.interp(metres, x, ground)) + 60.0
        axes.plot(metres / 1000, height, "o", color="white", ms=5, mec="black")
        axes.annotate(
            name, (metres / 1000, height), (0, 7), textcoords="offset points", ha="center", fontsize=8, color="w"
        )
    axes.figure.colorbar(drawn, ax=axes, label="mean wind, m/s", pad=0.01)
    axes.set(xlabel="km east of the ridge (wind from the west)", ylabel="m above sea level", ylim=(1750, 3380))
    axes.set_title("Through the ridge at 42.0625 N 70.1208 E: speed-up, and gusts behind it")


def series(axes: Axes, terrain: Terrain) -> None:
    """Two minutes of each side, and the strengths of half an hour."""
    lat, lon = RIDGE
    sigma = {}
    for name, metres in SIDES.items():
        place = lon + metres / M_PER_LON
        alt = terrain.height_amsl_m(lat, place) + 60.0
        seconds = np.arange(0.0, 1800.0, 0.25)
        winds = [
            hover(WindField(TerrainWind(terrain, SPEED, FROM_DEG), seed), lat, place, alt, seconds) for seed in range(3)
        ]
        sigma[name] = np.mean([w.std(axis=0) for w in winds], axis=0)
        mean = np.mean([w.mean(axis=0) for w in winds], axis=0)
        print(f"{name}: mean {np.round(mean, 2)}, sigma {np.round(sigma[name], 2)}")
        axes.plot(seconds[:480], winds[0][:480, 0], lw=0.9, label=f"{name}: σ {sigma[name][0]:.1f} m/s")
    print("lee over windward:", np.round(sigma["lee"] / sigma["windward"], 2))
    axes.set(xlabel="s", ylabel="eastward wind, m/s", title="60 m above ground")
    axes.legend(fontsize=8, loc="upper right")


def cost(terrain: Terrain) -> None:
    """Microseconds of a question, and milliseconds of a patch."""
    field = WindField(TerrainWind(terrain, SPEED, FROM_DEG), 1)
    field.at(*RIDGE, 3000.0, 0)
    start = time.process_time()
    for n in range(20_000):
        field.at(*RIDGE, 3000.0, n)
    print(f"a question from Python: {(time.process_time() - start) / 20_000 * 1e6:.1f} us")
    start = time.process_time()
    for n in range(40):
        field.at(42.05, 70.05 + 0.003 * n, 3000.0, 0)
    print(f"a patch of 256 m: {(time.process_time() - start) / 40 * 1e3:.2f} ms")


def main() -> int:
    """Draw and print."""
    out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs/images/wind.png")
    terrain = lenger_terrain()
    figure = plt.figure(figsize=(11.5, 7.2), layout="constrained")
    grid = figure.add_gridspec(2, 3)
    profile(figure.add_subplot(grid[1, 0]))
    section(figure.add_subplot(grid[0, :]), terrain)
    series(figure.add_subplot(grid[1, 1:]), terrain)
    cost(terrain)
    figure.savefig(out, dpi=95)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
