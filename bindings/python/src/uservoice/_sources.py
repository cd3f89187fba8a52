"""What a collection reads: the library, or the ``get(path)`` of any object."""
from __future__ import annotations

import json
import operator
import threading
from typing import Any, Callable, Dict, Iterator, List, Mapping, Optional, Protocol

from ._calls import ClientHandle, ReaderHandle
from ._json import encode
from ._library import OutParam, ffi, lib
from ._paths import encode_path
from .errors import BadResponse, InvalidArgument, NotFound, UnknownLength

PER_PAGE: int = 100
#: The number of records that indexing keeps, as many as the library keeps pages of 100.
KEPT_RECORDS: int = 800
Record = Dict[str, Any]


class SupportsGet(Protocol):
    """A client, or any other object with the method ``get(path)``."""

    def get(self, path: str) -> Any:
        """Returns a decoded response, which has a list of records and ``response_data``."""
        ...


class CollectionHandle(ReaderHandle):
    """Owns a ``uservoice_collection``."""

    def __init__(self, client: ClientHandle, options: bytes, *arguments: Any) -> None:
        super().__init__(client, "uservoice_collection", lib.uservoice_collection_new, *arguments,
                         options=options)
        self.was_iterated: bool = False

    def rewind(self) -> None:
        if self.was_iterated:
            lib.uservoice_collection_rewind(self.reader.pointer)
        self.was_iterated = True

    def next(self, next_function: Any) -> Optional[str]:
        """Returns what a "next" function of the library returns; None at the end."""
        item = OutParam("char")
        self.call(next_function, item)
        return item.to_str()


class NativeSource:
    """Reads a collection with the library."""

    def __init__(self, client: ClientHandle, token: Any, path: str, limit: int, per_page: int,
                 params: Optional[Mapping[str, Any]]) -> None:
        self._client = client
        # A page need not have more records than the limit.
        self._options: Dict[str, int] = {"per_page": min(limit, per_page)} if limit > 0 else {}
        self._arguments = (token, encode_path(path),
                           ffi.NULL if params is None else encode("params", params), limit)
        #: The handles for everything except a second simultaneous iteration: one for the main
        #: thread, one for the others.
        self._handles: List[CollectionHandle] = [self._open()]
        #: Decoded records, by index.
        self._records: Dict[int, Record] = {}
        self._is_loaded = False
        self._iterating = threading.Lock()

    def _open(self, **options: bool) -> CollectionHandle:
        return CollectionHandle(self._client, encode("options", {**self._options, **options}),
                                *self._arguments)

    def _shared_handle(self) -> CollectionHandle:
        for handle in self._handles:
            if handle.is_for_this_thread():
                return handle
        handle = self._open()
        self._handles.append(handle)
        return handle

    def _call(self, function: Any, *arguments: Any) -> None:
        self._shared_handle().call(function, *arguments)
        self._is_loaded = True

    def length(self) -> int:
        length = ffi.new("size_t *")
        try:
            self._call(lib.uservoice_collection_len, length)
        except BadResponse as error:
            unknown = UnknownLength(*error.args)
            vars(unknown).update(vars(error))
            raise unknown from None
        return int(length[0])

    def record(self, index: int) -> Record:
        record = self._records.get(index)
        if record is None:
            record = self._load_record(index)
            if len(self._records) >= KEPT_RECORDS:
                self._records.clear()
            self._records[index] = record
        return record

    def _load_record(self, index: int) -> Record:
        record_json = OutParam("char")
        try:
            self._call(lib.uservoice_collection_get, index, record_json)
        except InvalidArgument as error:
            if error.argument != "index":
                raise
            raise IndexError(error.message) from None
        record: Record = json.loads(record_json.to_str() or "")
        return record

    def info(self) -> Optional[Dict[str, Any]]:
        if not self._is_loaded:
            return None
        info = OutParam("char")
        self._call(lib.uservoice_collection_info, info)
        decoded: Optional[Dict[str, Any]] = json.loads(info.to_str() or "null")
        return decoded

    def _iterate_shared(self, next_function: Any) -> Iterator[str]:
        if not self._iterating.acquire(blocking=False):
            yield from self._iterate(next_function, self._open)
            return
        try:
            self._records.clear()
            for item_json in self._iterate(next_function, self._shared_handle):
                self._is_loaded = True
                yield item_json
        finally:
            self._iterating.release()

    @staticmethod
    def _iterate(next_function: Any, open_handle: Callable[[], CollectionHandle]) -> Iterator[str]:
        """Yields what a "next" function of the library returns, from the first record.

        If another thread continues the iteration, and one of the two is the main thread, it
        begins with another handle and skips what was read.
        """
        handle: Optional[CollectionHandle] = None
        number_read = 0
        while True:
            if handle is None or not handle.is_for_this_thread():
                handle = open_handle()
                handle.rewind()
                for _ in range(number_read):
                    handle.next(next_function)
            item_json = handle.next(next_function)
            if item_json is None:
                return
            yield item_json
            number_read += 1

    def iter_pages(self) -> Iterator[List[Record]]:
        return map(json.loads, self._iterate_shared(lib.uservoice_collection_next_page))

    def iter_whole_pages(self) -> Iterator[Dict[str, Any]]:
        return map(json.loads, self._iterate(lib.uservoice_collection_next_page,
                                             lambda: self._open(whole_pages=True)))

    def iter_json(self) -> Iterator[str]:
        return self._iterate_shared(lib.uservoice_collection_next)

    def page(self, number: int) -> List[Record]:
        start = (number - 1) * PER_PAGE
        end = min(start + PER_PAGE, self.length())
        return [self.record(index) for index in range(start, end)]

    def close(self) -> None:
        self._handles.clear()
        self._records.clear()
        self._is_loaded = False


class GetSource:
    """Reads a collection page by page with the ``get(path)`` of any object."""

    def __init__(self, client: SupportsGet, query: str, limit: int, per_page: int,
                 pages: Dict[int, List[Record]]) -> None:
        self._client = client
        self._query = query
        self._limit = limit
        self._per_page = per_page
        self._pages = pages
        self._info: Optional[Dict[str, Any]] = None

    def info(self) -> Optional[Dict[str, Any]]:
        return self._info

    def length(self) -> int:
        if self._info is None:
            self.page(1)
        total = (self._info or {}).get("total_records")
        if isinstance(total, float) and total.is_integer():
            total = int(total)
        if not isinstance(total, int) or total < 0:
            raise UnknownLength("the response does not report how many records there are")
        return min(total, self._limit)

    def record(self, index: int) -> Record:
        if index >= self.length():
            raise IndexError("collection index out of range")
        return self.page(index // PER_PAGE + 1)[index % PER_PAGE]

    def iter_pages(self) -> Iterator[List[Record]]:
        length = self.length()
        number = read = 0
        while read < length:
            number += 1
            page = self.page(number)[:length - read]
            if not page:
                return
            yield page
            read += len(page)

    def iter_whole_pages(self) -> Iterator[Dict[str, Any]]:
        raise TypeError("iter_whole_pages() requires a uservoice.Client whose get() is not "
                        "overridden")

    def iter_json(self) -> Iterator[str]:
        for page in self.iter_pages():
            yield from map(json.dumps, page)

    def page(self, number: int) -> List[Record]:
        if number not in self._pages:
            self._pages[number] = self._get_page(number)
        return self._pages[number]

    def _get_page(self, number: int) -> List[Record]:
        separator = "&" if "?" in self._query else "?"
        response = dict(self._client.get(
            f"{self._query}{separator}per_page={self._per_page}&page={number}"))
        if "response_data" not in response:
            raise NotFound("The resource you requested is not a collection")
        self._info = response.pop("response_data")
        return next(iter(response.values()), [])

    def close(self) -> None:
        self._pages.clear()
        self._info = None


def whole_number(name: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"{name} must be int, not {type(value).__name__}") from None
