"""Draw the pictures of docs/terrain.md: `.venv/bin/python benchmarks/terrain_pictures.py [folder]`.

Shaded relief of the area and of the training field, and the roughness of the synthetic detail: its power spectrum along
east-west lines, beside GLOBE's alone, for the plain, the foothills and the mountains.
"""

from __future__ import annotations

import sys
from pathlib import Path

import matplotlib as mpl
import numpy as np
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.relief import ReliefStyle, heights_over, relief_rgb
from lenger_core.terrain import LocalTerrain, Terrain, lenger_terrain, load_globe
from lenger_core.terrain.pins import SPOT_HEIGHTS

mpl.use("Agg")
from matplotlib import pyplot as plt

Array = NDArray[np.float64]

SITE = LocalFrame(42.1819, 69.8878, 760.0)
REGIONS = {"plain": (42.42, 69.55), "foothills": (42.10, 69.93), "mountains": (42.05, 70.30)}
SPAN_DEG = 0.12


def main() -> int:
    """Write the pictures into a folder, docs/images by default."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[1] / "docs" / "images"
    folder.mkdir(parents=True, exist_ok=True)
    terrain = lenger_terrain()
    relief(terrain, folder / "terrain.png")
    roughness(terrain, folder / "terrain-roughness.png")
    return 0


def relief(terrain: Terrain, path: Path) -> None:
    """The area with the spot heights, and the 8 km about the training field."""
    land = LocalTerrain(terrain, SITE)
    figure, (left, right) = plt.subplots(1, 2, figsize=(14, 5.9), width_ratios=(1.5, 1))
    for axes, box, style, title in (
        (left, (-33_000, -24_000, 47_000, 24_000), ReliefStyle(), "Lenger, Kazygurt, the ridge and Sairam peak"),
        (right, (-5_000, -4_500, 5_000, 4_500), ReliefStyle(contour_m=None), "about the training field"),
    ):
        heights, spacing = heights_over(land, *box, columns=1300)
        west, south, east, north = (metres / 1000 for metres in box)
        axes.imshow(relief_rgb(heights, spacing, style), extent=(west, east, south, north), interpolation="lanczos")
        for spot in SPOT_HEIGHTS:
            x, y = (metres / 1000 for metres in SITE.to_local(spot.lat_deg, spot.lon_deg, 760.0)[:2])
            if west < x < east and south < y < north:
                axes.plot(x, y, "^", color="#7a1f1f", ms=5, mec="white", mew=0.6)
                text = f"{spot.name} {spot.amsl_m:.0f}"
                side = "right" if x > 0.6 * east else "left"
                axes.annotate(
                    text,
                    (x, y),
                    (5 if side == "left" else -5, 5),
                    textcoords="offset points",
                    ha=side,
                    fontsize=8.5,
                    color="#301010",
                    bbox={"fc": "white", "ec": "none", "alpha": 0.65, "pad": 1},
                )
        axes.set(xlabel="km east", ylabel="km north", title=f"{title} (detail synthetic)")
    figure.tight_layout()
    figure.savefig(path, dpi=92)


def spectrum(heights: Array, spacing_m: float) -> tuple[Array, Array]:
    """Return (wavenumbers in cycles per m, mean power density in m3) of the rows, detrended, under a Hann window."""
    count = heights.shape[1]
    x = np.arange(count) - 0.5 * (count - 1)
    flat = heights - heights.mean(axis=1, keepdims=True)
    flat = flat - (flat @ x / (x @ x))[:, None] * x
    window = np.hanning(count)
    power = np.abs(np.fft.rfft(flat * window, axis=1)) ** 2 * 2 * spacing_m / (window**2).sum()
    return np.fft.rfftfreq(count, spacing_m)[1:], power.mean(axis=0)[1:]


def roughness(terrain: Terrain, path: Path) -> None:
    """Power spectra, and the numbers that docs/terrain.md states."""
    figure, axes = plt.subplots(figsize=(8, 5.2))
    for (name, (lat0, lon0)), colour in zip(REGIONS.items(), ("#5a8f3c", "#b08430", "#7a4a3a"), strict=True):
        lat = lat0 + np.arange(-SPAN_DEG / 2, SPAN_DEG / 2, 2 / 3600)
        lon = lon0 + np.arange(-SPAN_DEG / 2, SPAN_DEG / 2, 1 / 3600)
        spacing = 111_320 * np.cos(np.radians(lat0)) / 3600
        heights = terrain.heights_amsl_m(lat[:, None], lon[None, :])
        base = load_globe().heights_amsl_m(lat[:, None], lon[None, :])
        k, power = spectrum(heights, spacing)
        _, smooth = spectrum(base, spacing)
        fine = (k > 1 / 800) & (k < 1 / 90)
        slope = np.polyfit(np.log(k[fine]), np.log(power[fine]), 1)[0]
        axes.loglog(1 / k, power, color=colour, label=f"{name}: slope {slope:.1f}")
        axes.loglog(1 / k, smooth, ":", color=colour, lw=1)
        grade = np.degrees(np.arctan(np.hypot(*np.gradient(heights, 2 * 30.9, spacing))))
        off = heights - base
        print(
            f"{name:10} detail over GLOBE: rms {off.std():5.1f} m, 99 % {np.percentile(np.abs(off), 99):5.0f} m; "
            f"slope mean {grade.mean():4.1f}, 99 % {np.percentile(grade, 99):4.1f} deg; spectral slope {slope:.2f}"
        )
    axes.axvspan(46, 926, color="#dddddd", alpha=0.5, lw=0)
    axes.text(210, axes.get_ylim()[1] * 0.2, "synthetic: below GLOBE's cells", ha="center", fontsize=9)
    axes.invert_xaxis()
    axes.set(xlabel="wavelength, m", ylabel="power spectral density, m$^3$", title="Roughness (dotted: GLOBE alone)")
    axes.legend()
    axes.grid(alpha=0.3, which="both", lw=0.4)
    figure.tight_layout()
    figure.savefig(path, dpi=92)


if __name__ == "__main__":
    sys.exit(main())
