"""Reading the migrations folder."""

from __future__ import annotations

from pathlib import Path

from berceau_engine.migration_list import Migration, MigrationList


def write(folder: Path, name: str, sql: bytes) -> None:
    (folder / name).mkdir()
    (folder / name / "migration.sql").write_bytes(sql)


def test_a_folder_that_does_not_exist_has_no_migrations(tmp_path: Path) -> None:
    assert MigrationList.read(tmp_path / "none") == MigrationList(tmp_path / "none")


def test_migrations_come_in_the_order_of_their_names_with_the_lock_file(tmp_path: Path) -> None:
    write(tmp_path, "20260102000000_b", b"SELECT 2;")
    write(tmp_path, "20260101000000_a", b"SELECT 1;")
    (tmp_path / "migration_lock.toml").write_text('provider = "postgresql"\n')
    (tmp_path / "notes.txt").write_text("no migration")
    (tmp_path / ".hidden").mkdir()
    found = MigrationList.read(tmp_path)
    assert found.names == ("20260101000000_a", "20260102000000_b")
    assert found.lock == 'provider = "postgresql"\n'
    assert found.migrations[0] == Migration("20260101000000_a", "SELECT 1;")


def test_line_ends_and_characters_are_kept_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, "20260101000000_a", "SELECT 'ü';\r\n-- x\r\n".encode())
    assert MigrationList.read(tmp_path).migrations[0].sql == "SELECT 'ü';\r\n-- x\r\n"


def test_a_migration_without_a_script_is_kept_for_the_engine_to_refuse(tmp_path: Path) -> None:
    (tmp_path / "20260101000000_a").mkdir()
    found = MigrationList.read(tmp_path)
    assert found.migrations == (Migration("20260101000000_a", None),)
    content = found.to_engine()["migrationDirectories"][0]["migrationFile"]["content"]
    assert content["tag"] == "error"


def test_a_list_with_one_more_migration_has_a_lock_file(tmp_path: Path) -> None:
    more = MigrationList(tmp_path).with_migration("20260101000000_a", "SELECT 1;")
    assert more.names == ("20260101000000_a",)
    assert 'provider = "postgresql"' in (more.lock or "")
    assert more.with_migration("20260102000000_b", "").names == ("20260101000000_a", "20260102000000_b")
