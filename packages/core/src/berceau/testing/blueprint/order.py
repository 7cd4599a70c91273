"""The order in which objects are made: each after those that it depends on, otherwise by kind and name."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterable, Sequence

from berceau.testing.blueprint.catalog import Item, Node


def in_order(items: Sequence[Item], edges: Iterable[tuple[Node, Node]]) -> list[Item]:
    """The items, each behind those that it depends on; one that depends on itself in a circle comes by its kind."""
    known = {item.node: item for item in items}
    waits: dict[Node, set[Node]] = {node: set() for node in known}
    waiting: dict[Node, list[Node]] = defaultdict(list)
    for dependent, needed in edges:
        if dependent in known and needed in known and needed not in waits[dependent]:
            waits[dependent].add(needed)
            waiting[needed].append(dependent)
    ready = [(item.kind, item.name, node) for node, item in known.items() if not waits[node]]
    heapq.heapify(ready)
    ordered: list[Item] = []
    left = dict(known)
    while left:
        if not ready:
            node = min(left, key=lambda node: (left[node].kind, left[node].name))
            heapq.heappush(ready, (left[node].kind, left[node].name, node))
        node = heapq.heappop(ready)[2]
        if left.pop(node, None) is None:
            continue
        ordered.append(known[node])
        for dependent in waiting[node]:
            waits[dependent].discard(node)
            if not waits[dependent] and dependent in left:
                heapq.heappush(ready, (known[dependent].kind, known[dependent].name, dependent))
    return ordered
