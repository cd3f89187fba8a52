"""Reads the bodies of requests."""
from __future__ import annotations

import os
from typing import Any, Optional, Protocol, Tuple, Union

from ._library import ffi

#: The default of the option max_request_bytes.
MAX_BYTES = 64 * 2**20
PIECE = 2**20


class Reader(Protocol):
    """A file object in binary mode."""

    def read(self, size: int = -1, /) -> bytes:
        """Returns at most ``size`` bytes, and none at the end of the file."""
        ...


#: Bytes, a file object in binary mode, or the path of a file.
Content = Union[bytes, bytearray, memoryview, Reader, "os.PathLike[str]"]


def read(name: str, content: Any, max_bytes: Optional[int]) -> Tuple[Any, int]:
    """Returns the bytes to send as a buffer of the library and its length.

    A file object is read into memory, because a retry sends the bytes again: from its
    position, and not further than it takes to see that it is too long.
    """
    max_bytes = MAX_BYTES if max_bytes is None else max_bytes
    if content is None:
        return ffi.NULL, 0
    if isinstance(content, os.PathLike):
        with open(content, "rb") as file:
            content = read_all(name, file, max_bytes)
    elif hasattr(content, "read"):
        content = read_all(name, content, max_bytes)
    try:
        buffer = ffi.from_buffer(content)
    except (TypeError, ValueError):
        raise TypeError(f"{name} must be bytes, a binary file object or a path, "
                        f"not {type(content).__name__}") from None
    return buffer, len(buffer)


def read_all(name: str, file: Reader, max_bytes: int) -> bytearray:
    content = bytearray()
    while len(content) <= max_bytes:
        piece = file.read(min(max_bytes + 1 - len(content), PIECE))
        if isinstance(piece, str):
            raise TypeError(f"{name} must be a file object in binary mode")
        if not piece:
            return content
        content += piece
    raise ValueError(f"{name} is longer than max_request_bytes ({max_bytes})")


def name_of(file: Any) -> str:
    """Returns the name of a file without its directories."""
    path = file if isinstance(file, os.PathLike) else getattr(file, "name", None)
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"filename is required: {type(file).__name__} has no name")
    return os.path.basename(os.fspath(path))
