"""Messages of the library, in the names and units that its arguments have here."""
from __future__ import annotations

import re
from typing import Callable, List, Tuple, Union


def _in_seconds(found: re.Match[str]) -> str:
    name, least, most = found.groups()
    return f"{name}: must be from {int(least) / 1000:g} to {int(most) / 1000:g} s"


TRANSLATIONS: List[Tuple[str, Union[str, Callable[[re.Match[str]], str]]]] = [
    (r'options: "(timeout|connect_timeout|max_retry_wait)_ms": must be a whole number '
     r"from (\d+) to (\d+)$", _in_seconds),
    # Here 0 does not stand for the default, and is refused.
    (r"valid_for_seconds: must be from 0 \(the default, 300\) to (\d+)$",
     r"valid_for: must be from 1 to \1 s"),
    (r"leeway_seconds: must be from 0 to (\d+)$", r"leeway: must be from 0 to \1 s"),
    (r"subdomain: ", "subdomain_name: "),
    (r"user_json: ", "user_attributes: "),
    (r"json: ", "token_json: "),
]


def translated(message: str) -> str:
    """The message about a wrong argument with what the caller wrote; others as they are."""
    for theirs, ours in TRANSLATIONS:
        message = re.sub("^" + theirs, ours, message)
    return message
