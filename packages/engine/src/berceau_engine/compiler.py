"""Prisma's query compiler: a query in, a plan of SQL templates out."""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Mapping, Sequence
from typing import Any

from berceau_engine import wasm
from berceau_engine.compile_errors import compile_error
from berceau_engine.errors import EngineError

logger = logging.getLogger("berceau_engine")

TEXTS_KEPT = 100_000  # some 10 MB; then a new instance takes over
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
        self._recording = True
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
            if not self._instance.usable or self._instance.kept > TEXTS_KEPT:
                self._start()
            try:
                failed, result = self._ask(function, text)
            except EngineError as error:
                if not self._recording or self._instance.panic:
                    raise
                failed, result = self._ask_without_recording(function, text, error)
        if failed:
            raise compile_error(result)
        plan: dict[str, Any] = result
        return plan

    def _ask(self, function: str, text: str) -> tuple[bool, Any]:
        """Whether the compiler refused, and its plan or its error."""
        instance = self._instance
        value, error, failed = instance.call(function, self._pointer, *instance.put(text))
        take = instance.recorded if self._recording else instance.take
        return bool(failed), take(error if failed else value)

    def _ask_without_recording(self, function: str, text: str, error: EngineError) -> tuple[bool, Any]:
        """As `_ask`, on a new instance; if that works, recording was at fault, and is done without from now on."""
        self._recording = False
        try:
            self._start()
            answer = self._ask(function, text)
        except EngineError:
            self._recording = True
            raise
        logger.warning("Query plans are built in the slow way from now on, since recording has failed: %s", error)
        return answer

    def _start(self) -> None:
        instance = wasm.Instance(wasm.load("compiler_postgresql"), recording=self._recording)
        pointer, error, failed = instance.call("querycompiler_new", self._options)
        if failed:
            raise EngineError(f"Prisma's query compiler did not start: {instance.take(error)}")
        if self._recording:
            instance.record()
        self._instance, self._pointer = instance, pointer
