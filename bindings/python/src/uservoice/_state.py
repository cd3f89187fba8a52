"""What the parts of a client share: its handle, its access token and its options."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional

from ._calls import ClientHandle
from ._library import OutParam, ffi
from ._options import options_json
from ._sources import PER_PAGE

if TYPE_CHECKING:
    from typing_extensions import Self


class ClientState:
    """The base of the mixins of :class:`Client`, which sets the attributes."""

    request_token: Optional[Self]
    _options: Dict[str, Any]
    _handle_or_none: Optional[ClientHandle]
    _token: Optional[OutParam]

    @property
    def _handle(self) -> ClientHandle:
        if self._handle_or_none is None:
            raise ValueError("this client is closed")
        return self._handle_or_none

    @property
    def _token_or_null(self) -> Any:
        return self._token or ffi.NULL

    @property
    def per_page(self) -> int:
        """The number of records per page of a collection, from 1 to 100."""
        return int(self._options["per_page"] or PER_PAGE)

    def _copy(self, **options: Any) -> Self:
        copy = object.__new__(type(self))
        copy.__dict__.update(self.__dict__)
        copy.request_token = None
        copy._options = {**self._options, **options}
        copy._handle_or_none = self._handle.with_options(options_json(options))
        return copy
