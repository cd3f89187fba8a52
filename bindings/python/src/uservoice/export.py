"""Exports of lists into files."""
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

from ._calls import Reader
from ._json import encode
from ._library import Box, lib, text

if TYPE_CHECKING:
    import datetime
    from types import TracebackType
    from typing import Type

    from .client import Client

    Moment = Union[str, datetime.datetime, datetime.date]

Resource = Union[str, Mapping[str, Any]]


class ResourceProgress(NamedTuple):
    """How far an export is with one of its lists."""

    #: Records that were written in this run, also before an interruption.
    written: int
    #: How many there will be; None while that is not known.
    total: Optional[int]
    done: bool


class Progress(NamedTuple):
    """How far an export is; None stands for what is not known, or not yet."""

    #: Records of all lists that were written in this run, also before an interruption.
    written: int
    #: How many there will be, by what the service said at first.
    total: Optional[int]
    #: Seconds since the iteration began.
    elapsed: float
    records_per_second: float
    seconds_left: Optional[float]
    #: Each list's part, by its name.
    resources: Dict[str, ResourceProgress]


class Export:
    """Lists that are written into the files of a directory, page by page.

    >>> for progress in client.export("backup", ["suggestions", "users"]):
    ...     print(progress.written, "of", progress.total)

    Each iteration is a run. One that was ended early, by whatever, a kill included, is gone
    on with by the next; one that came to its end is followed by another that adds what has
    changed since. An iteration holds the directory until it ends: it can have only one.
    """

    def __init__(self, client: Client, directory: Union[str, os.PathLike[str]],
                 resources: Union[Resource, Iterable[Resource]],
                 options: Mapping[str, Any]) -> None:
        if isinstance(resources, (str, Mapping)):
            resources = [resources]
        given = {"resources": list(resources), **options}
        self.directory = os.fspath(directory)
        self._client = client._handle
        self._what = (client._acting_token, text("directory", self.directory),
                      encode("options", {name: value for name, value in given.items()
                                         if value is not None}))
        self._readers: List[Reader] = []

    def __iter__(self) -> Iterator[Progress]:
        reader = Reader(self._client.clone(), "uservoice_export", lib.uservoice_export_new,
                        *self._what)
        self._readers.append(reader)
        try:
            while True:
                progress = Box("char")
                reader.call(lib.uservoice_export_next, progress.out)
                decoded = progress.text()
                if decoded is None:
                    return
                yield progress_of(json.loads(decoded))
        finally:
            reader.close()
            if reader in self._readers:
                self._readers.remove(reader)

    def run(self) -> Optional[Progress]:
        """Writes all, and gives the last progress; None where ``until`` was reached before."""
        progress = None
        for progress in self:
            pass
        return progress

    def close(self) -> None:
        """Ends an iteration that was left early, so that another may use the directory."""
        while self._readers:
            self._readers.pop().close()

    def __enter__(self) -> Export:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<uservoice.Export into {self.directory!r}>"


def progress_of(decoded: Dict[str, Any]) -> Progress:
    resources = {name: ResourceProgress(part["written"], part["total"], part["done"])
                 for name, part in decoded["resources"].items()}
    return Progress(decoded["written"], decoded["total"], decoded["elapsed_ms"] / 1000,
                    decoded["records_per_second"], decoded["seconds_left"], resources)
