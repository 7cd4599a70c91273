"""What the plan tests share: a schema with every kind of field and relation, pushed to a database of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from berceau_engine.compiler import QueryCompiler
from berceau_engine.migrate import SchemaEngine
from berceau_engine.plan import Descriptions, Plan, QueryEvent, Session
from berceau_engine.postgres import Connection, DatabaseUrl, connect, connect_for_plans

SCHEMA = (Path(__file__).parent / "schema.prisma").read_text()
TABLES = "relkind = 'r' AND relnamespace = 'public'::regnamespace"


def placeholder(name: str, type_: str, inner: str | None = None) -> dict[str, Any]:
    """A placeholder as a query carries it."""
    value: dict[str, Any] = {"name": name, "type": type_}
    if inner:
        value["inner"] = {"type": inner}
    return {"$type": "Param", "value": value}


@dataclass
class Runner:
    """Compiles queries and runs their plans on one connection."""

    compiler: QueryCompiler
    connection: Connection
    events: list[QueryEvent]

    async def __call__(
        self,
        model: str,
        action: str,
        arguments: dict[str, Any],
        selection: dict[str, Any] | None = None,
        values: dict[str, Any] | None = None,
    ) -> Any:
        """The result of a query in the JSON protocol."""
        plan = self.compile(model, action, arguments, selection)
        return await self.plan(plan, values)

    def compile(
        self, model: str, action: str, arguments: dict[str, Any], selection: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """The plan of a query."""
        selection = selection or {"$scalars": True}
        query = {"arguments": arguments, "selection": selection}
        return self.compiler.compile({"modelName": model, "action": action, "query": query})

    async def plan(
        self, spec: dict[str, Any], values: dict[str, Any] | None = None, *, read_committed: bool = False
    ) -> Any:
        """The result of a plan."""
        session = Session(self.connection, Descriptions(), read_committed=read_committed, observe=self.events.append)
        return await Plan(spec).run(session, values)


@pytest.fixture(scope="session")
def tables(server_url: DatabaseUrl) -> DatabaseUrl:
    """The address of a database that has the schema's tables, emptied for each test."""
    url = server_url.with_database("plans")

    async def prepare() -> None:
        connection = await connect(server_url)
        await connection.execute("CREATE DATABASE plans")
        await connection.close()
        async with await SchemaEngine.open([("schema.prisma", SCHEMA)], url) as engine:
            await engine.schema_push([("schema.prisma", SCHEMA)])

    asyncio.run(prepare())
    return url


@pytest.fixture(scope="session")
def compiler() -> QueryCompiler:
    """The compiler for the schema."""
    return QueryCompiler(SCHEMA)


@pytest.fixture
async def run(tables: DatabaseUrl, compiler: QueryCompiler) -> AsyncIterator[Runner]:
    """A runner on empty tables."""
    connection = await connect_for_plans(tables)
    try:
        names = await connection.fetchval("SELECT string_agg(oid::regclass::text, ', ') FROM pg_class WHERE " + TABLES)
        await connection.execute(f"TRUNCATE {names} RESTART IDENTITY")
        yield Runner(compiler, connection, [])
    finally:
        await connection.close()


def nodes_of(plan: Any) -> set[str]:
    """The types of all nodes in a plan."""
    if isinstance(plan, list):
        return set().union(*map(nodes_of, plan)) if plan else set()
    if not isinstance(plan, dict):
        return set()
    found = (
        {plan["type"]} if isinstance(plan.get("type"), str) and ("args" in plan or plan["type"] == "unit") else set()
    )
    return found.union(*map(nodes_of, plan.values()))
