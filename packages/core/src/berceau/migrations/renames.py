"""Renamed tables and columns: Prisma sees one go and another come; asked for, it becomes `ALTER … RENAME`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from berceau.errors import MigrationStateError
from berceau.migrations.catalog import Catalog, Column, Constraint, Index, Table
from berceau.migrations.ownership import ModelNames
from berceau_engine.postgres import quote_identifier

_LIKE = 0.6  # of all columns of two tables, this share must agree for the question whether one has become the other


@dataclass(frozen=True)
class Rename:
    """A table, or a column of it, that gets another name. As text it is what `--rename` takes."""

    table: str
    column: str | None
    new: str
    schema: str = field(repr=False)
    new_table: str = ""

    def __str__(self) -> str:
        return f"{self.table}={self.new}" if self.column is None else f"{self.table}.{self.column}={self.new}"


@dataclass(frozen=True)
class Step:
    """SQL that renames something, and SQL that takes it back."""

    up: str
    down: str


@dataclass(frozen=True)
class Difference:
    """Between two states of a database: what a rename could join; `schema` needs not be named in SQL."""

    before: Catalog
    after: Catalog
    names: ModelNames
    schema: str

    def gone(self) -> tuple[Table, ...]:
        """Tables that go."""
        return tuple(one for one in self.before.tables if not one.is_view and one.oid not in self.after.by_oid)

    def come(self) -> tuple[Table, ...]:
        """Tables that come."""
        return tuple(one for one in self.after.tables if not one.is_view and one.oid not in self.before.by_oid)

    def pairs(self, renames: Sequence[Rename]) -> Iterator[tuple[Table, Table, list[Column], list[Column]]]:
        """Each table before and after (kept, or renamed), with its columns that go and those that come."""
        for table in self.before.tables:
            now = self.after.by_oid.get(table.oid)
            if now is not None and not table.is_view:
                went = [one for one in table.columns if one.number not in now.by_number]
                came = [one for one in now.columns if one.number not in table.by_number]
                yield table, now, went, came
        for rename in renames:
            old = self.before.by_name.get((rename.schema, rename.table))
            new = self.after.by_name.get((rename.schema, rename.new))
            if rename.column is None and old and new:
                went = [one for one in old.columns if one.name not in new.by_name]
                came = [one for one in new.columns if one.name not in old.by_name]
                yield old, new, went, came

    def candidates(self, decided: Sequence[Rename]) -> Iterator[Rename]:
        """What looks like a rename, and is not decided yet."""
        tables = {rename.table for rename in decided if rename.column is None}
        taken = {rename.new for rename in decided if rename.column is None}
        for old in self.gone():
            for new in self.come():
                if old.joins or old.name in tables or new.name in taken or old.schema != new.schema:
                    continue
                if _likeness(old, new) >= _LIKE:
                    yield Rename(old.name, None, new.name, old.schema, new.name)
        for table, now, went, came in self.pairs(decided):
            for column in went:
                for other in came:
                    if _alike(column, other) and not _is_decided(decided, table, column, other):
                        yield Rename(table.name, column.name, other.name, table.schema, now.name)

    def find(self, texts: Sequence[str]) -> tuple[Rename, ...]:
        """The renames that were asked for, tables first, with the tables of their many-to-many relations.

        Raises MigrationStateError for one that is not of the form, that cannot be, or comes twice.
        """
        asked = [_parse(text) for text in texts]
        tables = [self._table(text, old, new) for text, old, new in asked if self._is_table(old)]
        tables += [rename for rename in self._join_tables(tables) if rename.table not in {one.table for one in tables}]
        columns = [self._column(text, old, new, tables) for text, old, new in asked if not self._is_table(old)]
        renames = (*tables, *columns)
        _refuse_twice(renames)
        return renames

    def _is_table(self, old: str) -> bool:
        return "." not in old or any(old == table.name for table in self.before.tables)

    def _table(self, text: str, old: str, new: str) -> Rename:
        gone = [table for table in self.gone() if old in self.names.names(table.name)]
        come = [table for table in self.come() if new in self.names.names(table.name)]
        if not gone or not come:
            raise self._impossible(text, old if not gone else new, "table", not gone)
        if gone[0].schema != come[0].schema:
            raise MigrationStateError(f"--rename {text}: the tables are in two PostgreSQL schemas")
        return Rename(gone[0].name, None, come[0].name, gone[0].schema, come[0].name)

    def _column(self, text: str, old: str, new: str, tables: Sequence[Rename]) -> Rename:
        for table, now, went, came in self.pairs(tables):
            named = {name for one in (table.name, now.name) for name in self.names.names(one)}
            if old.rpartition(".")[0] not in named:
                continue
            word = old.rpartition(".")[2]
            gone = [column for column in went if column.name == word]
            come = [
                column for column in came if new == column.name or new == self.names.fields.get((now.name, column.name))
            ]
            if not gone or not come:
                raise self._impossible(text, word if not gone else new, f"column of {table.name}", not gone)
            return Rename(table.name, gone[0].name, come[0].name, table.schema, now.name)
        raise self._impossible(text, old.rpartition(".")[0], "table", gone=True)

    def _impossible(self, text: str, name: str, what: str, gone: bool) -> MigrationStateError:
        possible = ", ".join(f"--rename {rename}" for rename in self.candidates(()))
        return MigrationStateError(
            f"--rename {text}: no {what} {name!r} {'disappears' if gone else 'appears'} in this migration",
            hint=f"These are alike: {possible}" if possible else "The form is Table.old=new, or Table=NewTable.",
        )

    def _join_tables(self, tables: Sequence[Rename]) -> Iterator[Rename]:
        """The tables of many-to-many relations that go with their models."""
        new_names = {rename.table: rename.new for rename in tables}
        for old in self.gone():
            if not old.joins:
                continue
            wanted = {new_names.get(name, name) for name in _targets(old, self.before).values()}
            for new in self.come():
                if new.joins and set(_targets(new, self.after).values()) == wanted and new.schema == old.schema:
                    yield Rename(old.name, None, new.name, old.schema, new.name)
                    break

    def steps(self, renames: Sequence[Rename]) -> tuple[Step, ...]:
        """The SQL that renames, in order; the names of constraints that Prisma leaves alone, and sequences, follow."""
        steps: list[Step] = []
        tables = {rename.table: rename.new for rename in renames if rename.column is None}
        for rename in renames:
            table = self.before.by_name[rename.schema, rename.table]
            if rename.column is None:
                old, new = self._sql(rename, table.name), self._sql(rename, rename.new)
                steps.append(_step("ALTER TABLE {} RENAME TO {};", old, _name(rename.new), new, _name(table.name)))
                if table.joins:
                    steps += self._join_steps(table, rename, tables)
            else:
                where = self._sql(rename, tables.get(rename.table, rename.table))
                old, new = _name(rename.column), _name(rename.new)
                steps.append(_step(f"ALTER TABLE {where} RENAME COLUMN {{}} TO {{}};", old, new, new, old))
        return (*steps, *self._sequences(renames, tables))

    def _join_steps(self, table: Table, rename: Rename, tables: dict[str, str]) -> Iterator[Step]:
        """Prisma names the columns by the order of the models' names, which may have changed."""
        before, after = (
            _targets(table, self.before),
            _targets(self.after.by_name[rename.schema, rename.new], self.after),
        )
        crossed = before.get("A") != before.get("B") and tables.get(before["A"], before["A"]) != after["A"]
        where = self._sql(rename, rename.new)
        new_table = self.after.by_name[rename.schema, rename.new]
        if crossed:  # the indexes begin with the other column then: they are made anew
            yield Step(*(" ".join(how(where, table, one) for one in table.indexes) for how in (_dropped, _made)))
            for one, other in (("A", "C"), ("B", "A"), ("C", "B")):
                yield Step(
                    f'ALTER TABLE {where} RENAME COLUMN "{one}" TO "{other}";',
                    f'ALTER TABLE {where} RENAME COLUMN "{other}" TO "{one}";',
                )
            yield Step(
                *(" ".join(how(where, new_table, one) for one in new_table.indexes) for how in (_made, _dropped))
            )
        for key in (one for one in table.constraints if one.kind == "f"):
            letter = _letter(table, key)
            letter = {"A": "B", "B": "A"}[letter] if crossed else letter
            old, new = _name(key.name), _name(f"{rename.new}_{letter}_fkey")
            yield _step(f"ALTER TABLE {where} RENAME CONSTRAINT {{}} TO {{}};", old, new, new, old)

    def _sql(self, rename: Rename, table: str) -> str:
        return _name(table) if rename.schema == self.schema else f"{_name(rename.schema)}.{_name(table)}"

    def _sequences(self, renames: Sequence[Rename], tables: dict[str, str]) -> Iterator[Step]:
        columns = {(rename.table, rename.column): rename.new for rename in renames if rename.column}
        for table in self.before.tables:
            for column in table.columns:
                if "nextval" not in (column.value or "") and not column.kind:
                    continue
                old = f"{table.name}_{column.name}_seq"
                new = f"{tables.get(table.name, table.name)}_{columns.get((table.name, column.name), column.name)}_seq"
                if old != new and len(new) < 64 and (column.kind or old in (column.value or "")):
                    where = "" if table.schema == self.schema else f"{_name(table.schema)}."
                    form = f"ALTER SEQUENCE IF EXISTS {where}{{}} RENAME TO {{}};"
                    yield _step(form, _name(old), _name(new), _name(new), _name(old))


def _parse(text: str) -> tuple[str, str, str]:
    old, sign, new = text.partition("=")
    if not sign or not old.strip() or not new.strip():
        raise MigrationStateError(
            f"--rename {text}: this says not what becomes what", hint="The form is Table.old=new, or Table=NewTable."
        )
    new = new.strip()
    if "." in old and new.startswith(old.rpartition(".")[0] + "."):  # Table.old=Table.new
        new = new.rpartition(".")[2]
    return text, old.strip(), new


def _refuse_twice(renames: Sequence[Rename]) -> None:
    olds = [(rename.schema, rename.table, rename.column) for rename in renames]
    news = [(rename.schema, rename.new_table, rename.column and rename.new) for rename in renames]
    for rename, old, new in zip(renames, olds, news, strict=True):
        if olds.count(old) > 1 or news.count(new) > 1:
            raise MigrationStateError(
                f"--rename {rename}: one of the two is in another --rename too", hint="Keep one of them."
            )


def _is_decided(decided: Sequence[Rename], table: Table, column: Column, other: Column) -> bool:
    mine = [rename for rename in decided if rename.table == table.name and rename.column]
    return any(rename.column == column.name or rename.new == other.name for rename in mine)


def _alike(one: Column, other: Column) -> bool:
    return (one.type, one.required, one.value, one.kind) == (other.type, other.required, other.value, other.kind)


def _likeness(old: Table, new: Table) -> float:
    one, two = ({(column.name, column.type) for column in table.columns} for table in (old, new))
    return len(one & two) / len(one | two) if one | two else 0


def _targets(table: Table, catalog: Catalog) -> dict[str, str]:
    """Which tables the columns of a many-to-many relation's table lead to."""
    keys = (one for one in table.constraints if one.kind == "f" and one.other in catalog.by_oid)
    return {_letter(table, one): catalog.by_oid[one.other].name for one in keys}


def _step(form: str, old: str, new: str, old_then: str, new_then: str) -> Step:
    return Step(form.format(old, new), form.format(old_then, new_then))


def _made(where: str, table: Table, index: Index) -> str:
    columns = ", ".join(_name(table.by_number[number].name) for number in index.columns)
    if index.primary:
        return f"ALTER TABLE {where} ADD CONSTRAINT {_name(index.name)} PRIMARY KEY ({columns});"
    return f"CREATE {'UNIQUE ' if index.unique else ''}INDEX {_name(index.name)} ON {where}({columns});"


def _dropped(where: str, _: Table, index: Index) -> str:
    if index.primary:
        return f"ALTER TABLE {where} DROP CONSTRAINT {_name(index.name)};"
    return f"DROP INDEX {where.rpartition('.')[0] + '.' if '.' in where else ''}{_name(index.name)};"


def _letter(table: Table, key: Constraint) -> str:
    return table.by_number[key.columns[0]].name


def _name(name: str) -> str:
    return quote_identifier(name)
