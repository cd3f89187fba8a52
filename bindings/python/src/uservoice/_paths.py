"""Encodes the paths of requests."""
from __future__ import annotations

import re

from ._library import c_string

#: What the library rejects and the old module quoted: white space, control characters, "\\",
#: and "%" that begins no percent-encoded byte.
UNQUOTED = re.compile(r"[\x01-\x20\x7f\\]|%(?![0-9A-Fa-f]{2})")


def encode_path(path: str) -> bytes:
    """Encodes a path for the library, quoted as the old module quoted it."""
    if isinstance(path, str):
        path = UNQUOTED.sub(lambda match: f"%{ord(match.group()):02X}", path)
    return c_string("path", path)
