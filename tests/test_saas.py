"""A SaaS back end of 61 models, as a host of its own: built, migrated, queried, changed, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from empty_database import empty_database as empty_database
from hosts import Host

from berceau.client import bind
from berceau.generator import DATA_FILE
from berceau.migrations import Request, Target, deploy, develop, status
from berceau.migrations.rollback import RollbackRequest, rollback
from berceau_engine.postgres import DatabaseUrl, connect

SCHEMA = (Path(__file__).parent / "schemas" / "saas.prisma").read_text(encoding="utf-8")

OPEN_INVOICES = """
CREATE VIEW open_invoices AS
SELECT organization_id, count(*) AS open, sum(total)::numeric(12, 2) AS total
FROM invoices WHERE state = 'OPEN' GROUP BY organization_id;
"""
CHANGES = [  # a renamed column, a new one, a dropped enum value, a renamed one, an index
    ("subject        String\n", 'title          String\n  closedAt       DateTime? @map("closed_at")\n'),
    ("  URGENT\n", ""),
    ("  WAITING\n", "  PENDING\n"),
    ("@@index([state, priority])", "@@index([state, priority])\n  @@index([custom], type: Gin)"),
]


def changed(schema: str) -> str:
    for old, new in CHANGES:
        assert schema.count(old) == 1, old
        schema = schema.replace(old, new)
    return schema


async def test_a_schema_of_61_models_is_built_migrated_queried_changed_and_taken_back(tmp_path, empty_database):
    url = empty_database
    host = Host(tmp_path / "host")
    target = Target(url, "DATABASE_URL", None, production=False)
    host.write("saas.prisma", SCHEMA)
    host.build()
    first = await develop(host.config, target, Request("init", create_only=True), say)
    assert first.created is not None
    with first.created.open("a", encoding="utf-8") as script:
        script.write(OPEN_INVOICES)  # Prisma makes no views
    await deploy(host.config, target, say)

    async with client(host, url) as db:
        await work(db)

    host.write("saas.prisma", changed(SCHEMA))
    host.build()
    renamed = ("Ticket.subject=title", "TicketState.WAITING=PENDING")
    request = Request("support", rename=renamed, allow_drop=("TicketPriority.URGENT",))
    second = await develop(host.config, target, request, say)
    assert second.created is not None
    assert second.applied

    async with client(host, url) as db:
        ticket = await db.ticket.find_first(where={"custom": {"path": ["browser"], "equals": "old"}})
        assert (ticket.title, ticket.state, ticket.closedAt) == ("It does not work", "PENDING", None)

    back = RollbackRequest(confirmed=True, allow_drop=("Ticket.closed_at",))
    done = await rollback(host.config, target, back, say)
    assert done.names == (second.created.parent.name,)
    assert await subjects(url, "subject") == ["It does not work"]

    await deploy(host.config, target, say)
    assert await subjects(url, "title") == ["It does not work"]
    found = await status(host.config, target)
    assert (found.pending, found.drift, found.unchecked) == ((), None, None)


async def work(db: Any) -> None:
    """What a back end asks for: nested writes, composite keys, JSON, lists, decimals, a view, groups, raw SQL."""
    acme = await db.organization.create(
        data={
            "slug": "acme",
            "name": "Acme",
            "plan": "TEAM",
            "settings": {"theme": {"dark": True}},
            "domains": ["acme.example", "acme.test"],
            "teams": {"create": [{"name": "Core"}, {"name": "Web"}]},
            "memberships": {
                "create": [{"role": "OWNER", "user": {"create": {"email": "a@acme.example", "name": "Ann"}}}]
            },
            "customers": {
                "create": [
                    {
                        "name": "Bolt",
                        "tags": ["large"],
                        "tickets": {
                            "create": [
                                {"subject": "It does not work", "state": "WAITING", "custom": {"browser": "old"}}
                            ]
                        },
                    }
                ]
            },
        },
        include={"memberships": True, "teams": True},
    )
    assert sorted(team.name for team in acme.teams) == ["Core", "Web"]

    key = {"organizationId": acme.id, "userId": acme.memberships[0].userId}
    member = await db.membership.update(where={"organizationId_userId": key}, data={"role": "ADMIN"})
    assert (member.role, member.createdAt <= datetime.now(UTC)) == ("ADMIN", True)

    dark = {"settings": {"path": ["theme", "dark"], "equals": True}, "domains": {"has": "acme.test"}}
    assert await db.organization.count(where=dark) == 1
    assert await db.organization.count(where={"domains": {"has_every": ["acme.test", "other.test"]}}) == 0

    for state, total in (("OPEN", "19.99"), ("OPEN", "0.01"), ("PAID", "5.50")):
        lines = {"create": [{"position": 1, "text": "Seats", "quantity": "1.500", "price": total}]}
        await db.invoice.create(
            data={
                "organizationId": acme.id,
                "state": state,
                "currency": "EUR",
                "total": Decimal(total),
                "invoiceLines": lines,
            }
        )
    groups = await db.invoice.group_by(by=["state"], sum={"total": True}, order={"state": "asc"})
    assert [(group["state"], group["_sum"]["total"]) for group in groups] == [
        ("OPEN", Decimal("20.00")),
        ("PAID", Decimal("5.50")),
    ]
    opened = await db.openinvoice.find_unique(where={"organizationId": acme.id})
    assert (opened.open, opened.total) == (2, Decimal("20.00"))
    rows = await db.query_raw("SELECT max(price) AS most FROM invoice_lines WHERE quantity > $1", Decimal(1))
    assert Decimal(rows[0]["most"]) == Decimal("19.9900")


def client(host: Host, url: DatabaseUrl) -> Any:
    """The client that the build has made; untyped, as its types are of no installed package."""
    bound = bind(host.client / DATA_FILE, "saas_client")
    return bound.client_class()(datasource={"url": str(url)})


async def subjects(url: DatabaseUrl, column: str) -> list[str]:
    connection = await connect(url)
    try:
        return [row[0] for row in await connection.fetch(f"SELECT {column} FROM tickets")]
    finally:
        await connection.close()


def say(_: str) -> None:
    """Nobody listens."""
