"""The icon set, read once from the Lucide sprite kept with the static files."""

import re
from functools import cache, lru_cache
from pathlib import Path

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

SPRITE = Path(__file__).resolve().parents[3] / "static" / "icons" / "lucide.svg"
SYMBOL = re.compile(r'<symbol id="([^"]+)" viewBox="0 0 24 24">(.*?)</symbol>', re.DOTALL)
UNKNOWN = "circle-dot"


@cache
def drawings() -> dict[str, str]:
    """The inside of each icon's SVG by its name."""
    return dict(SYMBOL.findall(SPRITE.read_text(encoding="utf-8")))


@lru_cache(maxsize=1024)
def icon(name: str, *, label: str = "", classes: str = "") -> SafeString:
    """An inline SVG. Decorative unless it has a label; an unknown name (from data) draws a plain dot."""
    drawing = drawings().get(name) or drawings()[UNKNOWN]
    role = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon{}" viewBox="0 0 24 24" {}>{}</svg>',
        f" {classes}" if classes else "",
        role,
        mark_safe(drawing),  # noqa: S308 - our own file
    )
