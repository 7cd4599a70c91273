"""SQL of the host's own in a migration, which no Prisma schema can express, survives the migrations after it."""

from __future__ import annotations

from .conftest import ARTICLE, Host

OWN = """
CREATE EXTENSION vector;
ALTER TABLE "Article" ADD COLUMN length integer GENERATED ALWAYS AS (length(title)) STORED;
CREATE VIEW titled AS SELECT id FROM "Article" WHERE title IS NOT NULL;
CREATE TABLE log (at timestamptz DEFAULT now());
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO log DEFAULT VALUES;
    RETURN NEW;
END;
$$;
CREATE TRIGGER noted AFTER INSERT ON "Article" FOR EACH ROW EXECUTE FUNCTION note();
ALTER TABLE "Article" ENABLE ROW LEVEL SECURITY;
CREATE POLICY everybody ON "Article" USING (true);
CREATE INDEX partly ON "Article" (title) WHERE id > 10;
"""
LOG = "model log {\n  at DateTime? @id @default(now()) @db.Timestamptz(6)\n}\n"
STATE = """
SELECT (SELECT string_agg(extname, ',') FROM pg_extension WHERE extname = 'vector'),
       (SELECT count(*) FROM pg_trigger WHERE tgname = 'noted'),
       (SELECT relrowsecurity FROM pg_class WHERE relname = 'Article'),
       (SELECT count(*) FROM pg_policy),
       (SELECT pg_get_viewdef('titled'::regclass)),
       (SELECT attgenerated FROM pg_attribute WHERE attname = 'length' AND attrelid = '"Article"'::regclass),
       (SELECT pg_get_indexdef('partly'::regclass))
"""


async def test_it_is_there_after_the_next_migrations_and_is_no_change_by_hand(host: Host) -> None:
    await host.develop("init")
    created = await host.develop("own", create_only=True)
    assert created.created is not None
    created.created.write_text(OWN.replace("DEFAULT now());", "DEFAULT now() PRIMARY KEY);"))
    with_length = ARTICLE.replace("title String?", "title String?\n  length Int? @default(dbgenerated())")
    with_own = with_length.replace("}", '  @@index([title], map: "partly")\n}') + LOG.replace("DateTime?", "DateTime")
    host.schema(with_own)
    assert (await host.develop("follow")).pending == (created.created.parent.name,)
    before = await host.fetch(f"SELECT state::text FROM ({STATE}) AS state")

    host.schema(with_own.replace("title String?", "title String?\n  price Int?"))
    done = await host.develop("price")

    assert done.applied
    assert (await host.status()).in_order
    assert await host.fetch(f"SELECT state::text FROM ({STATE}) AS state") == before
    await host.execute('INSERT INTO "Article" (id, title) VALUES (1, $$Tea$$)')
    assert await host.fetch('SELECT length FROM "Article"') == [3]
    assert await host.fetch("SELECT count(*) FROM log") == [1]
    assert await host.fetch("SELECT count(*) FROM titled") == [1]
