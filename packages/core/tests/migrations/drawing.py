"""Draws schemas, and changes of them: mostly a few steps, each of one thing; now and then another schema altogether."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from hypothesis import strategies as st

from .drawn import IDS, SCHEMAS, TYPES, Enum, Field, Key, Model, Relation, Schema, defaults, fitting, key_types

ACTIONS = ("", "", "Cascade", "Restrict", "NoAction", "SetNull", "SetDefault")
MODELS = ("M0", "M1", "M2", "N0", "N1")
ENUMS = ("Colour", "Shade")
VALUES = ("RED", "GREEN", "BLUE", "GREY")
FIELDS = "abcdefgh"

Draw = st.DrawFn


@st.composite
def schemas(draw: Draw, several: bool, viewed: bool) -> Schema:
    """A schema: up to three models, two enums, three relations, indexes and unique keys."""
    enums = tuple(_enum(draw, name, several) for name in draw(_some(ENUMS, 0, 2)))
    models = tuple(_model(draw, name, enums, several) for name in sorted(draw(_some(MODELS[:3], 1, 3))))
    relations = tuple(_relation(draw, f"R{number}", models) for number in range(draw(st.integers(0, 3))))
    return fitting(Schema(models, enums, relations, several, viewed))


@st.composite
def pairs(draw: Draw) -> tuple[Schema, Schema]:
    """A schema, and what becomes of it."""
    several, viewed = draw(_one_in(4)), draw(_one_in(6))
    before = draw(schemas(several, viewed))
    if draw(_one_in(8)):
        return before, draw(schemas(several, viewed))
    after = before
    for change in draw(st.lists(st.sampled_from(CHANGES), min_size=2, max_size=6)):
        after = fitting(change(draw, after))
    return before, after


def _one_in(number: int) -> st.SearchStrategy[bool]:
    return st.integers(1, number).map(lambda drawn: drawn == number)


def _some(things: Sequence[str], least: int, most: int) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(things), unique=True, min_size=least, max_size=most)


# ------------------------------------------------------------ parts


def _schema_of(draw: Draw, several: bool) -> str:
    return draw(st.sampled_from(SCHEMAS)) if several else "public"


def _enum(draw: Draw, name: str, several: bool) -> Enum:
    values = tuple((value, value) for value in draw(_some(VALUES, 1, 4)))
    return Enum(name, values, draw(_mapped(name)), _schema_of(draw, several))


def _mapped(name: str) -> st.SearchStrategy[str]:
    return st.sampled_from(["", "", "", f"the_{name}"])


def _model(draw: Draw, name: str, enums: tuple[Enum, ...], several: bool) -> Model:
    fields = tuple(_field(draw, word, enums) for word in draw(_some(FIELDS[:6], 0, 5)))
    model = Model(name, draw(st.sampled_from(list(IDS))), fields, (), draw(_mapped(name)), _schema_of(draw, several))
    keys = [_key(draw, model, enums) for _ in range(draw(st.integers(0, 2)))] if fields else []
    return replace(model, keys=tuple(keys))


def _type(draw: Draw, enums: tuple[Enum, ...]) -> str:
    return draw(st.sampled_from([*TYPES, *[one.name for one in enums] * 4]))


def _field(draw: Draw, name: str, enums: tuple[Enum, ...]) -> Field:
    field = Field(name, _type(draw, enums), draw(st.sampled_from(["", "?", "?", "[]"])))
    return replace(field, default=_default(draw, field, enums), unique=draw(_one_in(5)), mapped=draw(_mapped(name)))


def _default(draw: Draw, field: Field, enums: tuple[Enum, ...]) -> str:
    return draw(st.sampled_from(["", *defaults(field, {one.name: one for one in enums})]))


def _key(draw: Draw, model: Model, enums: tuple[Enum, ...]) -> Key:
    """Mostly one that suits."""
    known = {one.name: one for one in enums}
    first = draw(st.sampled_from(model.fields))
    kind, ops = draw(st.sampled_from([*key_types(first, known), ("", "")]))
    columns = [first.name]
    if kind in ("", "BTree"):
        others = [one.name for one in (*model.ids, *model.fields) if one != first]
        columns += draw(_some(others, 0, 2)) if others else []
    sorts = kind in ("", "BTree")
    mapped = draw(st.sampled_from(["", "", f"{model.name}_other"]))
    return Key(tuple(columns), kind, not kind and draw(_one_in(2)), ops, sorts and draw(_one_in(3)), mapped)


def _relation(draw: Draw, name: str, models: tuple[Model, ...]) -> Relation:
    names = st.sampled_from([one.name for one in models])
    kind = draw(st.sampled_from(["many", "many", "one", "both"]))
    source, target = draw(names), draw(names)
    actions = (draw(st.sampled_from(ACTIONS)), draw(st.sampled_from(ACTIONS))) if kind != "both" else ("", "")
    return Relation(name, source, target, kind, draw(_one_in(3)), *actions)


# ------------------------------------------------------------ changes

Change = Callable[[Draw, Schema], Schema]


def _of_model(change: Callable[[Draw, Schema, Model], Model]) -> Change:
    def changed(draw: Draw, schema: Schema) -> Schema:
        if not schema.models:
            return schema
        model = draw(st.sampled_from(schema.models))
        new = change(draw, schema, model)
        models = tuple(new if one is model else one for one in schema.models)
        if new.name == model.name:
            return replace(schema, models=models)
        if schema.model(new.name):
            return schema
        names = {model.name: new.name}
        relations = tuple(
            replace(one, source=names.get(one.source, one.source), target=names.get(one.target, one.target))
            for one in schema.relations
        )
        return replace(schema, models=models, relations=relations)

    return changed


def _of_field(change: Callable[[Draw, Schema, Field], Field]) -> Change:
    def changed(draw: Draw, schema: Schema, model: Model) -> Model:
        if not model.fields:
            return model
        field = draw(st.sampled_from(model.fields))
        new = change(draw, schema, field)
        if new.name != field.name and new.name in {one.name for one in model.fields}:
            return model
        names = {field.name: new.name}
        keys = tuple(replace(one, columns=tuple(names.get(word, word) for word in one.columns)) for one in model.keys)
        return replace(model, fields=tuple(new if one is field else one for one in model.fields), keys=keys)

    return _of_model(changed)


def _add_field(draw: Draw, schema: Schema, model: Model) -> Model:
    return replace(model, fields=(*model.fields, _field(draw, draw(st.sampled_from(FIELDS)), schema.enums)))


def _drop_field(draw: Draw, schema: Schema, model: Model) -> Model:
    return replace(model, fields=model.fields[1:])


def _turn_fields(draw: Draw, schema: Schema, model: Model) -> Model:
    return replace(model, fields=tuple(draw(st.permutations(model.fields))))


def _add_key(draw: Draw, schema: Schema, model: Model) -> Model:
    return replace(model, keys=(*model.keys, _key(draw, model, schema.enums))) if model.fields else model


def _drop_key(draw: Draw, schema: Schema, model: Model) -> Model:
    return replace(model, keys=model.keys[1:])


def _change_key(draw: Draw, schema: Schema, model: Model) -> Model:
    if not model.keys:
        return model
    new = _key(draw, model, schema.enums) if model.fields else model.keys[0]
    first = model.keys[0]
    new = draw(st.sampled_from([new, replace(first, unique=not first.unique), replace(first, down=not first.down)]))
    return replace(model, keys=(new, *model.keys[1:]))


def _move_field(draw: Draw, schema: Schema) -> Schema:
    if len(schema.models) < 2:
        return schema
    source, target = draw(st.permutations(schema.models))[:2]
    if not source.fields or source.fields[0].name in {one.name for one in target.fields}:
        return schema
    moved = replace(target, fields=(*target.fields, source.fields[0]))
    new = {source.name: replace(source, fields=source.fields[1:]), target.name: moved}
    return replace(schema, models=tuple(new.get(one.name, one) for one in schema.models))


def _add_model(draw: Draw, schema: Schema) -> Schema:
    name = draw(st.sampled_from(MODELS))
    if schema.model(name):
        return schema
    return replace(schema, models=(*schema.models, _model(draw, name, schema.enums, schema.several)))


def _drop_model(draw: Draw, schema: Schema) -> Schema:
    return replace(schema, models=schema.models[1:]) if len(schema.models) > 1 else schema


def _add_relation(draw: Draw, schema: Schema) -> Schema:
    names = {one.name for one in schema.relations}
    name = draw(st.sampled_from(["R0", "R1", "R2", "R3"]))
    return (
        schema
        if name in names
        else replace(schema, relations=(*schema.relations, _relation(draw, name, schema.models)))
    )


def _change_relation(draw: Draw, schema: Schema) -> Schema:
    if not schema.relations:
        return schema
    first, *others = schema.relations
    new = _relation(draw, first.name, schema.models)
    changed = [
        replace(new, source=first.source, target=first.target),
        replace(first, required=not first.required),
        replace(first, on_delete=new.on_delete, on_update=new.on_update),
        replace(first, name=draw(st.sampled_from(["R0", "R1", "R2", "R3"]))),
        replace(first, source=first.target, target=first.source),
    ]
    chosen = draw(st.sampled_from(changed))
    if chosen.kind == "both":
        chosen = replace(chosen, on_delete="", on_update="", required=False)
    return schema if chosen.name in {one.name for one in others} else replace(schema, relations=(chosen, *others))


def _drop_relation(draw: Draw, schema: Schema) -> Schema:
    return replace(schema, relations=schema.relations[1:])


def _of_enum(change: Callable[[Draw, Schema, Enum], Enum]) -> Change:
    def changed(draw: Draw, schema: Schema) -> Schema:
        if not schema.enums:
            return schema
        enum = draw(st.sampled_from(schema.enums))
        new = change(draw, schema, enum)
        if new.name != enum.name and new.name in {one.name for one in schema.enums}:
            return schema
        renamed = replace(schema, enums=tuple(new if one is enum else one for one in schema.enums))
        models = (
            replace(one, fields=tuple(_retyped(field, enum.name, new) for field in one.fields)) for one in schema.models
        )
        return replace(renamed, models=tuple(models))

    return changed


def _retyped(field: Field, old: str, new: Enum) -> Field:
    return replace(field, type=new.name) if field.type == old else field


def _add_enum(draw: Draw, schema: Schema) -> Schema:
    name = draw(st.sampled_from(ENUMS))
    if name in {one.name for one in schema.enums}:
        return schema
    return replace(schema, enums=(*schema.enums, _enum(draw, name, schema.several)))


def _drop_enum(draw: Draw, schema: Schema) -> Schema:
    """Columns of it become text, or go."""
    if not schema.enums:
        return schema
    stays = draw(st.booleans())
    first = schema.enums[0].name
    models = tuple(
        replace(
            model,
            fields=tuple(
                replace(one, type="String") if one.type == first else one
                for one in model.fields
                if stays or one.type != first
            ),
        )
        for model in schema.models
    )
    return replace(schema, enums=schema.enums[1:], models=models)


def _change_values(draw: Draw, schema: Schema, enum: Enum) -> Enum:
    values = enum.values
    unused = [one for one in (*VALUES, "PINK") if one not in {word for pair in values for word in pair}]
    (name, mapped), *rest = values
    changes = [
        tuple(draw(st.permutations(values))),
        tuple(rest) or values,
        ((name, f"the_{name}" if mapped == name else name), *rest),
    ]
    if unused:
        new = draw(st.sampled_from(unused))
        changes += [(*values, (new, new)), ((new, new), *rest), ((new, mapped), *rest)]
    return replace(enum, values=draw(st.sampled_from(changes)))


def _mapped_or_not(thing: str, mapped: str) -> str:
    return "" if mapped else f"the_{thing}"


CHANGES: list[Change] = [
    _of_model(_add_field),
    _of_model(_add_field),
    _of_model(_drop_field),
    _of_model(_turn_fields),
    _of_model(_add_key),
    _of_model(_add_key),
    _of_model(_drop_key),
    _of_model(_change_key),
    _of_model(lambda draw, schema, one: replace(one, name=draw(st.sampled_from(MODELS)))),
    _of_model(lambda draw, schema, one: replace(one, mapped=_mapped_or_not(one.name, one.mapped))),
    _of_model(lambda draw, schema, one: replace(one, id=draw(st.sampled_from(list(IDS))))),
    _of_model(lambda draw, schema, one: replace(one, schema=_schema_of(draw, schema.several))),
    _of_field(lambda draw, schema, one: replace(one, name=draw(st.sampled_from(FIELDS)))),
    _of_field(lambda draw, schema, one: replace(one, name=draw(st.sampled_from(FIELDS)), mapped="")),
    _of_field(lambda draw, schema, one: replace(one, mapped=_mapped_or_not(one.name, one.mapped))),
    _of_field(lambda draw, schema, one: replace(one, type=_type(draw, schema.enums))),
    _of_field(lambda draw, schema, one: replace(one, type=_type(draw, schema.enums), default="")),
    _of_field(lambda draw, schema, one: replace(one, arity=draw(st.sampled_from(["", "?", "[]"])))),
    _of_field(lambda draw, schema, one: replace(one, default=_default(draw, one, schema.enums))),
    _of_field(lambda draw, schema, one: replace(one, unique=not one.unique)),
    _move_field,
    _add_model,
    _drop_model,
    _add_relation,
    _add_relation,
    _change_relation,
    _drop_relation,
    _of_enum(_change_values),
    _of_enum(_change_values),
    _of_enum(lambda draw, schema, one: replace(one, name=draw(st.sampled_from(ENUMS)))),
    _of_enum(lambda draw, schema, one: replace(one, mapped=_mapped_or_not(one.name, one.mapped))),
    _add_enum,
    _drop_enum,
]
