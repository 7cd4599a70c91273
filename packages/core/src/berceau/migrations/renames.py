"""Renamed tables, columns, enums and their values: Prisma sees one go and another come; asked for, it becomes
`ALTER … RENAME`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, field

from berceau.errors import MigrationStateError
from berceau.migrations.catalog import Catalog, Column, Constraint, Enum, Index, Table
from berceau.migrations.ownership import ModelNames
from berceau_engine.postgres import quote_identifier

_LIKE = 0.6  # of all columns of two tables, this share must agree for the question whether one has become the other
_LIKE_ENUMS = 0.5  # of all values of two enums


@dataclass(frozen=True)
class Rename:
    """A table, or a column of it, that gets another name; or an enum (`of_enum`), or a value of it.

    As text it is what `--rename` takes.
    """

    table: str
    column: str | None
    new: str
    schema: str = field(repr=False)
    new_table: str = ""
    of_enum: bool = False

    @property
    def of_table(self) -> bool:
        """Whether a table is renamed, and not something in it."""
        return self.column is None and not self.of_enum

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
            if rename.of_table and old and new:
                went = [one for one in old.columns if one.name not in new.by_name]
                came = [one for one in new.columns if one.name not in old.by_name]
                yield old, new, went, came

    def candidates(self, decided: Sequence[Rename]) -> Iterator[Rename]:
        """What looks like a rename, and is not decided yet."""
        yield from self._enums.candidates(decided)
        tables = {rename.table for rename in decided if rename.of_table}
        taken = {rename.new for rename in decided if rename.of_table}
        for old in self.gone():
            for new in self.come():
                if old.joins or old.name in tables or new.name in taken or old.schema != new.schema:
                    continue
                if _likeness(old, new) >= _LIKE:
                    yield Rename(old.name, None, new.name, old.schema, new.name)
        alike = self._enums.alike(decided)
        for table, now, went, came in self.pairs(decided):
            stay = {one.name for one in went for other in came if one.name == other.name and alike(one, other)}
            for column in (one for one in went if one.name not in stay):
                for other in (one for one in came if one.name not in stay):
                    if alike(column, other) and not _is_decided(decided, table, column, other):
                        yield Rename(table.name, column.name, other.name, table.schema, now.name)

    def find(self, texts: Sequence[str]) -> tuple[Rename, ...]:
        """The renames that were asked for: enums, tables with those of their many-to-many relations, columns.

        Raises MigrationStateError for one that is not of the form, that cannot be, or comes twice.
        """
        words = [_parse(text) for text in texts]
        enums = self._enums.find([word for word in words if self._enums.has(word[1])])
        asked = [word for word in words if not self._enums.has(word[1])]
        tables = [self._table(text, old, new) for text, old, new in asked if self._is_table(old)]
        tables += [rename for rename in self._join_tables(tables) if rename.table not in {one.table for one in tables}]
        columns = [self._column(text, old, new, tables) for text, old, new in asked if not self._is_table(old)]
        renames = (*enums, *tables, *columns)
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

    @property
    def _enums(self) -> _Enums:
        return _Enums(self.before, self.after, self.names, self.schema)

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
        steps = [self._enums.step(rename, renames) for rename in renames if rename.of_enum]
        renames = [rename for rename in renames if not rename.of_enum]
        tables = {rename.table: rename.new for rename in renames if rename.of_table}
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


@dataclass(frozen=True)
class _Enums:
    """The part of a difference that is about enums; one that is made anew under its name is still the same."""

    before: Catalog
    after: Catalog
    names: ModelNames
    schema: str

    def gone(self) -> tuple[Enum, ...]:
        """Enums that go."""
        return tuple(one for one in self.before.enums if not self.after.enum_now(one))

    def come(self) -> tuple[Enum, ...]:
        """Enums that come."""
        return tuple(one for one in self.after.enums if not self.before.enum_now(one))

    def pairs(self, renames: Sequence[Rename]) -> Iterator[tuple[Enum, Enum]]:
        """Each enum before and after (kept, or renamed)."""
        new_names = {(one.schema, one.table): one.new for one in renames if one.of_enum and one.column is None}
        for enum in self.before.enums:
            new = new_names.get((enum.schema, enum.name), enum.name)
            now = next((one for one in self.after.enums if (one.schema, one.name) == (enum.schema, new)), None)
            if now is not None:
                yield enum, now

    def candidates(self, decided: Sequence[Rename]) -> Iterator[Rename]:
        """What looks like a rename: of an enum, by its values; of a value, by its place among them."""
        mine = [rename for rename in decided if rename.of_enum]
        for old in self.gone():
            for new in self.come():
                is_decided = any(one.table == old.name or one.new == new.name for one in mine if one.column is None)
                if (
                    old.schema == new.schema
                    and not is_decided
                    and _share(set(old.values), set(new.values)) >= _LIKE_ENUMS
                ):
                    yield Rename(old.name, None, new.name, old.schema, new.name, of_enum=True)
        for enum, now in self.pairs(decided):
            taken = {value for one in mine if one.table == enum.name for value in (one.column, one.new)}
            for value, new_value in zip(enum.values, now.values, strict=False):
                if value not in now.values and new_value not in enum.values and not {value, new_value} & taken:
                    yield Rename(enum.name, value, new_value, enum.schema, now.name, of_enum=True)

    def has(self, old: str) -> bool:
        """Whether this is the name of an enum that was there, or of something in one."""
        name = old.partition(".")[0]
        if any(table.name == name for table in self.before.tables):
            return False
        return any(name in self.names.names(enum.name) for enum in self.before.enums)

    def find(self, asked: Sequence[tuple[str, str, str]]) -> tuple[Rename, ...]:
        """The renames that were asked for. Raises MigrationStateError for one that cannot be."""
        whole = [self._enum(*words) for words in asked if "." not in words[1]]
        return (*whole, *(self._renamed_value(*words, whole) for words in asked if "." in words[1]))

    def _enum(self, text: str, old: str, new: str) -> Rename:
        for enum in (one for one in self.gone() if old in self.names.names(one.name)):
            for other in self.come():
                if new in self.names.names(other.name) and other.schema == enum.schema:
                    return Rename(enum.name, None, other.name, enum.schema, other.name, of_enum=True)
        raise self._impossible(text, f"enum {old!r} becomes {new!r}")

    def _renamed_value(self, text: str, old: str, new: str, decided: Sequence[Rename]) -> Rename:
        for enum, now in self.pairs(decided):
            value = self._value(old, enum)
            new_values = [one for one in now.values if new in (one, self.names.fields.get((now.name, one)))]
            if value and value not in now.values and new_values and new_values[0] not in enum.values:
                return Rename(enum.name, value, new_values[0], enum.schema, now.name, of_enum=True)
        raise self._impossible(text, f"value {old!r} of an enum becomes {new!r}")

    def _value(self, old: str, enum: Enum) -> str | None:
        """The value of the enum that is meant by `Enum.value`."""
        return next((one for one in enum.values if old in self.names.names(enum.name, one)), None)

    def _impossible(self, text: str, what: str) -> MigrationStateError:
        possible = ", ".join(f"--rename {rename}" for rename in self.candidates(()))
        return MigrationStateError(
            f"--rename {text}: no {what} in this migration",
            hint=f"These are alike: {possible}" if possible else "The form is Enum=NewEnum, or Enum.old=new.",
        )

    def step(self, rename: Rename, renames: Sequence[Rename]) -> Step:
        """The SQL that renames an enum, or a value of one that has been renamed before."""
        where = "" if rename.schema == self.schema else f"{_name(rename.schema)}."
        old, new = _name(rename.table), _name(rename.new)
        if rename.column is None:
            return _step("ALTER TYPE {} RENAME TO {};", where + old, new, where + new, old)
        form = f"ALTER TYPE {where}{_name(rename.new_table)} RENAME VALUE {{}} TO {{}};"
        old, new = _literal(rename.column), _literal(rename.new)
        return _step(form, old, new, new, old)

    def alike(self, decided: Sequence[Rename]) -> Callable[[Column, Column], bool]:
        """Whether two columns are the same but for their names, and those of their enums."""
        new_types = {enum.oid: now for enum, now in self.pairs(decided)}
        new_types |= {enum.array_oid: now for enum, now in self.pairs(decided)}

        def compared(one: Column, other: Column) -> bool:
            if (one.required, one.kind) != (other.required, other.kind):
                return False
            now = new_types.get(one.type_oid)
            if now is None or one.type == other.type or not now.is_type_of(other):
                return (one.type, one.value) == (other.type, other.value)
            literals = [value and value.rpartition("::")[0] for value in (one.value, other.value)]
            return one.type.endswith("[]") == other.type.endswith("[]") and literals[0] == literals[1]

        return compared


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
    mine = [rename for rename in decided if rename.table == table.name and rename.column and not rename.of_enum]
    return any(rename.column == column.name or rename.new == other.name for rename in mine)


def _likeness(old: Table, new: Table) -> float:
    one, two = ({(column.name, column.type) for column in table.columns} for table in (old, new))
    return _share(one, two)


def _share(one: Set[object], two: Set[object]) -> float:
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


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
