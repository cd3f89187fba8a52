"""Exports of collections into files."""
from __future__ import annotations

import json
import os
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterable,
    Iterator,
    List,
    Mapping,
    NamedTuple,
    Optional,
    Union,
)

from ._calls import ClientHandle, ReaderHandle
from ._json import encode
from ._library import OutParam, c_string, lib, path_str

if TYPE_CHECKING:
    import datetime
    from types import TracebackType
    from typing import Type

    Timestamp = Union[str, datetime.datetime, datetime.date]

Resource = Union[str, Mapping[str, Any]]


class ResourceProgress(NamedTuple):
    """The progress of one collection of an export."""

    written: int
    """Records written in this run, including those before an interruption."""
    total: Optional[int]
    """The number of records in the collection; None if unknown."""
    done: bool
    """Whether the collection is complete."""


class Progress(NamedTuple):
    """The progress of an export. A value that is not known yet is None."""

    written: int
    """Records written in this run, including those before an interruption."""
    total: Optional[int]
    """The number of records in all collections, as first reported by the service."""
    elapsed: float
    """Seconds since the iteration started."""
    records_per_second: float
    """The records of this iteration, divided by ``elapsed``."""
    seconds_left: Optional[float]
    """An estimate of the seconds until the end."""
    resources: Dict[str, ResourceProgress]
    """The progress of each collection, by its name."""


class Export:
    """A resumable export of collections into files, as :meth:`Client.export` returns it.

    Each iteration is a run. If the previous run was interrupted, it is resumed; if it was
    completed, the new run appends the changes. An iteration locks the directory until it
    ends, so there can be only one at a time. A forked child cannot continue it.

    Example:
        >>> for progress in client.export("backup", ["suggestions", "users"]):
        ...     print(progress.written, "of", progress.total)
    """

    def __init__(self, client: ClientHandle, token: Any,
                 directory: Union[str, os.PathLike[str]],
                 resources: Union[Resource, Iterable[Resource]],
                 options: Mapping[str, Any]) -> None:
        if isinstance(resources, (str, Mapping)):
            resources = [resources]
        elif not isinstance(resources, Iterable):
            raise TypeError(f"resources must be str, a mapping or an iterable of these, "
                            f"not {type(resources).__name__}")
        options = {"resources": list(resources), **options}
        #: The directory of the files.
        self.directory: str = path_str("directory", directory)
        self._client = client
        self._arguments = (token, c_string("directory", self.directory),
                           encode("options", {name: value for name, value in options.items()
                                              if value is not None}))
        self._handles: List[ReaderHandle] = []

    def __iter__(self) -> Iterator[Progress]:
        """Writes the files, and loads up to four collections at once. Blocks.

        Yields:
            The progress after each page, when its records are on disk.

        Raises:
            FileError: A file cannot be used, or another export uses the directory.
            APIError: A collection cannot be loaded. The next iteration tries it again.
        """
        handle = self._open()
        try:
            while True:
                if not handle.is_for_this_thread():
                    self._close(handle)
                    handle = self._open()  # resumes the run
                progress = OutParam("char")
                handle.call(lib.uservoice_export_next, progress)
                progress_json = progress.to_str()
                if progress_json is None:
                    return
                yield decode_progress(progress_json)
        finally:
            self._close(handle)

    def _open(self) -> ReaderHandle:
        handle = ReaderHandle(self._client, "uservoice_export", lib.uservoice_export_new,
                              *self._arguments)
        self._handles.append(handle)
        return handle

    def _close(self, handle: ReaderHandle) -> None:
        handle.close()
        if handle in self._handles:
            self._handles.remove(handle)

    def run(self) -> Optional[Progress]:
        """Writes everything. Blocks.

        Returns:
            The last progress; None if there was nothing to write, because an earlier run had
            reached ``until``.

        Raises:
            FileError: A file cannot be used, or another export uses the directory.
            APIError: A collection cannot be loaded. The next run tries it again.
        """
        progress = None
        for progress in self:
            pass
        return progress

    def close(self) -> None:
        """Ends an iteration that was not completed, so that the directory can be used again."""
        while self._handles:
            self._handles.pop().close()

    def __enter__(self) -> Export:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<uservoice.Export into {self.directory!r}>"


def decode_progress(progress_json: str) -> Progress:
    """Decodes what the library reports."""
    decoded = json.loads(progress_json)
    resources = {
        name: ResourceProgress(resource["written"], resource["total"], resource["done"])
        for name, resource in decoded["resources"].items()}
    return Progress(decoded["written"], decoded["total"], decoded["elapsed_ms"] / 1000,
                    decoded["records_per_second"], decoded["seconds_left"], resources)
