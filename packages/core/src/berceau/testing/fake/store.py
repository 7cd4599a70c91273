"""The tables in memory: rows, keys, what a foreign key does, and states that can be kept or given up.

Rows are never changed in place, so that a copy of a state costs no more than its lists of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from berceau.testing.datamodel import DataModel, Field, Key, Model, Relation
from berceau.testing.fake.errors import foreign_key_violation, null_violation, unique_violation
from berceau.testing.fake.values import default, stored

Row = dict[str, Any]
Link = tuple[Any, Any]


@dataclass
class State:
    """What the tables hold: by model the rows by number, by relation the links of those that have their own table."""

    tables: dict[str, dict[int, Row]] = field(default_factory=dict)
    links: dict[str, dict[Link, None]] = field(default_factory=dict)

    def copy(self) -> State:
        """The same rows, to be changed apart."""
        return State(
            {name: dict(rows) for name, rows in self.tables.items()},
            {name: dict(links) for name, links in self.links.items()},
        )

    def changed(self, base: State, mine: State) -> None:
        """Take over what `mine` has changed since it was a copy of `base`."""
        for name, rows in mine.tables.items():
            take_over(self.tables.setdefault(name, {}), base.tables.get(name, {}), rows)
        for name, links in mine.links.items():
            take_over(self.links.setdefault(name, {}), base.links.get(name, {}), links)


def take_over(target: dict[Any, Any], base: Mapping[Any, Any], mine: Mapping[Any, Any]) -> None:
    """Add, replace and remove in `target` what was added, replaced and removed between `base` and `mine`."""
    target.update({key: value for key, value in mine.items() if key not in base or base[key] is not value})
    for key in base.keys() - mine.keys():
        target.pop(key, None)


class Tables:
    """One state, with the rules of the schema on every change."""

    def __init__(self, models: DataModel, state: State, numbers: dict[Field, int], rows: Iterator[int]) -> None:
        self.models = models
        self.state = state
        self.numbers = numbers
        self._next = rows

    # ------------------------------------------------------------ rows

    def rows(self, model: str) -> dict[int, Row]:
        """The rows of a model by number."""
        return self.state.tables.setdefault(model, {})

    def find(self, model: str, values: Mapping[str, Any]) -> list[int]:
        """The numbers of the rows that have these values."""
        return [number for number, row in self.rows(model).items() if has(row, values)]

    def links(self, relation: Relation) -> dict[Link, None]:
        """The links of a relation with a table of its own."""
        return self.state.links.setdefault(relation.name, {})

    def link(self, relation: Relation, row: Row, other: Row) -> Link:
        """The link between two rows, seen from a relation's end."""
        mine = row[self.models.models[relation.model].identifier[0]]
        theirs = other[self.models.models[relation.target].identifier[0]]
        return (mine, theirs) if is_first(relation) else (theirs, mine)

    def related(self, relation: Relation, row: Row) -> list[int]:
        """The numbers of the rows that a row is related to."""
        if self.models.is_many_to_many(relation):
            mine = row[self.models.models[relation.model].identifier[0]]
            first = is_first(relation)
            theirs = {link[first] for link in self.links(relation) if link[not first] == mine}
            name = self.models.models[relation.target].identifier[0]
            return [number for number, other in self.rows(relation.target).items() if other[name] in theirs]
        return self.find(relation.target, values) if (values := self.key_of_related(relation, row)) else []

    def key_of_related(self, relation: Relation, row: Row) -> dict[str, Any]:
        """What the related rows have to hold; nothing where the key is null."""
        if relation.holds_key:
            pairs = dict(zip(relation.references, (row[name] for name in relation.fields), strict=True))
        else:
            other = self.models.opposite(relation)
            pairs = dict(zip(other.fields, (row[name] for name in other.references), strict=True))
        return {} if None in pairs.values() else pairs

    # ------------------------------------------------------------ changes

    def insert(
        self, model: Model, data: Mapping[str, Any], *, skip_duplicates: bool = False, checked: bool = True
    ) -> int | None:
        """A new row with what was given and the defaults; None where it was passed over.

        Without `checked` it is for the caller to check the row's references, once all rows of a statement are there.
        """
        row = {
            name: stored(self.models, info, data[name]) if name in data else default(self.models, info, self.numbers)
            for name, info in model.fields.items()
        }
        self._check_nulls(model, row)
        if (key := self._duplicate(model, row)) is not None:
            if skip_duplicates:
                return None
            raise unique_violation(model, key)
        number = next(self._next)
        self.rows(model.name)[number] = row
        if checked:
            self.check_references(model, row)
        return number

    def update(self, model: Model, numbers: Iterable[int], changes: Mapping[int, Mapping[str, Any]]) -> None:
        """Change rows; `changes` holds for each the new values."""
        rows = self.rows(model.name)
        for number in numbers:
            old = rows[number]
            row = {**old, **{name: stored(self.models, model.fields[name], v) for name, v in changes[number].items()}}
            self._check_nulls(model, row)
            if (key := self._duplicate(model, row, number)) is not None:
                raise unique_violation(model, key)
            rows[number] = row
            self._key_changed(model, old, row)
            self.check_references(model, rows[number], old)

    def delete(self, model: Model, numbers: Iterable[int]) -> None:
        """Remove rows, and do with those that refer to them what the schema says."""
        gone = {number: row for number in numbers if (row := self.rows(model.name).pop(number, None)) is not None}
        later: list[Relation] = []
        for row in gone.values():
            self._unlink(model, row)
            for relation in self.models.references[model.name]:
                self._referred_row_deleted(relation, row, later)
        for relation in later:
            for row in gone.values():
                if self._referring(relation, row):
                    raise foreign_key_violation(self.models.models[relation.model], relation)

    def _referred_row_deleted(self, relation: Relation, row: Row, later: list[Relation]) -> None:
        referring = self._referring(relation, row)
        model = self.models.models[relation.model]
        match relation.on_delete:
            case "Cascade":
                self.delete(model, referring)
            case "SetNull" | "SetDefault" if referring:
                self._set(model, relation, referring, relation.on_delete)
            case "Restrict" if referring:
                raise foreign_key_violation(model, relation)
            case _:
                later.append(relation)

    def _key_changed(self, model: Model, old: Row, new: Row) -> None:
        for relation in self.models.references[model.name]:
            if all(old[name] == new[name] for name in relation.references):
                continue
            referring = self._referring(relation, old)
            if not referring:
                continue
            child = self.models.models[relation.model]
            match relation.on_update:
                case "Cascade":
                    key = {name: new[of] for name, of in zip(relation.fields, relation.references, strict=True)}
                    self.update(child, referring, dict.fromkeys(referring, key))
                case "SetNull" | "SetDefault":
                    self._set(child, relation, referring, relation.on_update)
                case _:
                    raise foreign_key_violation(child, relation)
        for relation in model.relations.values():
            if self.models.is_many_to_many(relation):
                self._relink(relation, old[model.identifier[0]], new[model.identifier[0]])

    def _set(self, model: Model, relation: Relation, numbers: list[int], action: str) -> None:
        values = {
            name: default(self.models, model.fields[name], self.numbers) if action == "SetDefault" else None
            for name in relation.fields
        }
        self.update(model, numbers, dict.fromkeys(numbers, values))

    def _referring(self, relation: Relation, row: Row) -> list[int]:
        """The rows whose key leads to a row."""
        return self.find(
            relation.model, {name: row[of] for name, of in zip(relation.fields, relation.references, strict=True)}
        )

    def _unlink(self, model: Model, row: Row) -> None:
        for relation in model.relations.values():
            if self.models.is_many_to_many(relation):
                mine, place = row[model.identifier[0]], not is_first(relation)
                for link in [link for link in self.links(relation) if link[place] == mine]:
                    del self.links(relation)[link]

    def _relink(self, relation: Relation, old: Any, new: Any) -> None:
        if old == new:
            return
        first, links = is_first(relation), self.links(relation)
        for link in [link for link in links if link[not first] == old]:
            del links[link]
            links[(new, link[1]) if first else (link[0], new)] = None

    # ------------------------------------------------------------ rules

    def _check_nulls(self, model: Model, row: Row) -> None:
        for name, info in model.fields.items():
            if info.required and not info.is_list and row[name] is None:
                raise null_violation(info)

    def _duplicate(self, model: Model, row: Row, number: int | None = None) -> Key | None:
        """The unique key that another row has already."""
        for key in model.unique_keys:
            values = {name: row[name] for name in key}
            if None in values.values():
                continue
            if any(other != number for other in self.find(model.name, values)):
                return key
        return None

    def check_keys(self) -> None:
        """Raise the error for two records with one key, as other transactions may have made them."""
        for model in self.models.models.values():
            for number, row in self.rows(model.name).items():
                if (key := self._duplicate(model, row, number)) is not None:
                    raise unique_violation(model, key)

    def check_references(self, model: Model, row: Row, old: Row | None = None) -> None:
        """Raise the error for a key that leads nowhere, if it is not as it was in the old row."""
        for relation in model.relations.values():
            if relation.holds_key and (old is None or any(row[name] != old[name] for name in relation.fields)):
                values = self.key_of_related(relation, row)
                if values and not self.find(relation.target, values):
                    raise foreign_key_violation(model, relation)


def has(row: Row, values: Mapping[str, Any]) -> bool:
    """Whether a row has these values."""
    return all(row[name] == value for name, value in values.items())


def is_first(relation: Relation) -> bool:
    """Whether the links of a relation begin with the records of this end."""
    return (relation.model, relation.field) <= (relation.target, relation.opposite)
