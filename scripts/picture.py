"""Draws a terminal session, with its colors, as an SVG whose text is text. It has a background of its own, so that it
can be read on light and dark pages, and loads nothing.

Usage: picture.py SESSION FILE.svg
"""
import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

# The fonts of the reader's system, each character at its own place.
FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">
<style>
text {{ font-family: ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; font-size: {char_height}px }}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal"><rect width="{terminal_width}" height="{terminal_height}"/></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""

lines = Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
texts = [Text(line, style="bold") if line.startswith("$ ") else Text.from_ansi(line) for line in lines]
console = Console(record=True, width=max(text.cell_len for text in texts) + 1, file=io.StringIO())
for text in [*texts, Text()]:
    console.print(text)
svg = console.export_svg(title="uservoice", code_format=FORMAT, unique_id="tool")
svg = re.sub(r"<text[^>]*>\n</text>", "\n", svg)  # line feeds
Path(sys.argv[2]).write_text("".join(f"{line.strip()}\n" for line in svg.splitlines() if line.strip()), encoding="utf-8")
