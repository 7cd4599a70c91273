"""The account that runs the embedded PostgreSQL for root: PostgreSQL refuses to run as root itself."""

from __future__ import annotations

import stat
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from berceau.errors import EmbeddedServerError

NAME = "pgserver"
_USERADD = ["useradd", "--system", "--no-create-home", "--user-group", "--shell", "/usr/sbin/nologin", NAME]
_HINT = "Run as an ordinary user, or set DATABASE_URL to the address of a server."


@dataclass(frozen=True)
class Account:
    """A user of the operating system, with the ids of user and group."""

    name: str
    uid: int
    gid: int


def ensure(attempts: int = 50) -> Account:
    """The account, made if it is missing; only root can.

    Raises EmbeddedServerError: it cannot be made.
    """
    for _ in range(attempts):  # another project may be making it at this moment
        if (account := _find()) is not None:
            return account
        try:
            made = subprocess.run(_USERADD, check=False, capture_output=True, text=True)
        except FileNotFoundError:
            raise EmbeddedServerError("as root it needs `useradd`, which is not installed", hint=_HINT) from None
        if made.returncode != 0:
            time.sleep(0.1)
    raise EmbeddedServerError(f"the account {NAME} cannot be made: {made.stderr.strip()}", hint=_HINT)


def let_pass(account: Account, folder: Path) -> tuple[str, ...]:
    """Let the account reach `folder`: every folder on the way must allow passing (not listing, not reading).

    Returns what has been changed, as `/root (0700 → 0711)`. Raises EmbeddedServerError: a folder cannot be changed.
    """
    changed = []
    for step in (*reversed(folder.parents), folder):
        mode = stat.S_IMODE(step.stat().st_mode)
        if mode & stat.S_IXOTH or step.stat().st_uid == account.uid:
            continue
        try:
            step.chmod(mode | stat.S_IXOTH)
        except OSError as error:
            raise EmbeddedServerError(
                f"the account {account.name} cannot pass through the folder: {error.strerror}", file=step, hint=_HINT
            ) from error
        changed.append(f"{step} ({mode:04o} → {mode | stat.S_IXOTH:04o})")
    return tuple(changed)


def _find() -> Account | None:
    import pwd

    try:
        entry = pwd.getpwnam(NAME)
    except KeyError:
        return None
    return Account(NAME, entry.pw_uid, entry.pw_gid)
