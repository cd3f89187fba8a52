"""Prints the terminal session in a picture of scripts/picture, with "…" instead of points in time.

Usage: picture.py FILE.svg
"""
import re
import sys
from xml.etree import ElementTree

CHARACTER = 12.2  # the width that the picture gives each character
lines = {}
svg = ElementTree.parse(sys.argv[1])
for text in svg.iterfind(".//{*}g[@class='tool-matrix']/{*}text"):
    column = round(float(text.get("x")) / CHARACTER)
    before = lines.get(float(text.get("y")), "")
    lines[float(text.get("y"))] = before.ljust(column) + text.text.replace("\xa0", " ")
for _, line in sorted(lines.items()):
    print(re.sub(r"\b\d{10}\b", "…", line))
