"""Names that Python, pydantic and the client keep for themselves: none of the schema's names may hide them."""

from __future__ import annotations

from berceau.client.bases import PrismaModel
from berceau.client.batch import Batch
from berceau.client.names import CLIENT_NAMES, MODEL_NAMES, client_attribute, model_attribute
from berceau.client.prisma import Prisma


def test_no_model_hides_what_a_client_or_a_batch_has() -> None:
    public = {name for name in (*dir(Prisma), *dir(Batch)) if not name.startswith("_")}
    assert public == CLIENT_NAMES
    assert client_attribute("Connect") == "connect_"
    assert client_attribute("Class") == "class_"
    assert client_attribute("DemoPost") == "demopost"


def test_no_field_hides_what_a_model_has() -> None:
    public = {name for name in dir(PrismaModel) if not name.startswith("_")}
    assert public <= MODEL_NAMES
    assert [model_attribute(name) for name in ("json", "class", "title")] == ["json_", "class_", "title"]
