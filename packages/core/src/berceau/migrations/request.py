"""What is asked of `berceau migrate dev`, and the questions that it may ask back."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from berceau.errors import MigrationStateError
from berceau.migrations.losses import Loss
from berceau.migrations.renames import Rename


@dataclass(frozen=True)
class Request:
    """What is asked for.

    Attributes:
        name: the migration's name; None: one is made from what it does.
        create_only: write it, even if there is nothing to change, and do not apply it.
        allow_drop: names of what may be lost: `Table`, `Table.column`, `Enum.value`.
        rename: what gets another name: `Table.old=new`, `Table=NewTable`.
        trust: components whose upgrades may touch tables of others.
        not_renamed: likely renames that are none.
        allow_all_of: components all of whose tables and enums may be lost.
        asks: whether somebody is there to be asked which likely renames are meant.
        command: the command that was typed, for messages.
    """

    name: str | None = None
    create_only: bool = False
    allow_drop: tuple[str, ...] = ()
    rename: tuple[str, ...] = ()
    trust: tuple[str, ...] = ()
    not_renamed: tuple[str, ...] = ()
    allow_all_of: tuple[str, ...] = ()
    asks: bool = False
    command: str = "berceau migrate dev"

    def words(self, *, drops: Sequence[str] = (), renames: Sequence[str] = (), create_only: bool = False) -> str:
        """The whole command, with these options added."""
        words = self.command.split()
        if self.name is not None:
            words += ["--name", self.name]
        if self.create_only or create_only:
            words.append("--create-only")
        for option, values in (
            ("--rename", (*self.rename, *renames)),
            ("--allow-drop", dict.fromkeys((*self.allow_drop, *drops))),
            ("--trust", self.trust),
        ):
            for value in values:
                words += [option, value]
        return shlex.join(words)

    def answered(self, *, renamed: Sequence[str] = (), kept: Sequence[str] = (), drops: Sequence[str] = ()) -> Request:
        """The request with answers to questions."""
        return replace(
            self,
            rename=(*self.rename, *renamed),
            not_renamed=(*self.not_renamed, *kept),
            allow_drop=(*self.allow_drop, *drops),
        )


@dataclass(eq=False)
class UndecidedError(MigrationStateError):
    """The user has to decide something first; nothing has been written.

    Attributes:
        losses: what would be lost and has not been consented to.
        renames: what may be a rename.
    """

    losses: tuple[Loss, ...] = field(default=())
    renames: tuple[Rename, ...] = field(default=())


def unconsented(losses: Sequence[Loss], allowed: Sequence[str], allow_all_of: Sequence[str] = ()) -> tuple[Loss, ...]:
    """The losses that nobody has agreed to. Raises MigrationStateError for a name that is of none of them."""
    names = {name for loss in losses for name in loss.names}
    for name in allowed:
        if name not in names:
            hint = f"What is: {', '.join(loss.name for loss in losses)}" if losses else "Nothing is. Leave it out."
            raise MigrationStateError(f"--allow-drop {name}: nothing of that name would be lost", hint=hint)
    return tuple(loss for loss in losses if not loss.names & set(allowed) and loss.component not in allow_all_of)


def listed(lines: Sequence[object]) -> str:
    """Lines below a sentence."""
    return "\n".join(f"  - {line}" for line in lines)
