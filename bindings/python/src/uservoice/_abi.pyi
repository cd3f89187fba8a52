# _abi.py is generated from uservoice.h when the package is built.
from typing import Any

ffi: Any
