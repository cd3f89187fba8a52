"""Calls of the library, made so that Ctrl-C is heard during those that wait."""
from __future__ import annotations

import threading
import weakref
from typing import Any, Callable, List

from ._library import Box, ffi, lib
from .errors import APIError, exception

Run = Callable[[Callable[[], int]], int]


def here(work: Callable[[], int]) -> int:
    """Runs a call that never waits."""
    return work()


def call(function: Callable[..., int], *arguments: Any, run: Run = here) -> None:
    """Calls a function whose last parameter is an error; a box stands for what it holds."""
    error = Box("uservoice_error")

    def work() -> int:
        values = (value.held if isinstance(value, Box) else value for value in arguments)
        return function(*values, error.out)

    if run(work) != lib.USERVOICE_OK:
        raise exception(error.held)


class Handle:
    """A client of the library, and the clones that make calls for it."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.cancelled = False
        self.clones: weakref.WeakValueDictionary[int, Box] = weakref.WeakValueDictionary()

    def copy(self, options: bytes) -> Handle:
        """Another client of the same site, with options put over this one's."""
        return Handle(self._clone(options))

    def clone(self, options: Any = ffi.NULL) -> Box:
        """A clone that ends with cancel(), and can be cancelled alone."""
        clone = self._clone(options)
        self.clones[id(clone)] = clone
        return self.box if self.cancelled else clone

    def _clone(self, options: Any) -> Box:
        clone = Box("uservoice_client")
        call(lib.uservoice_client_clone, self.box, options, clone.out)
        return clone

    def cancel(self) -> None:
        self.cancelled = True
        for clone in [self.box, *self.clones.values()]:
            lib.uservoice_client_cancel(clone.held)

    def call(self, function: Callable[..., int], *arguments: Any) -> None:
        """Makes a call of the client, which may wait."""
        client = self.clone() if in_main_thread() else self.box
        call(function, client, *arguments, run=interruptible(client))


class Reader:
    """A handle that is read with many calls, by a clone of the client that is its own."""

    def __init__(self, client: Box, kind: str, new: Callable[..., int], *arguments: Any) -> None:
        self.client = client
        self.read = Box(kind)
        self.was_interrupted = False
        self.is_running = False
        self.is_closed = False
        call(new, client, *arguments, self.read.out)

    def call(self, function: Callable[..., int], *arguments: Any) -> None:
        if self.is_closed:
            raise ValueError("what is read here was closed")
        # Until the call itself has ended, which one that is interrupted may outlast.
        self.is_running = True

        def tracked(*values: Any) -> int:
            try:
                return function(*values)
            finally:
                self.is_running = False

        try:
            call(tracked, self.read, *arguments, run=interruptible(self.client))
        except APIError:
            raise
        except BaseException:  # of a signal's handler
            self.was_interrupted = True
            raise

    def close(self) -> None:
        """Frees the handle now, or when its call has ended, which this makes soon."""
        if self.is_closed:
            return
        self.is_closed = True
        lib.uservoice_client_cancel(self.client.held)
        if not self.is_running:
            self.read.free()


def in_main_thread() -> bool:
    return threading.current_thread() is threading.main_thread()


def interruptible(client: Box) -> Run:
    """Runs calls of this client so that signals are handled meanwhile.

    Python handles signals in the main thread, and not while that is in a call. So the
    call runs on another thread then, and is cancelled when the handler of a signal raises
    an exception, as the one of Ctrl-C does.
    """
    def run(work: Callable[[], int]) -> int:
        if not in_main_thread():
            return work()
        statuses: List[int] = []
        failures: List[BaseException] = []
        finished = threading.Lock()
        finished.acquire()

        def work_there() -> None:
            try:
                statuses.append(work())
            except BaseException as error:  # it is for the thread that waits
                failures.append(error)
            finally:
                finished.release()

        try:
            if not start(work_there):
                return work()
            # Not in one wait: a signal that another thread was given does not end it.
            while not finished.acquire(timeout=0.1):
                pass
        except BaseException:
            lib.uservoice_client_cancel(client.held)
            finished.acquire(timeout=1)
            raise
        if failures:
            raise failures[0]
        return statuses[0]
    return run


def start(work: Callable[[], None]) -> bool:
    """Starts a thread; False where there can be none, as when Python ends."""
    try:
        threading.Thread(target=work, name="uservoice", daemon=True).start()
    except RuntimeError:
        return False
    return True
