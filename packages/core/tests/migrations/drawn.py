"""Schemas that are drawn at random: what one consists of, its text, and what of it fits together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

PLAIN = {
    "Int": ("", "@db.SmallInt", "@db.Oid"),
    "BigInt": ("",),
    "Float": ("", "@db.Real"),
    "Decimal": ("", "@db.Decimal(8, 3)", "@db.Money"),
    "Boolean": ("",),
    "String": ("", "@db.VarChar(40)", "@db.Char(4)", "@db.Uuid", "@db.Inet", "@db.Bit(3)", "@db.VarBit(9)"),
    "DateTime": ("", "@db.Date", "@db.Time", "@db.Timetz(3)", "@db.Timestamptz(6)", "@db.Timestamp(0)"),
    "Json": ("", "@db.Json"),
    "Bytes": ("",),
}
TYPES = [f"{scalar} {native}".rstrip() for scalar, natives in PLAIN.items() for native in natives]
DEFAULTS = {
    "Int": ("7", "-1", "autoincrement()", 'dbgenerated("(2 + 3)")'),
    "BigInt": ("7", "autoincrement()"),
    "Int @db.Oid": ("7",),
    "Float": ("1.5",),
    "Decimal": ("2.5",),
    "Boolean": ("true", "false"),
    "String": ('"it\'s"', '""', "uuid()", "cuid()", "dbgenerated(\"lower('A'::text)\")"),
    "String @db.Uuid": ("uuid()", 'dbgenerated("gen_random_uuid()")'),
    "String @db.Inet": ('"10.0.0.9"',),
    "String @db.Bit(3)": ('"101"',),
    "String @db.VarBit(9)": ('"101"',),
    "DateTime": ("now()", '"2020-02-03T04:05:06.000Z"'),
    "Json": ('"{}"', '"[1, \\"x\\"]"'),
    "Bytes": ('"aGk="',),
}
IDS = {
    "number": (("id", "Int", "autoincrement()"),),
    "big number": (("id", "BigInt", "autoincrement()"),),
    "given": (("id", "Int", ""),),
    "text": (("id", "String", "cuid()"),),
    "uuid": (("id", "String @db.Uuid", 'dbgenerated("gen_random_uuid()")'),),
    "two": (("k1", "Int", ""), ("k2", "String @db.VarChar(40)", "")),
}
SCHEMAS = ("public", "shop")


@dataclass(frozen=True)
class Field:
    """A column. `type` is a scalar with its native type, or the name of an enum; `arity`: nothing, `?` or `[]`."""

    name: str
    type: str
    arity: str = "?"
    default: str = ""
    unique: bool = False
    mapped: str = ""

    @property
    def column(self) -> str:
        """Its name in the database."""
        return self.mapped or self.name

    @property
    def text(self) -> str:
        scalar, _, native = self.type.partition(" ")
        words = [self.name, scalar + self.arity, native, f"@default({self.default})" if self.default else ""]
        words += ["@unique" if self.unique else "", f'@map("{self.mapped}")' if self.mapped else ""]
        return " ".join(word for word in words if word)


@dataclass(frozen=True)
class Key:
    """`@@index` or `@@unique` over columns; `ops` of the first, `down`: the first one descends."""

    columns: tuple[str, ...]
    type: str = ""
    unique: bool = False
    ops: str = ""
    down: bool = False
    mapped: str = ""

    @property
    def text(self) -> str:
        arguments = [f"ops: {self.ops}"] if self.ops else []
        arguments += ["sort: Desc"] if self.down else []
        first, *others = self.columns
        columns = ", ".join([first + (f"({', '.join(arguments)})" if arguments else ""), *others])
        rest = f", type: {self.type}" if self.type else ""
        rest += f', map: "{self.mapped}"' if self.mapped else ""
        return f"@@{'unique' if self.unique else 'index'}([{columns}]{rest})"


@dataclass(frozen=True)
class Model:
    """A table; `id` is one of `IDS`."""

    name: str
    id: str = "number"
    fields: tuple[Field, ...] = ()
    keys: tuple[Key, ...] = ()
    mapped: str = ""
    schema: str = "public"

    @property
    def table(self) -> str:
        """Its name in the database."""
        return self.mapped or self.name

    @property
    def ids(self) -> tuple[Field, ...]:
        """The columns of its primary key."""
        return tuple(Field(name, type_, "", default) for name, type_, default in IDS[self.id])


@dataclass(frozen=True)
class Enum:
    """An enum; its values with the names that they have in the database."""

    name: str
    values: tuple[tuple[str, str], ...]
    mapped: str = ""
    schema: str = "public"


@dataclass(frozen=True)
class Relation:
    """From one model to another: `one` to one, `many` to one, or `both` ways many."""

    name: str
    source: str
    target: str
    kind: str = "many"
    required: bool = False
    on_delete: str = ""
    on_update: str = ""

    def keys(self, target: Model) -> tuple[Field, ...]:
        """The columns that hold it."""
        arity = "" if self.required else "?"
        names = [f"{self.name.lower()}{one.name.capitalize()}" for one in target.ids]
        unique = self.kind == "one" and len(names) == 1
        return tuple(Field(name, one.type, arity, unique=unique) for name, one in zip(names, target.ids, strict=True))


@dataclass(frozen=True)
class Schema:
    """All of it. `several`: models and enums lie in two PostgreSQL schemas. `viewed`: there is a view, too."""

    models: tuple[Model, ...]
    enums: tuple[Enum, ...] = ()
    relations: tuple[Relation, ...] = ()
    several: bool = False
    viewed: bool = False

    def model(self, name: str) -> Model | None:
        """The model of this name."""
        return next((one for one in self.models if one.name == name), None)

    @property
    def text(self) -> str:
        """As Prisma reads it."""
        head = ""
        if self.several or self.viewed:
            lists = '\n  schemas = ["public", "shop"]' if self.several else ""
            head = f'datasource db {{\n  provider = "postgresql"{lists}\n}}\n'
        if self.viewed:
            head += 'generator client {\n  provider = "prisma-client"\n  previewFeatures = ["views"]\n}\n'
        blocks = [_block("enum", one.name, self._enum(one)) for one in self.enums]
        blocks += [_block("model", one.name, self._model(one)) for one in self.models]
        if self.viewed:
            blocks.append(
                _block("view", "Seen", iter(["number Int", *(['@@schema("public")'] if self.several else [])]))
            )
        return head + "\n".join(blocks)

    @property
    def view(self) -> str:
        """SQL that makes the view, upon all columns of the first model: Prisma leaves that to the user."""
        if not self.viewed:
            return ""
        model = self.models[0]
        columns = ", ".join(f'"{one.column}"' for one in (*model.ids, *model.fields))
        return f'CREATE VIEW "Seen" AS SELECT 1 AS number, {columns} FROM "{model.schema}"."{model.table}";\n'

    def _enum(self, enum: Enum) -> Iterator[str]:
        yield from (value + (f' @map("{mapped}")' if mapped != value else "") for value, mapped in enum.values)
        yield from self._block_attributes(enum)

    def _model(self, model: Model) -> Iterator[str]:
        if len(model.ids) > 1:
            yield from (one.text for one in model.ids)
            yield f"@@id([{', '.join(one.name for one in model.ids)}])"
        else:
            yield f"{model.ids[0].text} @id"
        yield from (one.text for one in model.fields)
        for relation in self.relations:
            if relation.source == model.name:
                yield from self._source(relation)
            if relation.target == model.name:
                many = "?" if relation.kind == "one" else "[]"
                yield f'back{relation.name} {relation.source}{many} @relation("{relation.name}")'
        yield from (one.text for one in model.keys)
        yield from self._block_attributes(model)

    def _source(self, relation: Relation) -> Iterator[str]:
        name = f"up{relation.name} {relation.target}"
        target = self.model(relation.target)
        assert target is not None
        if relation.kind == "both":
            yield f'{name}[] @relation("{relation.name}")'
            return
        keys = relation.keys(target)
        yield from (one.text for one in keys)
        words = [f'"{relation.name}"', f"fields: [{', '.join(one.name for one in keys)}]"]
        words += [f"references: [{', '.join(one.name for one in target.ids)}]"]
        words += [f"onDelete: {relation.on_delete}"] if relation.on_delete else []
        words += [f"onUpdate: {relation.on_update}"] if relation.on_update else []
        yield f"{name}{keys[0].arity} @relation({', '.join(words)})"
        if relation.kind == "one" and len(keys) > 1:
            yield f"@@unique([{', '.join(one.name for one in keys)}])"

    def _block_attributes(self, block: Model | Enum) -> Iterator[str]:
        if block.mapped:
            yield f'@@map("{block.mapped}")'
        if self.several:
            yield f'@@schema("{block.schema}")'


def _block(word: str, name: str, lines: Iterator[str]) -> str:
    return f"{word} {name} {{\n" + "".join(f"  {line}\n" for line in lines) + "}\n"


def fitting(schema: Schema) -> Schema:
    """The schema without what does not fit together, as after a random change."""
    enums = {one.name: one for one in schema.enums}
    models = tuple(_fitting_model(one, enums) for one in schema.models)
    schema = replace(schema, models=models)
    return replace(schema, relations=tuple(one for one in schema.relations if _holds(schema, one)))


def defaults(field: Field, enums: dict[str, Enum]) -> tuple[str, ...]:
    """What may stand as the default of a field."""
    if field.type in enums:
        found = tuple(value for value, _ in enums[field.type].values)
    else:
        found = DEFAULTS.get(field.type) or DEFAULTS[field.type.partition(" ")[0]]
    if field.arity == "[]":
        literals = tuple(one for one in found if "(" not in one)
        if field.type == "BigInt":  # Prisma finds that such a default always differs
            return ("[]",)
        return ("[]", *(f"[{one}, {one}]" for one in literals[:2]))
    return tuple(one for one in found if one != "autoincrement()" or not field.arity)


def key_types(field: Field, enums: dict[str, Enum]) -> tuple[tuple[str, str], ...]:
    """The types of index that a field may have, each with its operators."""
    scalar, _, native = field.type.partition(" ")
    if field.arity == "[]":
        return () if native == "@db.Json" else (("", ""), ("Gin", ""), ("Gin", "ArrayOps"))
    if scalar == "Json":
        return () if native else (("Gin", ""), ("Gin", "JsonbOps"), ("Gin", "JsonbPathOps"))
    found = [("", ""), ("BTree", "")]
    if native not in ("@db.Bit(3)", "@db.VarBit(9)", "@db.Money"):
        found.append(("Hash", ""))
    if scalar in ("Int", "BigInt", "Float", "DateTime") and native != "@db.Oid":
        found.append(("Brin", ""))
    if native == "@db.Inet":
        found += [("Gist", "InetOps"), ("SpGist", "InetOps")]
    if field.type == "Int":
        found += [("Brin", "Int4MinMaxOps"), ("Brin", "Int4BloomOps")]
    if field.type == "String":
        found += [("SpGist", "TextOps")]
    return tuple(found)


def _fitting_model(model: Model, enums: dict[str, Enum]) -> Model:
    taken = {one.name for one in model.ids}
    fields = []
    for field in model.fields:
        if field.column in taken or field.name in taken or not (field.type in enums or field.type in TYPES):
            continue
        if field.default not in defaults(field, enums):
            field = replace(field, default="")
        if field.type == "Json @db.Json" or field.arity == "[]":
            field = replace(field, unique=False)
        taken |= {field.column, field.name}
        fields.append(field)
    model = replace(model, fields=tuple(fields))
    keys: dict[object, Key] = {one.name: Key(()) for one in fields if one.unique}
    names = set()
    for key in model.keys:
        key = key if key.type in ("", "BTree") else replace(key, down=False)
        if key.mapped not in names and _suits(model, key, enums):
            names |= {key.mapped} - {""}
            keys.setdefault(key.columns[0] if key.unique and len(key.columns) == 1 else (key.columns, key.unique), key)
    return replace(model, keys=tuple(one for one in keys.values() if one.columns))


def _suits(model: Model, key: Key, enums: dict[str, Enum]) -> bool:
    fields = {one.name: one for one in (*model.ids, *model.fields)}
    mine = [fields[name] for name in key.columns if name in fields]
    if len(mine) < len(key.columns) or (key.type, key.ops) not in key_types(mine[0], enums):
        return False
    return len(mine) == 1 or all(("", "") in key_types(one, enums) for one in mine)


def _holds(schema: Schema, relation: Relation) -> bool:
    source, target = schema.model(relation.source), schema.model(relation.target)
    if source is None or target is None:
        return False
    if relation.kind == "both":
        return len(source.ids) == len(target.ids) == 1
    return relation.required is False or "SetNull" not in (relation.on_delete, relation.on_update)
