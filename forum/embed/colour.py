"""An accent colour made readable: pure functions over sRGB, after the contrast formula of WCAG 2.2."""

from __future__ import annotations

import re

# WCAG 2.2 AA asks 4.5:1 for text. The paper colours are those of static/css/tokens.css.
ENOUGH = 4.5
PAPER_LIGHT, PAPER_DARK = (255, 255, 255), (22, 23, 27)
BLACK, WHITE = (0, 0, 0), (255, 255, 255)
STEP = 0.05

Rgb = tuple[int, int, int]


def luminance(colour: Rgb) -> float:
    """Relative luminance, 0 for black to 1 for white."""
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (part / 255 for part in colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Rgb, other: Rgb) -> float:
    """Contrast ratio between two colours, 1 to 21."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def readable_on(paper: Rgb, colour: Rgb) -> Rgb:
    """The colour, moved towards black or white just as far as text in it needs to be readable on the paper."""
    goal = BLACK if luminance(paper) > 0.5 else WHITE
    share = 0.0
    mixed = colour
    while contrast(paper, mixed) < ENOUGH and share < 1:
        share = min(share + STEP, 1.0)
        mixed = _mix(colour, goal, share)
    return mixed


def ink_on(colour: Rgb) -> Rgb:
    """Black or white, whichever reads better on the colour."""
    return max(BLACK, WHITE, key=lambda ink: contrast(ink, colour))


def _mix(colour: Rgb, goal: Rgb, share: float) -> Rgb:
    red, green, blue = (round(c + (g - c) * share) for c, g in zip(colour, goal, strict=True))
    return red, green, blue


def _hex(colour: Rgb) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def stylesheet(code: str) -> str | None:
    """The style sheet for an accent of six hexadecimal digits; None for anything else."""
    if not re.fullmatch(r"[0-9a-f]{6}", code):
        return None
    asked: Rgb = (int(code[0:2], 16), int(code[2:4], 16), int(code[4:6], 16))
    light, dark = readable_on(PAPER_LIGHT, asked), readable_on(PAPER_DARK, asked)
    accent = f"light-dark({_hex(light)}, {_hex(dark)})"
    ink = f"light-dark({_hex(ink_on(light))}, {_hex(ink_on(dark))})"
    return f":root {{ --accent: {accent}; --accent-ink: {ink}; }}\n"
