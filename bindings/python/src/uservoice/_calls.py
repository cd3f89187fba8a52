"""Calls functions of the library so that signal handlers run during those that block."""
from __future__ import annotations

import json
import logging
import threading
import traceback
import weakref
from typing import Any, Callable, List, Optional

from ._library import OutParam, ffi, lib
from .errors import APIError, from_native

LOGGER = logging.getLogger("uservoice")
LOG_LEVELS = {lib.USERVOICE_LOG_WARNING: logging.WARNING, lib.USERVOICE_LOG_INFO: logging.INFO}


def call(function: Callable[..., int], *arguments: Any, client: Optional[OutParam] = None) -> None:
    """Calls a function of the library and raises the error that it returns.

    An OutParam among the arguments is passed as the pointer that it owns, or as an
    out-parameter if it is still empty; the error parameter is appended. A function that
    may block needs ``client``, the client handle that it uses: see run_interruptible() and
    write_log().
    """
    error = OutParam("uservoice_error")
    parameters = [*arguments, error]
    outputs = [parameter for parameter in parameters
               if isinstance(parameter, OutParam) and parameter.is_empty]

    def invoke() -> int:
        values = (parameter.value if isinstance(parameter, OutParam) else parameter
                  for parameter in parameters)
        try:
            return function(*values)
        finally:
            for output in outputs:
                output.own()

    if client is None:
        status = invoke()
    else:
        try:
            status = run_interruptible(invoke, client)
        finally:
            write_log(client)
    if status != lib.USERVOICE_OK:
        raise from_native(error)


def write_log(client: OutParam) -> None:
    """Passes the lines that the library has logged since the last call to the logger.

    The library does not call Python. At exit Python ends a daemon thread that returns to it,
    and unwinding the thread through the library would abort the process.
    """
    lines = OutParam("char")
    call(lib.uservoice_client_take_log, client, lines)
    for entry in json.loads(lines.to_str() or "[]"):
        try:
            LOGGER.log(LOG_LEVELS[entry["level"]], "%s", entry["line"])
        except Exception:  # must not replace the result of the call
            traceback.print_exc()


class ClientHandle:
    """Owns a ``uservoice_client``, and the clones that make its calls in the main thread.

    A signal handler that raises cancels a clone, not the client itself.
    """

    def __init__(self, client: OutParam) -> None:
        self.client = client
        self.cancelled = False
        self.clones: weakref.WeakValueDictionary[int, OutParam] = weakref.WeakValueDictionary()

    def with_options(self, options: bytes) -> ClientHandle:
        """Returns an independent handle with other options and the same connections."""
        return ClientHandle(self._clone(options))

    def clone(self, options: Any = ffi.NULL) -> OutParam:
        """Returns a clone that cancel() cancels too, and that can be cancelled alone."""
        clone = self._clone(options)
        self.clones[id(clone)] = clone
        return self.client if self.cancelled else clone

    def _clone(self, options: Any) -> OutParam:
        clone = OutParam("uservoice_client")
        call(lib.uservoice_client_clone, self.client, options, clone)
        return clone

    def cancel(self) -> None:
        """Cancels the client and its clones, permanently."""
        self.cancelled = True
        for client in [self.client, *self.clones.values()]:
            lib.uservoice_client_cancel(client.pointer)

    def call(self, function: Callable[..., int], *arguments: Any) -> None:
        """Calls a function that takes the client first and may block."""
        client = self.clone() if in_main_thread() else self.client
        call(function, client, *arguments, client=client)


class ReaderHandle:
    """Owns a ``uservoice_collection`` or ``uservoice_export``, and the clone that it uses."""

    def __init__(self, client: OutParam, type_name: str, new: Callable[..., int],
                 *arguments: Any) -> None:
        self.client = client
        self.reader = OutParam(type_name)
        self.was_interrupted = False
        # Reentrant, because a signal handler may close the handle.
        self.lock = threading.RLock()
        self.running_calls = 0
        self.is_closed = False
        call(new, client, *arguments, self.reader)

    def call(self, function: Callable[..., int], *arguments: Any) -> None:
        """Calls a function that takes the collection or export first and may block."""
        if self.is_closed:
            raise ValueError("this iterator is closed")

        # It may begin, and still run, when a signal handler has raised an exception here.
        def tracked(*values: Any) -> int:
            with self.lock:
                if self.is_closed:
                    raise ValueError("this iterator is closed")
                self.running_calls += 1
            try:
                return function(*values)
            finally:
                with self.lock:
                    self.running_calls -= 1

        try:
            call(tracked, self.reader, *arguments, client=self.client)
        except APIError:
            raise
        except BaseException:  # raised by a signal handler
            self.was_interrupted = True
            raise

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


def in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def run_interruptible(function: Callable[[], int], client: OutParam) -> int:
    """Runs a blocking function of the library so that signal handlers run meanwhile.

    Python runs signal handlers in the main thread only, between two of its instructions.
    So a call of the main thread is made on another thread, and is cancelled when a signal
    handler raises, such as the one that raises KeyboardInterrupt.
    """
    if not in_main_thread():
        return function()
    results: List[int] = []
    exceptions: List[BaseException] = []
    finished = threading.Lock()
    finished.acquire()
    #: Acquired by the thread that calls the function, so that only one does, or by this one
    #: so that none does.
    claim = threading.Lock()

    def run() -> None:
        if not claim.acquire(blocking=False):
            return
        try:
            results.append(function())
        except BaseException as error:  # raised again by the thread that waits
            exceptions.append(error)
        finally:
            finished.release()

    try:
        if not start_thread(run) and claim.acquire(blocking=False):
            return function()
        # A signal that is delivered to another thread does not end a wait: so poll.
        while not finished.acquire(timeout=0.1):
            pass
    except BaseException:
        if not claim.acquire(blocking=False) and not results and not exceptions:
            lib.uservoice_client_cancel(client.pointer)
            finished.acquire(timeout=1)
        raise
    if exceptions:
        raise exceptions[0]
    return results[0]


def start_thread(target: Callable[[], None]) -> bool:
    """Starts a thread; returns False if that is impossible, such as at interpreter exit."""
    try:
        threading.Thread(target=target, name="uservoice", daemon=True).start()
    except RuntimeError:
        return False
    return True
