"""Values that a plan asks for while it runs: `now`, identifiers, and products of lists.

Formats: UUID (RFC 9562), ULID (github.com/ulid/spec), nanoid's URL-safe alphabet, cuid and cuid2 (paralleldrive).
"""

from __future__ import annotations

import hashlib
import itertools
import os
import secrets
import socket
import time
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

BASE36 = "0123456789abcdefghijklmnopqrstuvwxyz"
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NANOID = "useandom-26T198340PX75pxJACKVERYMINDBUSHWOLF_GQZbfghjklqvwyzrict"
COUNTER = itertools.count(secrets.randbelow(36**4))


def now() -> datetime:
    """The present instant in UTC, in whole milliseconds as Prisma stores it."""
    instant = datetime.now(UTC)
    return instant.replace(microsecond=instant.microsecond // 1000 * 1000)


def base36(number: int) -> str:
    """A number ≥ 0 in base 36, lower case."""
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = BASE36[digit] + digits
    return digits or "0"


def new_uuid(version: int = 4) -> str:
    """A random (version 4) or time-ordered (version 7) UUID as text. Raises ValueError for another version."""
    if version == 4:
        return str(uuid.uuid4())
    if version != 7:
        raise ValueError(f"UUID version {version} is not supported")
    milliseconds = time.time_ns() // 1_000_000
    number = milliseconds << 80 | 7 << 76 | secrets.randbits(12) << 64 | 0b10 << 62 | secrets.randbits(62)
    return str(uuid.UUID(int=number))


def new_ulid() -> str:
    """A ULID: 48 bits of milliseconds and 80 random bits in Crockford's base 32."""
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def new_nanoid(length: int = 21) -> str:
    """A nanoid of the given number of characters."""
    return "".join(NANOID[byte & 63] for byte in secrets.token_bytes(length))


def fingerprint() -> str:
    """Four base-36 characters for this process and host, as cuid wants them."""
    host = sum(map(ord, socket.gethostname()))
    return base36(os.getpid())[-2:].rjust(2, "0") + base36(host + 36)[-2:].rjust(2, "0")


def new_cuid(version: int = 1) -> str:
    """A cuid (version 1) or cuid2 (version 2). Raises ValueError for another version."""
    milliseconds = base36(time.time_ns() // 1_000_000)
    count = next(COUNTER)
    if version == 1:
        random = base36(secrets.randbelow(36**8)).rjust(8, "0")
        return f"c{milliseconds}{base36(count % 36**4).rjust(4, '0')}{fingerprint()}{random}"
    if version != 2:
        raise ValueError(f"cuid version {version} is not supported")
    entropy = f"{milliseconds}{secrets.token_hex(16)}{base36(count)}{fingerprint()}"
    digest = int.from_bytes(hashlib.sha3_512(entropy.encode()).digest(), "big")
    return BASE36[10 + secrets.randbelow(26)] + base36(digest)[1:24]


def product(left: Any, right: Any) -> list[list[Any]]:
    """All pairs of the two operands' elements; an operand that is not a list counts as one element."""
    lefts = left if isinstance(left, list) else [left]
    rights = right if isinstance(right, list) else [right]
    return [[one, other] for one in lefts for other in rights]


GENERATORS: dict[str, Callable[..., Any]] = {
    "uuid": new_uuid,
    "cuid": new_cuid,
    "ulid": new_ulid,
    "nanoid": new_nanoid,
    "product": product,
}
