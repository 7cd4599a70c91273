"""A plan's tree, turned once into nested coroutines, so that running it again walks no dictionaries."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from berceau_engine.errors import EngineError
from berceau_engine.plan.conversion import to_int
from berceau_engine.plan.mapping import RowsMapper, Structure
from berceau_engine.plan.parameters import to_decimal
from berceau_engine.plan.records import Processing, as_list, attach, difference, is_empty, pick_field
from berceau_engine.plan.related_columns import related_as_columns
from berceau_engine.plan.results import ResultTypes
from berceau_engine.plan.rules import rule, violation
from berceau_engine.plan.session import Description, Session
from berceau_engine.plan.shortening import needs_transaction
from berceau_engine.plan.sql import Template
from berceau_engine.plan.values import Scope, getter

Run = Callable[[Session, Scope], Awaitable[Any]]
Spec = Mapping[str, Any]


def compile_node(node: Spec, types: ResultTypes) -> Run:
    """The coroutine function of a node. Raises `EngineError` for a node that we do not know."""
    make = NODES.get(node["type"])
    if make is None:
        raise EngineError(f"The plan holds an unknown node: {node['type']}")
    return make(node.get("args", {}), types)


def value(args: Any, types: ResultTypes) -> Run:
    get = getter(args)

    async def run(session: Session, scope: Scope) -> Any:
        return get(scope)

    return run


def sequence(args: Any, types: ResultTypes) -> Run:
    steps = [compile_node(step, types) for step in args]

    async def run(session: Session, scope: Scope) -> Any:
        result = None
        for step in steps:
            result = await step(session, scope)
        return result

    return run


def get(args: Spec, types: ResultTypes) -> Run:
    name = args["name"]

    async def run(session: Session, scope: Scope) -> Any:
        return scope[name]

    return run


def let(args: Spec, types: ResultTypes) -> Run:
    bindings = [(binding["name"], compile_node(binding["expr"], types)) for binding in args["bindings"]]
    body = compile_node(args["expr"], types)

    async def run(session: Session, scope: Scope) -> Any:
        inner = dict(scope)
        for name, step in bindings:
            inner[name] = await step(session, inner)
        return await body(session, inner)

    return run


def first_non_empty(args: Spec, types: ResultTypes) -> Run:
    names = args["names"]

    async def run(session: Session, scope: Scope) -> Any:
        return next((scope[name] for name in names if not is_empty(scope[name])), [])

    return run


def concat(args: Any, types: ResultTypes) -> Run:
    steps = [compile_node(step, types) for step in args]

    async def run(session: Session, scope: Scope) -> Any:
        return [item for step in steps for item in as_list(await step(session, scope))]

    return run


def total(args: Any, types: ResultTypes) -> Run:
    steps = [compile_node(step, types) for step in args]

    async def run(session: Session, scope: Scope) -> Any:
        return sum([to_int(await step(session, scope)) for step in steps])

    return run


def execute(args: Spec, types: ResultTypes) -> Run:
    template = Template(args)

    async def run(session: Session, scope: Scope) -> Any:
        return sum([await session.execute(sql, values, raw=template.raw) for sql, values in template.render(scope)])

    return run


def query(args: Spec, types: ResultTypes) -> Run:
    template = Template(args)

    async def run(session: Session, scope: Scope) -> Any:
        found: list[dict[str, Any]] = []
        for sql, values in template.render(scope):
            records, description = await session.query(sql, values, raw=template.raw)
            found += [plain_record(record, description) for record in records]
        return found

    return run


def plain_record(record: Any, description: Description) -> dict[str, Any]:
    """A driver's record as a dictionary of plain values."""
    return {
        column.name: item if item is None or column.decode is None else column.decode(item)
        for column, item in zip(description.columns, record, strict=True)
    }


def reverse(args: Spec, types: ResultTypes) -> Run:
    step = compile_node(args, types)

    async def run(session: Session, scope: Scope) -> Any:
        result = await step(session, scope)
        return result[::-1] if isinstance(result, list) else result

    return run


def only_one(found: Any) -> Any:
    """The single element of a list, None of an empty one. Raises `EngineError` for more."""
    if not isinstance(found, list):
        return found
    if len(found) > 1:
        raise EngineError(f"The plan expected at most one record and found {len(found)}")
    return found[0] if found else None


def unique(args: Spec, types: ResultTypes) -> Run:
    step = compile_node(args, types)

    async def run(session: Session, scope: Scope) -> Any:
        return only_one(await step(session, scope))

    return run


def required(args: Spec, types: ResultTypes) -> Run:
    step = compile_node(args, types)

    async def run(session: Session, scope: Scope) -> Any:
        result = await step(session, scope)
        if is_empty(result):
            raise EngineError("The plan required a value and found none")
        return result

    return run


def map_field(args: Spec, types: ResultTypes) -> Run:
    step, field = compile_node(args["records"], types), args["field"]

    async def run(session: Session, scope: Scope) -> Any:
        return pick_field(await step(session, scope), field)

    return run


def join(args: Spec, types: ResultTypes) -> Run:
    parent_step = compile_node(args["parent"], types)
    children = [(child, compile_node(child["child"], types)) for child in args["children"]]

    async def run(session: Session, scope: Scope) -> Any:
        parents = await parent_step(session, scope)
        if parents is None:
            return None
        for child, step in children:
            attach(
                parents,
                await step(session, scope),
                [parent for parent, _ in child["on"]],
                [own for _, own in child["on"]],
                child["parentField"],
                single=child["isRelationUnique"],
            )
        return parents

    return run


def transaction(args: Spec, types: ResultTypes) -> Run:
    step, needed = compile_node(args, types), needs_transaction(args)

    async def run(session: Session, scope: Scope) -> Any:
        if session.in_transaction or (session.read_committed and not needed):
            return await step(session, scope)
        return await session.transaction(lambda: step(session, scope))

    return run


def data_map(args: Spec, types: ResultTypes) -> Run:
    source = args["expr"]
    single = source["type"] == "unique"
    inner = source["args"] if single else source
    if args["structure"]["type"] == "object" and inner["type"] == "query":
        query, result = related_as_columns(inner["args"], args["structure"])
        return mapped_query(Template(query), Structure(result, args["enums"], types), single=single)
    structure = Structure(args["structure"], args["enums"], types)
    step = compile_node(source, types)
    convert = structure.whole()

    async def run(session: Session, scope: Scope) -> Any:
        return convert(await step(session, scope))

    return run


def mapped_query(template: Template, structure: Structure, *, single: bool) -> Run:
    """The common case, a query and nothing else: the driver's records become result objects in one pass."""
    mappers: dict[int, tuple[Description, RowsMapper]] = {}

    def mapper_for(description: Description) -> RowsMapper:
        known = mappers.get(id(description))
        if known is None:
            if len(mappers) > 64:
                mappers.clear()
            known = mappers[id(description)] = (description, structure.by_position(description.columns))
        return known[1]

    async def run(session: Session, scope: Scope) -> Any:
        if template.fixed_sql is not None:
            records, description = await session.query(template.fixed_sql, template.values(scope), raw=template.raw)
            found = mapper_for(description)(records) if records else []
        else:
            found = []
            for sql, values in template.render(scope):
                records, description = await session.query(sql, values)
                found += mapper_for(description)(records)
        return only_one(found) if single else found

    return run


def validate(args: Spec, types: ResultTypes) -> Run:
    step = compile_node(args["expr"], types)
    rules = [rule(spec) for spec in args["rules"]]
    identifier, context = args["errorIdentifier"], args["context"]

    async def run(session: Session, scope: Scope) -> Any:
        result = await step(session, scope)
        if not all(holds(result) for holds in rules):
            raise violation(identifier, context, result)
        return result

    return run


def branch(args: Spec, types: ResultTypes) -> Run:
    condition, holds = compile_node(args["value"], types), rule(args["rule"])
    then, otherwise = compile_node(args["then"], types), compile_node(args["else"], types)

    async def run(session: Session, scope: Scope) -> Any:
        chosen = then if holds(await condition(session, scope)) else otherwise
        return await chosen(session, scope)

    return run


def unit(args: Any, types: ResultTypes) -> Run:
    async def run(session: Session, scope: Scope) -> Any:
        return None

    return run


def diff(args: Spec, types: ResultTypes) -> Run:
    left, right = compile_node(args["from"], types), compile_node(args["to"], types)
    fields = args["fields"]

    async def run(session: Session, scope: Scope) -> Any:
        return difference(await left(session, scope), await right(session, scope), fields)

    return run


def process(args: Spec, types: ResultTypes) -> Run:
    step = compile_node(args["expr"], types)
    processing = Processing.read(args["operations"])

    async def run(session: Session, scope: Scope) -> Any:
        return processing.apply(await step(session, scope), scope)

    return run


def initialize_record(args: Spec, types: ResultTypes) -> Run:
    step = compile_node(args["expr"], types)
    fields = {}
    for name, spec in args["fields"].items():
        if spec["type"] != "value":
            raise EngineError(f"The plan initializes field {name!r} by {spec['type']}, which PostgreSQL does not have")
        fields[name] = getter(spec["value"])

    async def run(session: Session, scope: Scope) -> Any:
        await step(session, scope)
        return {name: get_value(scope) for name, get_value in fields.items()}

    return run


def divide(left: Any, right: Any) -> Any:
    """A quotient; None for a division by zero."""
    return None if right == 0 else left / right


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "add": lambda left, right: left + right,
    "subtract": lambda left, right: left - right,
    "multiply": lambda left, right: left * right,
    "divide": divide,
}


def calculate(operation: str, left: Any, right: Any) -> Any:
    """One arithmetic step on a field, in the field's own type of number."""
    operate = OPERATIONS[operation]
    if isinstance(left, float):
        return operate(left, float(right))
    result = operate(to_decimal(left), to_decimal(right))
    return int(result) if isinstance(left, int) and result is not None else result


def map_record(args: Spec, types: ResultTypes) -> Run:
    step = compile_node(args["expr"], types)
    fields = [(name, spec["type"], getter(spec["value"])) for name, spec in args["fields"].items()]
    for name, operation, _ in fields:
        if operation != "set" and operation not in OPERATIONS:
            raise EngineError(f"The plan changes field {name!r} in an unknown way: {operation}")

    async def run(session: Session, scope: Scope) -> Any:
        record = dict(await step(session, scope) or {})
        for name, operation, get_value in fields:
            new = get_value(scope)
            record[name] = new if operation == "set" else calculate(operation, record[name], new)
        return record

    return run


NODES: dict[str, Callable[[Any, ResultTypes], Run]] = {
    "value": value,
    "seq": sequence,
    "get": get,
    "let": let,
    "getFirstNonEmpty": first_non_empty,
    "concat": concat,
    "sum": total,
    "execute": execute,
    "query": query,
    "reverse": reverse,
    "unique": unique,
    "required": required,
    "mapField": map_field,
    "join": join,
    "transaction": transaction,
    "dataMap": data_map,
    "validate": validate,
    "if": branch,
    "unit": unit,
    "diff": diff,
    "process": process,
    "initializeRecord": initialize_record,
    "mapRecord": map_record,
}
"""Every node of Prisma's plans (7.10), by its name there."""
