"""Prisma's query compiler: a query in, a plan of SQL templates out."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from berceau_engine import wasm
from berceau_engine.compile_errors import compile_error
from berceau_engine.errors import EngineError

# The compiler asks the schema for this, not the connection.
RELATION_JOINS = re.compile(r'^(\s*previewFeatures\s*=\s*\[.*?)"relationJoins"\s*,?', re.MULTILINE)


class QueryCompiler:
    """Compiles queries on one data model for PostgreSQL.

    `datamodel` is a valid Prisma schema, in one text, with datasource and generator; an invalid one is only noticed
    when a query is compiled. `schema_name` is the PostgreSQL schema that the SQL names. A schema with the preview
    feature `relationJoins` has the database join related rows; `relation_joins=False` overrules it.

    May be used from several threads, which then take turns. When the compiler crashes, the call raises EngineError and
    the next one works again.
    """

    def __init__(self, datamodel: str, *, schema_name: str = "public", relation_joins: bool = True) -> None:
        self._options = {
            "datamodel": datamodel if relation_joins else RELATION_JOINS.sub(r"\1", datamodel),
            "provider": "postgres",
            "connectionInfo": {"schemaName": schema_name, "supportsRelationJoins": relation_joins},
        }
        with wasm.LOCK:
            self._start()

    def compile(self, query: Mapping[str, Any]) -> dict[str, Any]:
        """The plan of one query in Prisma's JSON protocol.

        Raises an InputError (a DataError in rare cases) whose `path` names the argument that does not fit.
        """
        return self._compile("querycompiler_compile", query)

    def compile_batch(self, queries: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """The plans of several queries that are sent together: `{"type": "multi", "plans": […]}`.

        Several queries for one record each may become one: `{"type": "compacted", "plan": …, "keys": …}`.
        Raises as `compile` does.
        """
        return self._compile("querycompiler_compileBatch", {"batch": list(queries), "transaction": None})

    def _compile(self, function: str, request: Mapping[str, Any]) -> dict[str, Any]:
        text = json.dumps(request)
        with wasm.LOCK:
            if not self._instance.usable:
                self._start()
            instance = self._instance
            value, error, failed = instance.call(function, self._pointer, *instance.put(text))
            result = instance.take(error if failed else value)
        if failed:
            raise compile_error(result)
        plan: dict[str, Any] = result
        return plan

    def _start(self) -> None:
        instance = wasm.Instance(wasm.load("compiler_postgresql"))
        pointer, error, failed = instance.call("querycompiler_new", self._options)
        if failed:
            raise EngineError(f"Prisma's query compiler did not start: {instance.take(error)}")
        self._instance, self._pointer = instance, pointer
