#!/usr/bin/env python3
"""Writes a copy of the shared library with the SONAME of the next major version, as which all symbols are versioned.

Usage: relabel.py libuservoice.so libuservoice.so.1
"""

import struct
import sys
from pathlib import Path

OLD = b"libuservoice.so.0"
NEW = b"libuservoice.so.1"


def elf_hash(name: bytes) -> bytes:
    """Returns the hash that the definition of a symbol version has beside its name."""
    value = 0
    for byte in name:
        value = (value << 4) + byte
        high = value & 0xF0000000
        value = (value ^ high >> 24) & ~high
    return struct.pack("<I", value)


library = Path(sys.argv[1]).read_bytes()
for old, new in [(OLD + b"\0", NEW + b"\0"), (elf_hash(OLD), elf_hash(NEW))]:
    if old not in library:
        sys.exit(f"{sys.argv[1]} does not contain {old!r}")
    library = library.replace(old, new)
Path(sys.argv[2]).write_bytes(library)
