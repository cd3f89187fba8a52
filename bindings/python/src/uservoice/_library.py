"""Loads the shared library and converts strings and out-parameters."""
from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any, Optional, Tuple, Union

from ._abi import ffi as ffi

INSTALL_HINT = ("Install this package's wheel, which contains the library, install "
                "libuservoice itself, or set USERVOICE_LIBRARY to the library's file name.")


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
        raise ImportError(f"cannot load libuservoice: {error}. {INSTALL_HINT}") from None
    required = (loaded.USERVOICE_VERSION_MAJOR, loaded.USERVOICE_VERSION_MINOR,
                loaded.USERVOICE_VERSION_PATCH)
    if not _is_compatible(version, required):
        raise ImportError(f"libuservoice {version} ({name}) is not compatible with this package, "
                          f"which requires {'.'.join(map(str, required))} or a later compatible "
                          f"version. {INSTALL_HINT}")
    return loaded


def _is_compatible(version: str, required: Tuple[int, ...]) -> bool:
    """Returns whether a version has the same major number and is not older."""
    numbers = tuple(int(part) for part in version.split("-")[0].split("."))
    return numbers[0] == required[0] and numbers >= required


lib: Any = _load()


def to_str(pointer: Any) -> str:
    """Decodes a string that the library still owns."""
    return str(ffi.string(pointer).decode())


def to_optional_str(pointer: Any) -> Optional[str]:
    """Decodes a string that the library still owns; None for NULL."""
    return None if pointer == ffi.NULL else to_str(pointer)


def c_string(name: str, value: str) -> bytes:
    """Encodes a str argument for the library; the errors contain the argument's name."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be str, not {type(value).__name__}")
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{name}: {error}") from None
    if b"\0" in encoded:
        raise ValueError(f"{name}: embedded null character")
    return encoded


def optional_c_string(name: str, value: Optional[str]) -> Any:
    """Encodes a str argument for the library; NULL for None."""
    return ffi.NULL if value is None else c_string(name, value)


def path_str(name: str, value: Union[str, os.PathLike[str]]) -> str:
    """Converts a path argument to str; the errors contain the argument's name."""
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if not isinstance(path, str):
        raise TypeError(f"{name} must be str or os.PathLike, not {type(value).__name__}")
    return path


FREE = {
    "char": lib.uservoice_string_free,
    "uservoice_client": lib.uservoice_client_free,
    "uservoice_token": lib.uservoice_token_free,
    "uservoice_collection": lib.uservoice_collection_free,
    "uservoice_export": lib.uservoice_export_free,
    "uservoice_error": lib.uservoice_error_free,
}


#: The type of an out-parameter for each type of object.
CELLS = {name: ffi.typeof(f"{name} **") for name in FREE}


class OutParam:
    """An out-parameter of the library, and the owner of the object that it receives.

    The object is freed with the OutParam. A call on another thread holds a reference, so
    that an object is not freed while it is in use.
    """

    __slots__ = ("_out", "_free", "_pointer", "__weakref__")

    def __init__(self, type_name: str) -> None:
        self._out = ffi.new(CELLS[type_name])
        self._free = FREE[type_name]
        self._pointer: Any = None

    @property
    def value(self) -> Any:
        """What to pass to a function: the object, or if empty the address to store it at."""
        return self._out if self._pointer is None else self._pointer

    @property
    def pointer(self) -> Any:
        """The object, such as a ``char *``; NULL if empty."""
        return ffi.NULL if self._pointer is None else self._pointer

    def own(self) -> None:
        """Takes the ownership of the object that a function has stored, if it is new."""
        if self._pointer is None and self._out[0]:
            self._pointer = ffi.gc(self._out[0], self._free)

    def free(self) -> None:
        """Frees the object immediately. It must not be used afterwards."""
        ffi.release(self._pointer)

    def to_str(self) -> Optional[str]:
        """Decodes the string that was received; None for NULL."""
        return None if self._pointer is None else to_str(self._pointer)
