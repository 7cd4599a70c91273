"""Records for tests: `await make.demopost(title="x")` fills in what is required and makes the records it refers to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast, overload

from berceau.client.prisma import Prisma
from berceau.testing.datamodel import data_model
from berceau.testing.factories.building import build
from berceau.testing.factories.errors import FactoryError
from berceau.testing.factories.filling import Filling
from berceau.testing.factories.making import Maker
from berceau.testing.factories.refusals import check_writable

if TYPE_CHECKING:
    import berceau_client
    import berceau_client.factories

__all__ = ["Factory", "FactoryError", "ModelFactory", "factory"]


@overload
def factory(db: berceau_client.Prisma, *, seed: int = 0) -> berceau_client.factories.Factory: ...
@overload
def factory(db: Prisma, *, seed: int = 0) -> Factory: ...
def factory(db: berceau_client.Prisma | Prisma, *, seed: int = 0) -> Any:
    """What makes records with a client, a real one or one in memory; with the same seed, the same values."""
    return Factory(cast(Prisma, db), seed)


class Factory:
    """Has the factory of each model under the attribute that the client has for it: `make.demopost`."""

    def __init__(self, db: Prisma, seed: int) -> None:
        models = data_model(db._schema)
        self._filling = Filling(models, seed)
        self._schema = db._schema
        self._maker = Maker(db, models, self._filling)
        self._models = models

    def __getattr__(self, name: str) -> ModelFactory:
        model = None if name.startswith("_") else self._schema.accessors.get(name)
        if model is None:
            raise AttributeError(f"the schema has no model whose attribute would be {name!r}", name=name, obj=self)
        return ModelFactory(self, model)

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._schema.accessors]


class ModelFactory:
    """Makes the records of one model.

    Keywords are fields of the model: a value, or a function of the record's number; for a relation a record, a
    dictionary of the fields of a record to be made, or None; for several related records also how many.
    """

    __slots__ = ("_factory", "_model")

    def __init__(self, factory: Factory, model: str) -> None:
        self._factory = factory
        self._model = factory._models.models[model]

    async def __call__(self, /, **overrides: Any) -> Any:
        """Make a record and return it. Raises `FactoryError` for what cannot be made."""
        return (await self._factory._maker.make(self._model, 1, overrides))[0]

    async def batch(self, count: int, /, **overrides: Any) -> list[Any]:
        """Make so many records, all with the same overrides, in one statement. Raises `FactoryError`."""
        return await self._factory._maker.make(self._model, count, overrides)

    def build(self, /, **overrides: Any) -> dict[str, Any]:
        """The data for `create`, with required records nested in it; nothing is saved. Raises `FactoryError`."""
        check_writable(self._factory._schema, self._model.name)
        return build(self._factory._models, self._factory._filling, self._model, overrides)
