# _abi.py is made from uservoice.h when the package is built.
from typing import Any

ffi: Any
