"""What is nested in a write's data: related records that are created, connected, changed, disconnected or deleted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from berceau.testing.datamodel import Model, Relation
from berceau.testing.fake.filters import listed, matches
from berceau.testing.fake.reading import unique
from berceau_engine.plan.rules import violation

if TYPE_CHECKING:
    from berceau.testing.fake.writing import Writer

Data = Mapping[str, Any]
INLINE = frozenset({"create", "connect", "connectOrCreate", "upsert"})
"""What is done before the record that will hold the key."""


class Nested:
    """Carries out nested writes on behalf of a `Writer`."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._tables = writer.tables

    # ------------------------------------------------------------ where this record holds the key

    def before(self, model: Model, data: Data, number: int | None = None) -> dict[str, Any]:
        """The keys of records that this one will refer to, which are made or found first."""
        key: dict[str, Any] = {}
        for name, operations in data.items():
            relation = model.relations.get(name)
            if relation is not None and relation.holds_key:
                for operation, value in operations.items():
                    found = self._parent(relation, operation, value, number)
                    if found is not None:
                        row = self._writer.row(self._writer.model(relation.target), found)
                        mine = {name: row[of] for name, of in zip(relation.fields, relation.references, strict=True)}
                        self._free(relation, mine, but=number)
                        key |= mine
        return key

    def _free(self, relation: Relation, key: Data, but: int | None) -> None:
        """In a one-to-one relation, let go the record that refers to the same one so far."""
        if self._tables.models.opposite(relation).many:
            return
        for holder in self._tables.find(relation.model, key):
            if holder != but:
                if relation.required:
                    raise required(relation)
                empty = dict.fromkeys(self._own(relation))
                self._tables.update(self._writer.model(relation.model), [holder], {holder: empty})

    def _parent(self, relation: Relation, operation: str, value: Any, number: int | None) -> int | None:
        """The record to refer to from now on, if the operation gives one."""
        target = self._writer.model(relation.target)
        match operation:
            case "create":
                return self._writer.create(target, value)
            case "connect":
                return self._found(relation, value)
            case "connectOrCreate":
                found = unique(self._tables, target, value["where"])
                return self._writer.create(target, value["create"]) if found is None else found
            case "upsert" if number is not None:
                current = self._current(relation, number, value.get("where"))
                if not current:
                    return self._writer.create(target, value["create"])
                self._writer.update(target, current[0], value["update"])
        return None

    def _found(self, relation: Relation, where: Data) -> int:
        found = unique(self._tables, self._writer.model(relation.target), where)
        if found is None:
            raise self._missing(relation, "connect", inline=True)
        return found

    def _missing(self, relation: Relation, operation: str, *, inline: bool = False) -> Exception:
        """The error for a related record that is not there."""
        context = {
            "model": relation.target,
            "operation": f"a nested {operation}",
            "relationType": kind(relation, self._tables.models.opposite(relation)),
            "relation": relation.name,
            "neededFor": "inline the relation on the record(s)" if inline else None,
        }
        return violation("MISSING_RELATED_RECORD", context, None)

    def missing_parent(self, model: Model, data: Data) -> Exception | None:
        """The error for a record that is not there, but has others nested in its data."""
        for name in data:
            relation = model.relations.get(name)
            if relation is not None and not relation.holds_key:
                opposite = self._tables.models.opposite(relation)
                return self._missing(opposite, "create", inline=True)
        return None

    def _current(self, relation: Relation, number: int, where: Data | None = None) -> list[int]:
        """The related records that there are now, that fit."""
        target = self._writer.model(relation.target)
        rows = self._tables.rows(target.name)
        related = self._tables.related(relation, self._tables.rows(relation.model)[number])
        return [n for n in related if not where or matches(self._tables, target, where, rows[n]) is True]

    # ------------------------------------------------------------ where it does not, and what else is done

    def after(self, model: Model, number: int, data: Data) -> None:
        """What is done with related records once this one is there."""
        for name, operations in data.items():
            relation = model.relations.get(name)
            if relation is None:
                continue
            for operation, value in operations.items():
                if relation.holds_key and operation in INLINE:
                    continue
                if not relation.many:
                    self._one(relation, number, operation, value)
                else:
                    MANY[operation](self, relation, number, value)

    def _one(self, relation: Relation, number: int, operation: str, value: Any) -> None:
        target = self._writer.model(relation.target)
        match operation:
            case "create":
                self._make_room(relation, number)
                self._writer.create(target, value, self._key(relation, number))
            case "connect":
                self._take(relation, number, self._found(relation, value))
            case "connectOrCreate":
                found = unique(self._tables, target, value["where"])
                if found is None:
                    self._make_room(relation, number)
                    self._writer.create(target, value["create"], self._key(relation, number))
                else:
                    self._take(relation, number, found)
            case "update":
                where, change = (value.get("where"), value["data"]) if is_filtered(value) else (None, value)
                self._writer.update(target, self._only(relation, number, where, "update"), change)
            case "upsert":
                current = self._current(relation, number, value.get("where"))
                if current:
                    self._writer.update(target, current[0], value["update"])
                else:
                    self._writer.create(target, value["create"], self._key(relation, number))
            case "delete" if value is not False:
                found = self._only(relation, number, value, "delete")
                if relation.holds_key:
                    self._release(relation, number, found)
                self._tables.delete(target, [found])
            case "disconnect" if value is not False:
                where = value if isinstance(value, dict) and not relation.holds_key else None
                for found in self._current(relation, number, where):
                    self._release(relation, number, found)

    def _only(self, relation: Relation, number: int, where: Any, operation: str) -> int:
        current = self._current(relation, number, where if isinstance(where, dict) else None)
        if not current:
            raise self._missing(relation, operation)
        return current[0]

    def _key(self, relation: Relation, number: int) -> dict[str, Any]:
        """What a related record must hold to belong to this one."""
        row = self._tables.rows(relation.model)[number]
        other = self._tables.models.opposite(relation)
        return {name: row[of] for name, of in zip(other.fields, other.references, strict=True)}

    def _make_room(self, relation: Relation, number: int, but: int | None = None) -> None:
        """Let go the one related record that there is, if it is not the one that comes."""
        for found in self._current(relation, number):
            if found != but:
                self._release(relation, number, found)

    def _take(self, relation: Relation, number: int, found: int) -> None:
        self._make_room(relation, number, but=found)
        self._attach(relation, number, found)

    def _attach(self, relation: Relation, number: int, found: int) -> None:
        """Make a record a related one."""
        if self._tables.models.is_many_to_many(relation):
            self._tables.links(relation)[self._link(relation, number, found)] = None
        else:
            target = self._writer.model(relation.target)
            self._writer.change(target, [found], {}, self._key(relation, number))

    def _release(self, relation: Relation, number: int, found: int) -> None:
        """Make a record no longer a related one. Raises P2014 where it must have one."""
        if self._tables.models.is_many_to_many(relation):
            self._tables.links(relation).pop(self._link(relation, number, found), None)
            return
        holder = relation if relation.holds_key else self._tables.models.opposite(relation)
        if holder.required:
            raise required(relation)
        held = number if relation.holds_key else found
        self._tables.update(self._writer.model(holder.model), [held], {held: dict.fromkeys(self._own(holder))})

    def _own(self, holder: Relation) -> tuple[str, ...]:
        """The fields of a key that may be null: those shared with another key may not."""
        model = self._writer.model(holder.model)
        return tuple(name for name in holder.fields if not model.fields[name].required) or holder.fields

    def _link(self, relation: Relation, number: int, found: int) -> tuple[Any, Any]:
        rows, others = self._tables.rows(relation.model), self._tables.rows(relation.target)
        return self._tables.link(relation, rows[number], others[found])

    # ------------------------------------------------------------ several related records

    def _create(self, relation: Relation, number: int, value: Any) -> None:
        for item in listed(value):
            self._created(relation, number, item)

    def _created(self, relation: Relation, number: int, data: Data) -> None:
        target = self._writer.model(relation.target)
        if self._tables.models.is_many_to_many(relation):
            self._attach(relation, number, self._writer.create(target, data))
        else:
            self._writer.create(target, data, self._key(relation, number))

    def _create_many(self, relation: Relation, number: int, value: Any) -> None:
        target = self._writer.model(relation.target)
        skip = bool(value.get("skipDuplicates"))
        self._writer.create_many(target, value["data"], skip_duplicates=skip, key=self._key(relation, number))

    def _connect(self, relation: Relation, number: int, value: Any) -> None:
        target = self._writer.model(relation.target)
        wanted = listed(value)
        found = [unique(self._tables, target, where) for where in wanted]
        if self._tables.models.is_many_to_many(relation) and None in found:
            there = len(found) - found.count(None)
            raise violation("INCOMPLETE_CONNECT_INPUT", {"expectedRows": len(wanted)}, [None] * there)
        for item in found:
            if item is not None:
                self._attach(relation, number, item)
        if None in found:
            context = {
                "expectedRows": len(wanted),
                "relation": relation.name,
                "relationType": kind(relation, self._tables.models.opposite(relation)),
            }
            raise violation("INCOMPLETE_CONNECT_OUTPUT", context, [n for n in found if n is not None])

    def _connect_or_create(self, relation: Relation, number: int, value: Any) -> None:
        for item in listed(value):
            found = unique(self._tables, self._writer.model(relation.target), item["where"])
            if found is None:
                self._created(relation, number, item["create"])
            else:
                self._attach(relation, number, found)

    def _set(self, relation: Relation, number: int, value: Any) -> None:
        target = self._writer.model(relation.target)
        kept = [unique(self._tables, target, where) for where in listed(value)]
        current = self._current(relation, number)
        for found in current:
            if found not in kept:
                self._release(relation, number, found)
        for item in kept:
            if item is not None and item not in current:
                self._attach(relation, number, item)

    def _disconnect(self, relation: Relation, number: int, value: Any) -> None:
        for where in listed(value):
            for found in self._current(relation, number, where):
                self._release(relation, number, found)

    def _update(self, relation: Relation, number: int, value: Any) -> None:
        target = self._writer.model(relation.target)
        for item in listed(value):
            current = self._current(relation, number, item["where"])
            if not current:
                raise self._missing(relation, "update")
            self._writer.update(target, current[0], item["data"])

    def _upsert(self, relation: Relation, number: int, value: Any) -> None:
        target = self._writer.model(relation.target)
        for item in listed(value):
            current = self._current(relation, number, item["where"])
            if current:
                self._writer.update(target, current[0], item["update"])
            else:
                self._created(relation, number, item["create"])

    def _update_many(self, relation: Relation, number: int, value: Any) -> None:
        target = self._writer.model(relation.target)
        for item in listed(value):
            self._writer.change(target, self._current(relation, number, item["where"]), item["data"])

    def _delete(self, relation: Relation, number: int, value: Any) -> None:
        target = self._writer.model(relation.target)
        wanted = listed(value)
        found = [current[0] for where in wanted if (current := self._current(relation, number, where))]
        if len(found) < len(wanted):
            context = {"relation": relation.name, "parent": relation.model, "child": relation.target}
            raise violation("RECORDS_NOT_CONNECTED", context, found)
        self._tables.delete(target, found)

    def _delete_many(self, relation: Relation, number: int, value: Any) -> None:
        for where in listed(value):
            self._tables.delete(self._writer.model(relation.target), self._current(relation, number, where))


MANY: dict[str, Callable[[Nested, Relation, int, Any], None]] = {
    "create": Nested._create,
    "createMany": Nested._create_many,
    "connect": Nested._connect,
    "connectOrCreate": Nested._connect_or_create,
    "set": Nested._set,
    "disconnect": Nested._disconnect,
    "update": Nested._update,
    "upsert": Nested._upsert,
    "updateMany": Nested._update_many,
    "delete": Nested._delete,
    "deleteMany": Nested._delete_many,
}


def is_filtered(value: Data) -> bool:
    """Whether the update of one related record comes as `{"where": …, "data": …}`."""
    return "data" in value and value.keys() <= {"where", "data"} and isinstance(value["data"], Mapping)


def kind(relation: Relation, opposite: Relation) -> str:
    """The kind of a relation in Prisma's words."""
    sides = {(True, True): "many-to-many", (False, False): "one-to-one"}
    return sides.get((relation.many, opposite.many), "one-to-many")


def required(relation: Relation) -> Exception:
    """The error for a record that would lose what it must have."""
    first, second = sorted((relation.model, relation.target))
    return violation("RELATION_VIOLATION", {"relation": relation.name, "modelA": first, "modelB": second}, None)
