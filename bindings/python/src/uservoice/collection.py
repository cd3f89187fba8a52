"""Collections: the records of a list, loaded page by page while they are read."""
from __future__ import annotations

import operator
import sys
from typing import (
    TYPE_CHECKING,
    Any,
    Dict,
    Iterator,
    List,
    Mapping,
    Optional,
    Sequence,
    Tuple,
    Union,
    overload,
)

from ._sources import PER_PAGE as PER_PAGE
from ._sources import GetSource, NativeSource, Record, SupportsGet, whole_number

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Type


class Collection(Sequence[Record]):
    """The records at a path: a sequence that is loaded page by page while it is read.

    Nothing is loaded before it is needed. An iteration prefetches pages and discards them
    once they are read; each iteration loads the records again. Threads may share a
    collection. Whatever loads a page blocks, and raises an :class:`APIError` if it cannot.

    :meth:`Client.get_collection` creates one.

    Args:
        client: A :class:`Client`, or any object whose ``get(path)`` returns decoded pages.
        query: The path, such as ``"/api/v1/users"``; may have a query.
        limit: The highest number of records, at least 0; None for all.
        params: Added to the query; only for a :class:`Client`.

    Raises:
        InvalidArgument: An argument is invalid.
        TypeError: An argument has a wrong type.
        ValueError: ``limit`` is negative, or the client is closed.

    Example:
        >>> for user in client.get_collection("/api/v1/users"):
        ...     print(user["name"])
    """

    def __init__(self, client: SupportsGet, query: str, limit: Optional[int] = 2**60,
                 params: Optional[Mapping[str, Any]] = None) -> None:
        self.client = client
        self.query = query
        self.limit: int = 2**60 if limit is None else whole_number("limit", limit)
        if self.limit < 0:
            raise ValueError("limit must not be negative")
        self.per_page: int = min(self.limit, PER_PAGE)
        #: The pages that load_page() has loaded, by page number from 1.
        self.pages: Dict[int, List[Record]] = {}
        self._params = params
        # Looked up in the class, because an object such as a Mock has any attribute.
        open_source = getattr(type(client), "_open_collection_source", None)
        source: Optional[NativeSource] = open_source and open_source(
            client, query, min(self.limit, 2**60), params)
        if source is None and params is not None:
            raise TypeError("params requires a uservoice.Client whose get() is not overridden")
        self._source: Union[NativeSource, GetSource] = source or GetSource(
            client, query, self.limit, self.per_page, self.pages)

    @property
    def response_data(self) -> Optional[Dict[str, Any]]:
        """The paging object of the page loaded last; None if none has been loaded.

        Because pages are prefetched, that page may be ahead of the iteration. It is not
        with the option ``prefetch_pages=0``.
        """
        return self._source.info()

    def __len__(self) -> int:
        """Returns the number of records that the service reports, or the limit if smaller.

        Loads the first page if none has been loaded.

        Returns:
            The number, which may be out of date.

        Raises:
            UnknownLength: The service does not report it.
            APIError: The page cannot be loaded.
        """
        return self._source.length()

    def __bool__(self) -> bool:
        """Returns whether there is a record. Loads the first page.

        Returns:
            False for an empty collection, also if its length is unknown.

        Raises:
            APIError: The page cannot be loaded.
        """
        for _ in self._source.iter_json():
            return True
        return False

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> List[Record]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[Record, List[Record]]:
        """Returns a record, or those of a slice. Loads their pages, and keeps 800 records.

        Args:
            index: From 0; negative ones and slices need the length.

        Returns:
            The decoded record, or a list of records.

        Raises:
            IndexError: There is no such record.
            UnknownLength: The service does not report the length, which ``index`` needs.
            APIError: A page cannot be loaded.
        """
        if isinstance(index, slice):
            return [self[number] for number in range(*index.indices(len(self)))]
        index = operator.index(index)
        if index < 0:
            index += len(self)
        if not 0 <= index <= sys.maxsize:
            raise IndexError("collection index out of range")
        return self._source.record(index)

    def __iter__(self) -> Iterator[Record]:
        """Iterates over the records, from the first one.

        Yields:
            The decoded records.

        Raises:
            APIError: A page cannot be loaded, after the records of the pages before it.
        """
        for page in self._source.iter_pages():
            yield from page

    def iter_pages(self) -> Iterator[List[Record]]:
        """Iterates over the pages.

        Yields:
            Lists of records, none of them empty.

        Raises:
            APIError: A page cannot be loaded.
        """
        return self._source.iter_pages()

    def iter_whole_pages(self) -> Iterator[Dict[str, Any]]:
        """Iterates over the complete responses that contain the pages.

        In the Admin API these include the related records that the parameter ``includes``
        names. A limit ends the iteration, but does not shorten its last page.

        Yields:
            Decoded responses.

        Raises:
            APIError: A page cannot be loaded.
            TypeError: The client's ``get()`` is overridden.
        """
        return self._source.iter_whole_pages()

    def iter_json(self) -> Iterator[str]:
        """Iterates over the records without decoding them.

        Yields:
            The JSON of each record, as the service sent it.

        Raises:
            APIError: A page cannot be loaded.
        """
        return self._source.iter_json()

    def load_page(self, i: int) -> List[Record]:
        """Loads a page, unless ``pages`` contains it, and stores it there.

        Args:
            i: The number of the page, from 1. Pages have 100 records, whatever ``per_page``
                is.

        Returns:
            The records; an empty list after the last page.

        Raises:
            ValueError: ``i`` is less than 1.
            APIError: The page cannot be loaded.
        """
        if whole_number("i", i) < 1:
            raise ValueError(f"i must be at least 1, not {i}")
        if i not in self.pages:
            self.pages[i] = self._source.page(i)
        return self.pages[i]

    def close(self) -> None:
        """Stops prefetching and frees the pages. The collection may be read again."""
        self._source.close()

    def __enter__(self) -> Collection:
        return self

    def __exit__(self, kind: Optional[Type[BaseException]], value: Optional[BaseException],
                 traceback: Optional[TracebackType]) -> None:
        self.close()

    # A copy, also by pickle, has its own source.
    def __reduce__(self) -> Tuple[Any, ...]:
        return type(self), (self.client, self.query, self.limit, self._params)

    def __repr__(self) -> str:
        path = self.query.split("?")[0]  # a query may contain personal data
        return f"<uservoice.Collection {path!r}>"
