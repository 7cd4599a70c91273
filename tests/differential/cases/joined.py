"""Every type below a relation, where the database makes JSON of the records."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from harness.operations import case as one
from harness.operations import cases, execute, op, query
from harness.values import Document

MOMENT = datetime(2025, 1, 2, 3, 4, 5, 678000, tzinfo=UTC)
SAMPLE: dict[str, Any] = {
    "id": 10, "bigint": 2**62, "decimal": Decimal("0.1"), "decimals": [Decimal("2.50")],
    "float": 0.1, "floats": [1e-7, 1e21], "real": 0.1, "boolean": False, "booleans": [True], "moment": MOMENT,
    "moments": [MOMENT], "day": MOMENT, "days": [MOMENT], "time": MOMENT, "bytes": b"\x00\x01", "uuids": [],
    "texts": ["é", "🦋", '"', "\\"], "priority": "HIGH", "prios": ["HIGH", "LOW"], "doc": Document({"a": {"b": None}}),
    "docs": [Document(1), Document("x")], "money": Decimal("5.25"), "bits": "0101", "char": "x",
}  # fmt: skip
SAMPLES = {"samples": {"orderBy": {"id": "asc"}}}
FIELDS = (*(name for name in SAMPLE if name != "id"), "byteses")

CASES = (
    *cases(
        op("Sample.findMany", orderBy={"id": "asc"}),
        *(op("Shelf.findMany", include=SAMPLES, orderBy={"id": "asc"}, relationLoadStrategy=how) for how in ("join", "query")),
        *(op("Sample.findMany", include={"shelf": {"include": SAMPLES}}, orderBy={"id": "asc"}, relationLoadStrategy=how) for how in ("join", "query")),
        *(op("Shelf.findMany", include={"samples": {"distinct": [name], "orderBy": {"id": "asc"}, "select": {name: True}}}, relationLoadStrategy=how)
          for name in FIELDS if name not in ("doc", "docs") for how in ("join", "query")),
        *(op("Shelf.findMany", include={"samples": {"orderBy": [{name: "desc"}, {"id": "asc"}], "take": 1, "select": {"id": True, name: True}}}) for name in FIELDS if name != "docs"),
        op("Shelf.findMany", include={"samples": {"cursor": {"id": 2}, "orderBy": {"id": "asc"}, "select": {"bigint": True}}}),
        op("Sample.aggregate", _sum={"money": True, "bigint": True, "decimal": True}, _max={"money": True, "moment": True, "day": True, "time": True, "float": True}),
        op("Sample.aggregate", _min={"money": True, "moment": True, "day": True, "time": True, "float": True, "real": True}, _avg={"bigint": True, "decimal": True, "real": True}),
        op("Sample.findMany", where={"float": -1.7976931348623157e308}, select={"id": True}),
        op("Sample.groupBy", by=["moment", "decimal"], _count=True, orderBy={"moment": "asc"}),
        op("Shelf.create", data={"id": 9, "samples": {"create": [SAMPLE, SAMPLE | {"id": 11, "float": -0.5}]}}, include=SAMPLES),
        op("Shelf.create", data={"id": 9, "samples": {"createMany": {"data": [SAMPLE]}}}, include=SAMPLES),
        op("Shelf.update", where={"id": 1}, data={"samples": {"update": {"where": {"id": 1}, "data": {"decimal": {"increment": Decimal("0.01")}, "texts": {"set": ["x"]}, "money": {"multiply": 2}}}}}, include=SAMPLES),
        op("Shelf.update", where={"id": 2}, data={"samples": {"upsert": {"where": {"id": 10}, "create": SAMPLE, "update": {}}}}, include=SAMPLES),
        op("Sample.createManyAndReturn", data=[SAMPLE | {"shelfId": 1}], include={"shelf": True}),
        op("Sample.create", data=SAMPLE | {"shelf": {"create": {"id": 9}}, "byteses": {"set": [b"\x00"]}}),
        *(op("Shelf.findMany", include={"tallies": {"orderBy": {"id": "asc"}}}, orderBy={"id": "asc"}, relationLoadStrategy=how) for how in ("join", "query")),
        op("Shelf.create", data={"id": 9, "tallies": {"create": {"id": 9, "counts": [2**62, -1]}}}, include={"tallies": True}),
        op("Tally.update", where={"id": 2}, data={"counts": {"push": [1, 2**63 - 1]}}),
        query("SELECT moment, moments, day, days, time, bytes, byteses, money, bits, char, docs, decimals, floats FROM samples WHERE id = 1"),
    ),
    one(execute("UPDATE samples SET float = 'NaN', floats = '{Infinity,-Infinity,NaN}', decimal = 'NaN' WHERE id = 1"), op("Sample.findUnique", where={"id": 1}), op("Shelf.findUnique", where={"id": 1}, include=SAMPLES)),
)  # fmt: skip
