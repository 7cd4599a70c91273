"""The sum of all that Prisma's schema engine looks at in a database, by one query: equal sums, equal schemas."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from berceau_engine.postgres import Connection

_SUM = """
WITH namespace AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema'
), relation AS (
    SELECT c.*, nspname FROM pg_class c JOIN namespace n ON n.oid = relnamespace
    WHERE relkind IN ('r', 'p', 'v', 'm', 'S') AND relname <> '_prisma_migrations'
), line AS (
    SELECT concat_ws('|', 'relation', nspname, relname, relkind, relispartition) AS text FROM relation
    UNION ALL
    SELECT concat_ws('|', 'column', nspname, relname, attname, format_type(atttypid, atttypmod), attnotnull,
                     attidentity, attgenerated, attcollation, pg_get_expr(adbin, adrelid))
    FROM relation JOIN pg_attribute ON attrelid = relation.oid
    LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
    WHERE attnum > 0 AND NOT attisdropped
    UNION ALL
    SELECT concat_ws('|', 'constraint', nspname, relname, conname, pg_get_constraintdef(con.oid))
    FROM relation JOIN pg_constraint con ON conrelid = relation.oid
    UNION ALL
    SELECT concat_ws('|', 'index', pg_get_indexdef(indexrelid), indisvalid, indisprimary)
    FROM relation JOIN pg_index ON indrelid = relation.oid
    UNION ALL
    SELECT concat_ws('|', 'sequence', nspname, relname, seqtypid, seqstart, seqincrement, seqmin, seqmax, seqcache,
                     seqcycle)
    FROM relation JOIN pg_sequence ON seqrelid = relation.oid
    UNION ALL
    SELECT concat_ws('|', 'enum', nspname, typname, enumlabel, enumsortorder)
    FROM pg_type t JOIN namespace n ON n.oid = typnamespace LEFT JOIN pg_enum ON enumtypid = t.oid
    WHERE typtype = 'e'
    UNION ALL
    SELECT concat_ws('|', 'extension', extname, extversion) FROM pg_extension
)
SELECT md5(string_agg(text, E'\\n' ORDER BY text)) FROM line
"""


async def catalog_sum(connection: Connection) -> str:
    """The sum for the database; rows, the order of columns, and the record of migrations do not count.

    Names are told as the connection's search path asks for, so only sums under equal ones compare.
    """
    return str(await connection.fetchval(_SUM))
