"""Strategies: what they draw is what `create` takes."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from berceau.testing.factories import FactoryError
from berceau.testing.strategies import inputs


@contextmanager
def given_up(db: Any, runner: asyncio.Runner) -> Iterator[Any]:
    """A transaction that is given up at the end."""
    manager = db.tx()
    try:
        yield runner.run(manager.start())
    finally:
        runner.run(manager.rollback())


@pytest.mark.parametrize("model", ["Pet", "Passport", "Slot", "Setting", "User", "Node", "Seed", "Using"])
def test_every_input_can_be_created(bound, url, model):
    with asyncio.Runner() as runner:
        db = bound.client_class()(url)
        runner.run(db.connect())

        @settings(
            max_examples=15,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate,),
        )
        @given(inputs(model, bound.client_class()))
        def check(data: dict[str, Any]) -> None:
            with given_up(db, runner) as tx:
                runner.run(getattr(tx, model.lower()).create(data=data))

        try:
            check()
        finally:
            runner.run(db.disconnect())


def test_fields_can_be_fixed(bound):
    @settings(max_examples=5, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(inputs("Seed", bound.client_class(), count=3, class_=st.sampled_from(["a", "b"])))
    def check(data: dict[str, Any]) -> None:
        assert data["count"] == 3
        assert data["class"] in ("a", "b")

    check()


def test_what_cannot_be_made_is_refused(bound):
    for model, reason in (("Shape", "Unsupported"), ("Chicken", "needs the other first")):
        with pytest.raises(FactoryError, match=reason):
            inputs(model, bound.client_class())
