"""`moonrise`, the colour ramp of our spectrograms: night, violet, lavender, moonlight.

Built in OKLab (Ottosson, 2020) so that equal steps in value look like equal steps: lightness
rises evenly, and only hue and colourfulness wander. A grey print of it is still in order.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import numpy.typing as npt

LIGHTNESS = (0.17, 0.965)  # OKLab L of the two ends
# (position, OKLab chroma, hue in degrees)
_KNOTS = np.array(
    [
        (0.00, 0.045, 292.0),
        (0.35, 0.150, 293.0),
        (0.62, 0.140, 302.0),
        (0.85, 0.085, 335.0),
        (1.00, 0.030, 380.0),
    ]
)
_LAB_TO_LMS = np.array(
    [
        [1.0, 0.3963377774, 0.2158037573],
        [1.0, -0.1055613458, -0.0638541728],
        [1.0, -0.0894841775, -1.2914855480],
    ]
)
_LMS_TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


@cache
def moonrise() -> npt.NDArray[np.uint8]:
    """Return the ramp as a read-only (256, 3) table of sRGB bytes, darkest first."""
    at = np.linspace(0.0, 1.0, 256)
    lightness = np.linspace(*LIGHTNESS, 256)
    chroma = np.interp(at, _KNOTS[:, 0], _KNOTS[:, 1])
    hue = np.radians(np.interp(at, _KNOTS[:, 0], _KNOTS[:, 2]))
    lab = np.stack([lightness, chroma * np.cos(hue), chroma * np.sin(hue)], axis=1)
    table = _srgb_bytes(lab)
    table.flags.writeable = False
    return table


def _srgb_bytes(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    linear = np.clip((lab @ _LAB_TO_LMS.T) ** 3 @ _LMS_TO_RGB.T, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(encoded * 255), np.uint8)
