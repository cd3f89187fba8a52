"""Lists that are loaded as they are read."""
from __future__ import annotations

import json
import operator
import sys
import threading
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
    Protocol,
    Tuple,
    Union,
    overload,
)

from ._calls import Handle, Reader
from ._json import encode
from ._library import Box, ffi, lib, text
from .errors import InvalidArgument, NotFound

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Type

    from .client import Client

PER_PAGE = 100
Record = Dict[str, Any]


class Getter(Protocol):
    """Anything that reads a path as a client does."""

    def get(self, path: str) -> Any: ...


class Collection:
    """The records at a path: iterable, with a length, and with an index.

    >>> for user in client.get_collection("/api/v1/users"):
    ...     print(user["name"])

    Nothing is loaded before it is asked for. Iterating loads the next pages ahead of the
    reader and keeps none that were read; each time it loads the list anew. May be used
    from several threads at once.
    """

    def __init__(self, client: Union[Client, Getter], query: str, limit: Optional[int] = 2**60,
                 params: Optional[Mapping[str, Any]] = None) -> None:
        from .client import Client

        self.client = client
        self.query = query
        self.limit = 2**60 if limit is None else operator.index(limit)
        if self.limit < 0:
            raise ValueError("limit must not be negative")
        self.per_page = min(self.limit, PER_PAGE)
        #: The pages that load_page() has loaded, by their numbers from 1.
        self.pages: Dict[int, List[Record]] = {}
        self._params = params
        self._list: Union[LibraryList, ClientList]
        if isinstance(client, Client) and client._reads_by_itself():
            self._list = LibraryList(client, query, min(self.limit, 2**60), params)
        elif params is None:
            self._list = ClientList(self)
        else:
            raise TypeError("params need a uservoice.Client")

    @property
    def response_data(self) -> Optional[Dict[str, Any]]:
        """What the service said about the list with the page loaded last.

        That one may be ahead of the page that is read, but with ``prefetch_pages=0``.
        """
        return self._list.info()

    def __len__(self) -> int:
        return self._list.length()

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> List[Record]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Record, List[Record]]:
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        index = operator.index(index)
        if index < 0:
            index += len(self)
        if not 0 <= index <= sys.maxsize:
            raise IndexError("there is no such record")
        return self._list.record(index)

    def __iter__(self) -> Iterator[Record]:
        for page in self._list.iter_pages():
            yield from page

    def iter_pages(self) -> Iterator[List[Record]]:
        """The records page by page."""
        return self._list.iter_pages()

    def iter_whole_pages(self) -> Iterator[Dict[str, Any]]:
        """The answers that the pages came in, with what stands there beside the records.

        In the Admin API these are the records that the parameter ``includes`` asks for. A
        limit ends the list, but takes nothing from its last page.
        """
        return self._list.iter_whole_pages()

    def iter_json(self) -> Iterator[str]:
        """Each record as the JSON text that the service sent."""
        return self._list.iter_json()

    def load_page(self, i: int) -> List[Record]:
        """The records of a page, counted from 1, which is kept."""
        if i not in self.pages:
            self.pages[i] = self._list.page(i)
        return self.pages[i]

    def close(self) -> None:
        """Ends what is loaded ahead, and frees what is kept. It may be read anew."""
        self._list.close()

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()

    # A copy, in another process too, is a list of its own.
    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.client, self.query, self.limit, self._params)

    def __repr__(self) -> str:
        path = self.query.split("?")[0]  # a query may have what is not for a log
        return f"<uservoice.Collection {path!r}>"


class ListReader(Reader):
    """A collection of the library."""

    def __init__(self, client: Handle, options: bytes, token: Any, path: bytes, params: Any,
                 limit: int) -> None:
        super().__init__(client.clone(options), "uservoice_collection",
                         lib.uservoice_collection_new, token, path, params, limit)
        self.was_read = False

    def each(self, function: Any) -> Iterator[str]:
        """All that the function gives, from the list's beginning."""
        if self.was_read:
            lib.uservoice_collection_rewind(self.read.held)
        self.was_read = True
        while True:
            given = Box("char")
            self.call(function, given.out)
            json_text = given.text()
            if json_text is None:
                return
            yield json_text


class LibraryList:
    """A list that the library reads."""

    def __init__(self, client: Client, path: str, limit: int,
                 params: Optional[Mapping[str, Any]]) -> None:
        # No more records a page than are wanted.
        options: Dict[str, int] = (
            {"per_page": min(limit, client.per_page)} if limit > 0 else {})
        self._options = options
        self._client = client._handle
        self._what = (client._acting_token, text("path", path),
                      ffi.NULL if params is None else encode("params", params), limit)
        self._reader: Optional[ListReader] = self._new()
        self._loaded = False
        self._iterating = threading.Lock()

    def _new(self, **options: bool) -> ListReader:
        given = encode("options", {**self._options, **options})
        return ListReader(self._client, given, *self._what)

    def _shared(self) -> ListReader:
        """The reader that all use, but a second iteration at the same time."""
        reader = self._reader
        if reader is None or reader.was_interrupted:
            reader = self._reader = self._new()
        return reader

    def _call(self, function: Any, *arguments: Any) -> None:
        self._shared().call(function, *arguments)
        self._loaded = True

    def length(self) -> int:
        length = ffi.new("size_t *")
        self._call(lib.uservoice_collection_len, length)
        return int(length[0])

    def record(self, index: int) -> Record:
        record = Box("char")
        try:
            self._call(lib.uservoice_collection_get, index, record.out)
        except InvalidArgument as error:
            raise IndexError(error.message) from None
        found: Record = json.loads(record.text() or "")
        return found

    def info(self) -> Optional[Dict[str, Any]]:
        if not self._loaded:
            return None
        info = Box("char")
        self._call(lib.uservoice_collection_info, info.out)
        decoded: Optional[Dict[str, Any]] = json.loads(info.text() or "null")
        return decoded

    def _each(self, function: Any) -> Iterator[str]:
        first = self._iterating.acquire(blocking=False)
        try:
            reader = self._shared() if first else self._new()
            for given in reader.each(function):
                self._loaded = self._loaded or first
                yield given
        finally:
            if first:
                self._iterating.release()

    def iter_pages(self) -> Iterator[List[Record]]:
        return map(json.loads, self._each(lib.uservoice_collection_next_page))

    def iter_whole_pages(self) -> Iterator[Dict[str, Any]]:
        reader = self._new(whole_pages=True)
        return map(json.loads, reader.each(lib.uservoice_collection_next_page))

    def iter_json(self) -> Iterator[str]:
        return self._each(lib.uservoice_collection_next)

    def page(self, number: int) -> List[Record]:
        start = (number - 1) * PER_PAGE
        end = min(start + PER_PAGE, self.length())
        return [self.record(index) for index in range(start, end)]

    def close(self) -> None:
        self._reader = None
        self._loaded = False


class ClientList:
    """A list that any object with a get(path) reads, a page at a time."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._info: Optional[Dict[str, Any]] = None

    def info(self) -> Optional[Dict[str, Any]]:
        return self._info

    def length(self) -> int:
        if self._info is None:
            self._collection.load_page(1)
        total: int = (self._info or {}).get("total_records", 0)
        return min(total, self._collection.limit)

    def record(self, index: int) -> Record:
        if index >= self.length():
            raise IndexError("there is no such record")
        return self._collection.load_page(index // PER_PAGE + 1)[index % PER_PAGE]

    def iter_pages(self) -> Iterator[List[Record]]:
        length = self.length()
        for start in range(0, length, PER_PAGE):
            yield self._collection.load_page(start // PER_PAGE + 1)[:length - start]

    def iter_whole_pages(self) -> Iterator[Dict[str, Any]]:
        raise TypeError("whole pages need a uservoice.Client")

    def iter_json(self) -> Iterator[str]:
        for page in self.iter_pages():
            yield from map(json.dumps, page)

    def page(self, number: int) -> List[Record]:
        query = self._collection.query
        mark = "&" if "?" in query else "?"
        answer = dict(self._collection.client.get(
            f"{query}{mark}per_page={self._collection.per_page}&page={number}"))
        if "response_data" not in answer:
            raise NotFound("The resource you requested is not a collection")
        self._info = answer.pop("response_data")
        return next(iter(answer.values()), [])

    def close(self) -> None:
        self._collection.pages.clear()
        self._info = None
