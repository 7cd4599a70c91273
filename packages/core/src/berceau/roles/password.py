"""Passwords of roles: made up, and turned into what PostgreSQL keeps of them before they leave this process."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_ITERATIONS = 4096  # PostgreSQL's own
_SALT_BYTES = 16


def made_up() -> str:
    """A password that needs no escaping in an address."""
    return secrets.token_urlsafe(24)


def verifier(password: str) -> str:
    """What PostgreSQL keeps (SCRAM-SHA-256), so that the password itself is in no statement and in no log."""
    salt = secrets.token_bytes(_SALT_BYTES)
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, _ITERATIONS)
    stored = hashlib.sha256(_keyed(salted, b"Client Key")).digest()
    parts = (salt, stored, _keyed(salted, b"Server Key"))
    shown_salt, shown_stored, shown_server = (base64.b64encode(part).decode() for part in parts)
    return f"SCRAM-SHA-256${_ITERATIONS}:{shown_salt}${shown_stored}:{shown_server}"


def _keyed(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")
