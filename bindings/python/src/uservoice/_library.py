"""The shared library: finding it, and texts and handles that go in and out."""
from __future__ import annotations

import logging
import os
import sys
from pathlib import Path
from typing import Any, Optional, Tuple

from ._abi import ffi as ffi

INSTALL = ("Install this package's wheel, which carries it (pip install uservoice), or "
           "libuservoice itself, or name its file in USERVOICE_LIBRARY.")


def _load() -> Any:
    in_wheel, on_system = {
        "darwin": ("libuservoice.dylib", "libuservoice.dylib"),
        "win32": ("uservoice.dll", "uservoice.dll"),
    }.get(sys.platform, ("libuservoice.so", "libuservoice.so.0"))
    packaged = Path(__file__).with_name(in_wheel)
    name = os.environ.get("USERVOICE_LIBRARY")
    name = name or (str(packaged) if packaged.exists() else on_system)
    try:
        loaded = ffi.dlopen(name)
        version = ffi.string(loaded.uservoice_version()).decode()
    except (OSError, ffi.error) as error:
        raise ImportError(
            f"The library libuservoice cannot be loaded: {error}. {INSTALL}") from None
    needed = (loaded.USERVOICE_VERSION_MAJOR, loaded.USERVOICE_VERSION_MINOR,
              loaded.USERVOICE_VERSION_PATCH)
    if not _fits(version, needed):
        needs = ".".join(map(str, needed))
        raise ImportError(f"libuservoice {version} ({name}) does not fit this package, which "
                          f"needs {needs} or a later one that is compatible. {INSTALL}")
    return loaded


def _fits(version: str, needed: Tuple[int, ...]) -> bool:
    """The ABI only grows until the first number changes."""
    has = tuple(int(part) for part in version.split("-")[0].split("."))
    return has[0] == needed[0] and has >= needed


lib: Any = _load()


def string(text: Any) -> str:
    """A text that stays the library's."""
    return str(ffi.string(text).decode())


def text(name: str, value: str) -> bytes:
    """A text argument."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{name}: {error}") from None
    if b"\0" in encoded:
        raise ValueError(f"{name}: embedded null character")
    return encoded


def _teller() -> Any:
    """What the library calls with each line of its log: it goes to Python's logging."""
    logger = logging.getLogger("uservoice")
    levels = {lib.USERVOICE_LOG_WARNING: logging.WARNING, lib.USERVOICE_LOG_INFO: logging.INFO}

    def tell(level: int, line: Any, _: Any) -> None:
        if logger.isEnabledFor(levels[level]):
            logger.log(levels[level], "%s", string(line))

    return ffi.callback("uservoice_log_callback", tell)


tell = _teller()

FREE = {
    "char": lib.uservoice_string_free,
    "uservoice_client": lib.uservoice_client_free,
    "uservoice_token": lib.uservoice_token_free,
    "uservoice_collection": lib.uservoice_collection_free,
    "uservoice_export": lib.uservoice_export_free,
    "uservoice_error": lib.uservoice_error_free,
}


class Box:
    """An out-parameter: where a function puts what it makes. That is freed when nothing
    uses the box any more; a call on another thread does until it ends."""

    __slots__ = ("out", "__weakref__")

    def __init__(self, kind: str) -> None:
        free = FREE[kind]
        # Freeing a list may have something to tell, also when Python ends.
        self.out = ffi.gc(ffi.new(kind + " **"), lambda out, _=tell: free(out[0]))

    @property
    def held(self) -> Any:
        return self.out[0]

    def free(self) -> None:
        """Frees it now; nothing may use it any more."""
        ffi.release(self.out)

    def text(self) -> Optional[str]:
        return None if self.held == ffi.NULL else string(self.held)
