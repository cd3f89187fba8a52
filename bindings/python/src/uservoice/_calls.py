"""Calls functions of the library so that signal handlers run during those that block."""
from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
import weakref
from contextlib import AbstractContextManager
from typing import Any, Callable, Dict, List, Optional, Tuple

from ._library import OutParam, ffi, lib
from .errors import from_native

LOGGER = logging.getLogger("uservoice")
LOG_LEVELS = {lib.USERVOICE_LOG_WARNING: logging.WARNING, lib.USERVOICE_LOG_INFO: logging.DEBUG}
#: A field of a log line: a word, a number, or a JSON string.
LOG_FIELD = re.compile(r'(\w+)=("(?:[^"\\]|\\.)*"|\S+)')

#: The exceptions of signal handlers that ended calls of the main thread, innermost last.
raised_by_handlers: List[BaseException] = []


def call(function: Callable[..., int], *arguments: Any) -> None:
    """Calls a function of the library and raises the error that it returns.

    An OutParam among the arguments is passed as the pointer that it owns, or as an
    out-parameter if it is still empty; the error parameter is appended. A function that
    may block is called with call_blocking() instead.
    """
    error = OutParam("uservoice_error")
    if invoke(function, arguments, error) != lib.USERVOICE_OK:
        raise from_native(error)


class NativeClient(OutParam):
    """Owns a ``uservoice_client``. Its clones share its log until the level changes."""

    __slots__ = ("log_level",)

    def __init__(self, log_level: int = lib.USERVOICE_LOG_OFF) -> None:
        super().__init__("uservoice_client")
        self.log_level: int = log_level


def call_blocking(function: Callable[..., int], *arguments: Any, client: NativeClient) -> None:
    """Calls a function that sends requests with a client handle: see call().

    Raises the exception of a signal handler that ended the call.
    """
    set_log(client)
    error = OutParam("uservoice_error")
    try:
        status = invoke(function, arguments, error)
    finally:
        write_log(client)
    if raised_by_handlers and in_main_thread():
        raise raised_by_handlers.pop()
    if status != lib.USERVOICE_OK:
        raise from_native(error)


def invoke(function: Callable[..., int], arguments: Tuple[Any, ...], error: OutParam) -> int:
    parameters = (*arguments, error)
    values = [parameter.value if isinstance(parameter, OutParam) else parameter
              for parameter in parameters]
    try:
        return function(*values)
    finally:
        for parameter in parameters:
            if isinstance(parameter, OutParam):
                parameter.own()


def set_log(client: NativeClient) -> None:
    """Lets the library log what the logger accepts, whose level may have changed.

    Formatting and decoding a line for each request takes an eighth of its CPU time.
    """
    level = (lib.USERVOICE_LOG_INFO if LOGGER.isEnabledFor(logging.DEBUG)
             else lib.USERVOICE_LOG_WARNING)
    if level != client.log_level:
        if client.log_level != lib.USERVOICE_LOG_OFF:
            write_log(client)
        client.log_level = level
        call(lib.uservoice_client_set_log, client, level, ffi.NULL, ffi.NULL)


def write_log(client: OutParam) -> None:
    """Passes the lines that the library has logged since the last call to the logger.

    The library does not call Python to log. At exit Python ends a daemon thread that returns
    to it, and unwinding the thread through the library would abort the process.
    """
    lines, error = OutParam("char"), OutParam("uservoice_error")
    status = lib.uservoice_client_take_log(client.pointer, lines.value, error.value)
    if status == lib.USERVOICE_OK and not lines.value[0]:
        return  # quickly: every call ends here, and those that send nothing have no lines
    lines.own()
    error.own()
    if status != lib.USERVOICE_OK:
        raise from_native(error)
    for entry in json.loads(lines.to_str() or "[]"):
        try:
            LOGGER.log(LOG_LEVELS[entry["level"]], "%s", entry["line"],
                       extra={"uservoice": fields_of(entry["line"])})
        except Exception:  # must not replace the result of the call
            traceback.print_exc()


def fields_of(line: str) -> Dict[str, Any]:
    """Returns the fields of a log line, for handlers that count or format them."""
    return {name: json.loads(value) if value[0] == '"' or value.isdecimal() else value
            for name, value in LOG_FIELD.findall(line)}


def in_main_thread() -> bool:
    return threading.get_ident() == threading.main_thread().ident


def runs_signal_handlers() -> bool:
    """Returns whether Python runs signal handlers in this thread. At exit it runs none."""
    return in_main_thread() and not sys.is_finalizing()


def end_call(_: Any, exception: BaseException, __: Any) -> None:
    raised_by_handlers.append(exception)


@ffi.callback("int32_t(void *)", error=1, onerror=end_call)  # type: ignore[untyped-decorator]
def run_signal_handlers(_: Any) -> int:
    """Lets Python run signal handlers: it does so when a function begins.

    An exception of a handler is passed to end_call(), and the result is 1.
    """
    return 0


class ClientHandle:
    """Owns a ``uservoice_client``, and a clone for the main thread.

    Calls with the clone let Python run signal handlers while they wait. Those of other threads
    must not call back into Python: see write_log().
    """

    def __init__(self, client: NativeClient) -> None:
        self.client: NativeClient = client
        self.is_cancelled: bool = False
        self._main: Optional[NativeClient] = None
        self._clones: weakref.WeakValueDictionary[int, OutParam] = weakref.WeakValueDictionary()

    def for_this_thread(self) -> NativeClient:
        """Returns the client handle for a call of this thread."""
        if not runs_signal_handlers():
            return self.client
        if self._main is None:
            main = self._cancelled_with_this(self._clone(self.client, ffi.NULL))
            call(lib.uservoice_client_set_interrupt, main, run_signal_handlers, ffi.NULL)
            self._main = main
        return self._main

    def clone(self, options: Any = ffi.NULL) -> NativeClient:
        """Returns a clone for this thread, which cancel() cancels too."""
        return self._cancelled_with_this(self._clone(self.for_this_thread(), options))

    def with_options(self, options: bytes) -> ClientHandle:
        """Returns an independent handle with other options and the same connections."""
        return ClientHandle(self._clone(self.client, options))

    @staticmethod
    def _clone(client: NativeClient, options: Any) -> NativeClient:
        clone = NativeClient(client.log_level)
        call(lib.uservoice_client_clone, client, options, clone)
        return clone

    def _cancelled_with_this(self, clone: NativeClient) -> NativeClient:
        self._clones[id(clone)] = clone
        if self.is_cancelled:
            lib.uservoice_client_cancel(clone.pointer)
        return clone

    def cancel(self) -> None:
        """Cancels the client and its clones, permanently."""
        self.is_cancelled = True
        # Not values(): other threads may add a clone meanwhile.
        clones = [reference() for reference in self._clones.valuerefs()]
        for client in [self.client, *clones]:
            if client is not None:
                lib.uservoice_client_cancel(client.pointer)

    def call(self, function: Callable[..., int], *arguments: Any) -> None:
        """Calls a function that takes the client first and may block."""
        client = self.for_this_thread()
        call_blocking(function, client, *arguments, client=client)


class ReaderHandle:
    """Owns a ``uservoice_collection`` or ``uservoice_export``, and the clone that it uses.

    It is either for the main thread or for the other threads, as ClientHandle explains.
    """

    def __init__(self, client: ClientHandle, type_name: str, new: Callable[..., int],
                 *arguments: Any, options: Any = ffi.NULL) -> None:
        self._is_for_main_thread: bool = runs_signal_handlers()
        self.client: NativeClient = client.clone(options)
        self.reader: OutParam = OutParam(type_name)
        # Reentrant, because a signal handler may close the handle.
        self.lock: AbstractContextManager[Any] = threading.RLock()
        self.running_calls: int = 0
        self.is_closed: bool = False
        call(new, self.client, *arguments, self.reader)

    def is_for_this_thread(self) -> bool:
        return self._is_for_main_thread == runs_signal_handlers()

    def call(self, function: Callable[..., int], *arguments: Any) -> None:
        """Calls a function that takes the collection or export first and may block."""
        with self.lock:
            if self.is_closed:
                raise ValueError("this iterator is closed")
            self.running_calls += 1
        try:
            call_blocking(function, self.reader, *arguments, client=self.client)
        finally:
            with self.lock:
                self.running_calls -= 1

    def close(self) -> None:
        """Cancels a running call and frees the handle, if need be when that call has ended."""
        with self.lock:
            if self.is_closed:
                return
            self.is_closed = True
            is_running = self.running_calls > 0
        lib.uservoice_client_cancel(self.client.pointer)
        if not is_running:
            self.reader.free()
