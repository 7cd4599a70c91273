"""Thinking out the next migration: renames and upgrades in front, Prisma's steps, upgrades behind; tried, and judged.

history ─► before.sql of components ─► renames ─► Prisma's steps to the schema ─► after.sql of components ─► schema
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import asyncpg

from berceau.errors import MigrationStateError
from berceau.migrations.catalog import Catalog
from berceau.migrations.generated import repaired_for
from berceau.migrations.losses import Comparison, Loss, find_losses
from berceau.migrations.naming import folder_name, later_timestamp, proposed_name, timestamp_now
from berceau.migrations.obstacles import Obstacles
from berceau.migrations.ownership import ModelNames, Owners
from berceau.migrations.renames import Difference, Rename, Step
from berceau.migrations.request import Request, UndecidedError, listed, unconsented
from berceau.migrations.scripts import said
from berceau.migrations.session import Session
from berceau.migrations.trial import Trial, trial
from berceau.migrations.upgrades import Upgrade, UpgradeTrial
from berceau.migrations.views import around, dropped, is_blocked, views_upon
from berceau.migrations.way_back import WayBack, steps_back, there_and_back, way_back, with_next
from berceau.provenance import Change, States, component_changes, record
from berceau_engine.errors import PrismaError
from berceau_engine.migrate import MigrationList, SchemaFiles
from berceau_engine.schema import SchemaFile


@dataclass(frozen=True)
class Plan:
    """A migration as it will be written.

    Attributes:
        name: the name of its folder.
        script: its SQL.
        down: the text of its way back.
        components: the text of its record of components.
        upgrades: the scripts of components in it.
        warnings: what will be lost, and what cannot be applied as it stands.
    """

    name: str
    script: str
    down: str
    components: str
    upgrades: tuple[Upgrade, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class _Tried:
    """The states of the shadow database on the way, and the steps with what was drafted around them."""

    begin: Catalog
    generated_from: Catalog
    generated_to: Catalog
    end: Catalog
    generated: str
    problem: str | None = None


@dataclass(frozen=True)
class Planner:
    """Plans one migration.

    Attributes:
        session: with a shadow database that the schema engine has used.
        request: what is asked for.
        schema: the schema that it is to lead to.
        before: the components as the last migration left them.
        after: the components as they will be.
        upgrades: the scripts of components that it takes in.
    """

    session: Session
    request: Request
    schema: tuple[SchemaFile, ...]
    before: States
    after: States
    upgrades: tuple[Upgrade, ...] = ()

    async def plan(self) -> Plan | None:
        """The migration; None if there is nothing to change.

        Raises MigrationStateError if it cannot be as it is asked for, UndecidedError if something is to be decided.
        """
        lead = "".join(upgrade.marked for upgrade in self._moment("before"))
        if lead:
            await self._try_upgrades()
        generated = await self._generate(lead)
        renames: tuple[Step, ...] = ()
        likely: tuple[str, ...] = ()
        if generated is not None and (self.request.rename or "DROP " in generated):
            difference = await self._difference(lead, generated)
            asked = difference.find(self.request.rename)
            renames, likely = difference.steps(asked), self._likely(difference, asked)
        elif self.request.rename:
            raise MigrationStateError(f"--rename {self.request.rename[0]}: nothing is renamed, as nothing changes")
        if renames:
            lead += "-- Rename\n" + "".join(f"{step.up}\n" for step in renames) + "\n"
            generated = await self._generate(lead)
        if not generated and not lead and not self.upgrades and not self.request.create_only:
            return None
        return await self._finished(lead, generated or "", renames, likely)

    async def _finished(self, lead: str, generated: str, renames: tuple[Step, ...], likely: tuple[str, ...]) -> Plan:
        tail = "".join(upgrade.marked for upgrade in self._moment("after"))
        script = _joined(lead, generated, tail)
        back = await (self._way_back(script, renames) if renames else self._way_from_schema())
        async with trial(self.session) as shadow:
            tried = await self._try(shadow, lead, generated)
            if not renames:
                back = replace(back, sql=await repaired_for(self.session, self.schema, back.sql, tried.end))
            if tried.generated != generated:  # views were drafted around it
                script = _joined(lead, tried.generated, tail)
                back = WayBack(back.sql, "it says nothing of the views that migration.sql drops and makes again")
            elif back.problem is None and tried.problem:
                back = replace(back, problem=tried.problem)
            elif back.problem is None:
                back = await there_and_back(shadow, tried.begin, tried.end, script, back)
                if back.problem and not renames:
                    back = await self._second_try(shadow, script, back)
        comparison = Comparison(tried.begin, tried.end, self._owners, self._names, via=tried.generated_from)
        losses = await find_losses(comparison, self.session.connection)
        obstacles = await self._obstacles(tried)
        self._judge(losses, obstacles, likely)
        warnings = [*map(str, losses), *obstacles, *([tried.problem] if tried.problem else [])]
        if back.problem and tried.problem is None:
            warnings.append(f"the way back, down.sql, is not whole: {back.problem}")
        return Plan(
            name=self._name(script),
            script=script,
            down=back.text(script, [f"{loss.name}: {loss.what}" for loss in losses]),
            components=record(self.before, self.after),
            upgrades=self.upgrades,
            warnings=tuple(warnings),
        )

    # ------------------------------------------------------------ what Prisma says

    async def _generate(self, lead: str) -> str | None:
        """Prisma's steps from what the lead leads to; None if there are none."""
        history = self._history if not lead else with_next(self._history, lead)
        engine = self.session.engine
        created = await engine.create_migration("next", history, self.schema, draft=False)
        return await repaired_for(self.session, self.schema, created.script, history) if created.script else None

    async def _way_from_schema(self) -> WayBack:
        """The way back as it most likely is: from the schema, so that only the migrations so far have to be looked at.
        It is not repaired yet."""
        try:
            return WayBack(await steps_back(self.session.engine, SchemaFiles(self.schema), self._history))
        except PrismaError as error:
            return WayBack("", f"it could not be found: {said(error)}")

    async def _second_try(self, shadow: Trial, script: str, first: WayBack) -> WayBack:
        """The way back from what the script makes, which is not always what the schema says, if it is another one."""
        back = await self._way_back(script, ())
        if back.problem or back.sql == first.sql:
            return first
        try:
            before, after = await shadow.play(self._history), await shadow.run(script)
        except asyncpg.PostgresError:  # not as one transaction; the first one tells
            return first
        return await there_and_back(shadow, before, after, script, back)

    async def _way_back(self, script: str, renames: tuple[Step, ...]) -> WayBack:
        try:
            first, start, generated, last = await way_back(
                self.session.engine, self._history, script, renames, self.schema
            )
            return WayBack(first + await repaired_for(self.session, self.schema, generated, start) + last)
        except (PrismaError, asyncpg.PostgresError) as error:  # the script itself does not run; the trial says why
            return WayBack("", f"it could not be found: {said(error)}")

    # ------------------------------------------------------------ what the shadow database says

    async def _try_upgrades(self) -> None:
        """Run the upgrades that come first, so that a mistake in them is told as theirs."""
        async with trial(self.session) as shadow:
            state = await shadow.play(self._history)
            for upgrade in self._moment("before"):
                state = await self._upgrade_trial(shadow).run(upgrade, state)

    async def _difference(self, lead: str, generated: str) -> Difference:
        async with trial(self.session) as shadow:
            await shadow.play(self._history)
            before = await shadow.run(lead)
            try:
                after = await shadow.run(generated)
            except asyncpg.PostgresError as error:
                found = await self._without_views(shadow, generated) if is_blocked(error) else None
                if found is None:
                    raise self._refused(error) from error
                after = found
            return Difference(before, after, self._names, self._default_schema)

    async def _try(self, shadow: Trial, lead: str, generated: str) -> _Tried:
        begin = await shadow.play(self._history)
        before = await shadow.run(lead) if lead else begin
        problem = None
        try:
            after = await shadow.run(generated)
        except asyncpg.PostgresError as error:
            drafted, problem = await self._around_views(shadow, generated, error)
            try:
                after = await shadow.run(drafted)
            except asyncpg.PostgresError as second:
                if not self.request.create_only:
                    raise self._refused(second) from second
                after = await self._without_views(shadow, generated) or before
                return _Tried(begin, before, after, after, drafted, f"it does not run as it stands: {said(second)}")
            generated = drafted
        end = after
        for upgrade in self._moment("after"):
            end = await self._upgrade_trial(shadow).run(upgrade, end)
        return _Tried(begin, before, after, end, generated, problem)

    async def _without_views(self, shadow: Trial, generated: str) -> Catalog | None:
        """Where the steps lead to if the views in their way are gone; None where they do not run even so."""
        views = await views_upon(shadow.connection, generated, self._default_schema)
        try:
            return await shadow.run(dropped(views) + generated)
        except asyncpg.PostgresError:
            return None

    async def _around_views(
        self, shadow: Trial, generated: str, error: asyncpg.PostgresError
    ) -> tuple[str, str | None]:
        """The steps with the views that are in their way dropped before and made again after them."""
        views = await views_upon(shadow.connection, generated, self._default_schema) if is_blocked(error) else ()
        if not views:
            return generated, None
        names = ", ".join(view.name for view in views)
        again = "dropped" if all(view.goes for view in views) else "dropped before and made again after"
        if not self.request.create_only:
            raise MigrationStateError(
                f"the migration cannot be applied, as views stand on what changes: {names}\n  {said(error)}",
                hint=f"To have it written with the views {again}:\n    {self.request.words(create_only=True)}",
            ) from error
        what = ", ".join(f"{view.name} is {'dropped' if view.goes else 'dropped and made again'}" for view in views)
        return around(generated, views), f"look at the views: {what}"

    async def _obstacles(self, tried: _Tried) -> tuple[str, ...]:
        comparison = Comparison(tried.generated_from, tried.generated_to, self._owners, self._names)
        upgraded = {upgrade.component for upgrade in self.upgrades}
        mine = (one for one in tried.begin.tables if self._owners.of_table(one, tried.begin) not in upgraded)
        real = Catalog(tuple(mine), tried.begin.enums, ())  # what upgrades put right cannot be known before
        return await Obstacles(comparison, real, self.session.connection).find()

    def _upgrade_trial(self, shadow: Trial) -> UpgradeTrial:
        return UpgradeTrial(shadow, Owners.of(self.before, self.after), frozenset(self.request.trust))

    # ------------------------------------------------------------ what the user says

    def _likely(self, difference: Difference, decided: Sequence[Rename]) -> tuple[str, ...]:
        """What looks like a rename and has not been decided. Raises UndecidedError if somebody can be asked."""
        likely = tuple(one for one in difference.candidates(decided) if str(one) not in self.request.not_renamed)
        if likely and self.request.asks:
            raise UndecidedError("it is to be decided what is renamed:\n" + listed(likely), renames=likely)
        return tuple(map(str, likely))

    def _judge(self, losses: Sequence[Loss], obstacles: Sequence[str], likely: Sequence[str]) -> None:
        """Raise unless the user has agreed to all that is lost, and the rows allow all that is to be done."""
        missing = unconsented(losses, self.request.allow_drop, self.request.allow_all_of)
        if missing:
            drops = [loss.name for loss in missing]
            hint = f"If that is meant:\n    {self.request.words(drops=drops)}"
            for rename in likely:
                old, _, new = rename.partition("=")
                hint += f"\n  If {old} has been renamed to {new}:\n    {self.request.words(renames=[rename])}"
            raise UndecidedError(
                "the migration would lose something; none has been written:\n" + listed(missing),
                hint=hint,
                losses=missing,
            )
        if obstacles and not self.request.create_only:
            raise MigrationStateError(
                "the rows that are there do not allow the migration; none has been written:\n" + listed(obstacles),
                hint="Put the rows right, or change the schema (a default, or optional first); or have it written"
                f"\n  and change it by hand:\n    {self.request.words(create_only=True)}\n  A component does that for"
                " its own rows in upgrades/<version>/before.sql.",
            )

    def _refused(self, error: asyncpg.PostgresError) -> MigrationStateError:
        return MigrationStateError(
            f"PostgreSQL refuses the migration, none has been written: {said(error)}",
            hint="Change the schema; or have it written and change it by hand:\n"
            f"    {self.request.words(create_only=True)}",
        )

    def _name(self, script: str) -> str:
        """The name of the folder: the one given, or one that tells which components or tables change."""
        name = folder_name(self.request.name or "")
        names = self._history.names
        if self.request.name and not name:
            raise MigrationStateError(
                f"{self.request.name!r} has neither letters nor digits", hint="Name it as in: add_posts"
            )
        changes = self._changes if self.before else ()  # of what no migration has recorded nobody knows that it is new
        name = name or proposed_name(script, first=not names, changes=changes)
        return f"{later_timestamp(timestamp_now(), names)}_{name}"

    # ------------------------------------------------------------ what is known

    @property
    def _history(self) -> MigrationList:
        return self.session.migrations

    @property
    def _default_schema(self) -> str:
        return self.session.target.url.schema

    @property
    def _owners(self) -> Owners:
        return Owners.of(self.before, self.after)

    @property
    def _names(self) -> ModelNames:
        return ModelNames.of(self.schema)

    @property
    def _changes(self) -> tuple[Change, ...]:
        return component_changes(self.before, self.after)

    def _moment(self, moment: str) -> tuple[Upgrade, ...]:
        return tuple(upgrade for upgrade in self.upgrades if upgrade.moment == moment)


def _joined(lead: str, generated: str, tail: str) -> str:
    """The parts of a script; Prisma's alone stay as they are."""
    if not lead and not tail:
        return generated or "-- This is an empty migration.\n"
    return "\n\n".join(part.strip() for part in (lead, generated, tail) if part.strip()) + "\n"
