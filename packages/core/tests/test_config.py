"""`[tool.berceau]` and the environment variables."""

from __future__ import annotations

from pathlib import Path

import pytest

from berceau.config import Config, find_project, load_config, load_environment
from berceau.errors import ConfigurationError

VARIABLES = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "SHADOW_DATABASE_URL", "BERCEAU_ENV", "BERCEAU_SECRET")


@pytest.fixture(autouse=True)
def _empty_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def project(folder: Path, *lines: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text("\n".join(["[tool.berceau]", *lines, ""]), encoding="utf-8")
    return folder


def refused(folder: Path) -> ConfigurationError:
    with pytest.raises(ConfigurationError) as caught:
        load_config(folder)
    return caught.value


def test_an_empty_table_means_the_defaults(tmp_path: Path) -> None:
    root = project(tmp_path)
    assert load_config(root) == Config(
        root=root,
        app=None,
        schema_dir=root / "prisma" / "schema",
        migrations_dir=root / "prisma" / "migrations",
        output=None,
        strict=False,
        disabled=frozenset(),
    )


def test_a_host_without_a_table_has_the_defaults_too(tmp_path: Path) -> None:
    assert Config.default(tmp_path) == load_config(project(tmp_path))


def test_all_keys_are_read_and_paths_are_relative_to_the_project(tmp_path: Path) -> None:
    project(
        tmp_path,
        'app = "shop.web:create_app"',
        'schema = "database/schema"',
        'migrations = "database/../changes"',
        'output = "src/berceau_client"',
        "strict = true",
        'disabled = ["demo", "payments"]',
    )
    config = load_config(tmp_path)
    assert config.app == "shop.web:create_app"
    assert config.schema_dir == tmp_path / "database" / "schema"
    assert config.migrations_dir == tmp_path / "changes"
    assert config.output == config.client_dir == tmp_path / "src" / "berceau_client"
    assert config.strict
    assert config.disabled == {"demo", "payments"}


def test_without_output_the_client_is_in_site_packages(tmp_path: Path) -> None:
    client = load_config(project(tmp_path)).client_dir
    assert client.name == "berceau_client"
    assert (client.parent / "wasmtime").is_dir()


def test_the_nearest_project_upwards_is_the_host(tmp_path: Path) -> None:
    outer = project(tmp_path / "outer", "strict = true")
    inner = outer / "packages" / "library"
    inner.mkdir(parents=True)
    (inner / "pyproject.toml").write_text("[project]\nname = 'library'\n")
    (inner / "src").mkdir()
    assert find_project(inner / "src") == outer / "pyproject.toml"
    assert load_config(inner / "src").strict
    assert not load_config(project(inner)).strict


def test_without_a_project_the_error_says_what_to_add(tmp_path: Path) -> None:
    error = refused(tmp_path)
    assert str(tmp_path) in error.message
    assert "[tool.berceau]" in (error.hint or "")
    assert find_project(tmp_path) is None


def test_an_unknown_key_is_named_with_its_line_and_the_nearest_known(tmp_path: Path) -> None:
    error = refused(project(tmp_path, "strict = true", 'disable = ["demo"]'))
    assert "'disable'" in error.message
    assert "'disabled'" in error.message
    assert (error.file, error.line) == (tmp_path / "pyproject.toml", 3)
    assert "migrations" in (error.hint or "")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[tool]\nberceau.strictt = true\n", 2),
        ('[project]\nname = "x"\n\n[tool.berceau.strictt]\nx = 1\n', 4),
        ("tool.berceau.strictt = 1\n", 1),
        ('[tool.other]\nstrictt = 1\n[[tool.more]]\nstrictt = 2\n[tool.berceau]\n"strictt" = 1\n', 6),
    ],
)
def test_the_line_of_a_key_is_found_however_it_is_written(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "pyproject.toml").write_text(text)
    error = refused(tmp_path)
    assert "'strictt'" in error.message
    assert error.line == line


@pytest.mark.parametrize(
    ("line", "said", "cure"),
    [
        ('app = "shop"', "module:attribute", 'app = "shop:app"'),
        ("app = 3", "module:attribute", 'app = "shop:app"'),
        ('strict = "yes"', "neither true nor false", "strict = true"),
        ('disabled = "demo"', "not a list", 'disabled = ["demo"]'),
        ("disabled = [1]", "not a list", 'disabled = ["demo"]'),
        ('schema = ""', "not a folder's path", 'schema = "prisma/schema"'),
        ("migrations = 1", "not a folder's path", 'migrations = "prisma/migrations"'),
        ('schema = "prisma/schema.prisma"', "names a file", 'schema = "prisma/schema"'),
        ('output = "src/client"', "'berceau_client'", 'output = "src/client/berceau_client"'),
    ],
)
def test_a_wrong_value_is_refused_with_its_place_and_cure(tmp_path: Path, line: str, said: str, cure: str) -> None:
    error = refused(project(tmp_path, line))
    assert said in error.message
    assert cure in (error.hint or "")
    assert (error.file, error.line) == (tmp_path / "pyproject.toml", 2)


def test_broken_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    error = refused(project(tmp_path, "strict = true", "disabled = ["))
    assert "not valid TOML" in error.message
    assert error.file == tmp_path / "pyproject.toml"
    assert error.line is not None
    assert error.line >= 3


def test_a_project_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.berceau]\n# \xff\n")
    assert "cannot be read" in refused(tmp_path).message


# ---------------------------------------------------------------- environment


def test_addresses_come_from_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://run")
    monkeypatch.setenv("MIGRATION_DATABASE_URL", "postgresql://migrate")
    monkeypatch.setenv("SHADOW_DATABASE_URL", "postgresql://shadow")
    environment = load_environment(Config.default(tmp_path))
    assert environment.database_url == "postgresql://run"
    assert environment.migration_database_url == "postgresql://migrate"
    assert environment.shadow_database_url == "postgresql://shadow"
    assert not environment.production


def test_migrations_use_the_running_address_if_they_have_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://run")
    assert load_environment(Config.default(tmp_path)).migration_database_url == "postgresql://run"


def test_nothing_set_is_nothing_found(tmp_path: Path) -> None:
    environment = load_environment(Config.default(tmp_path))
    assert environment.database_url is environment.migration_database_url is environment.shadow_database_url is None


def test_in_development_the_env_file_fills_what_the_environment_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text(
        'DATABASE_URL="postgresql://from-file"\nSHADOW_DATABASE_URL=postgresql://shadow\nBERCEAU_ENV=development\n'
    )
    monkeypatch.setenv("DATABASE_URL", "postgresql://real")
    monkeypatch.setenv("SHADOW_DATABASE_URL", "")  # empty, as compose files leave it, is as good as not set
    environment = load_environment(Config.default(tmp_path))
    assert environment.database_url == "postgresql://real"
    assert environment.shadow_database_url == "postgresql://shadow"


def test_in_production_the_env_file_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".env").write_text("DATABASE_URL=postgresql://from-file\n")
    monkeypatch.setenv("BERCEAU_ENV", "production")
    environment = load_environment(Config.default(tmp_path))
    assert environment.production
    assert environment.database_url is None


def test_the_env_file_cannot_declare_production(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("BERCEAU_ENV=production\n")
    with pytest.raises(ConfigurationError, match="development only") as caught:
        load_environment(Config.default(tmp_path))
    assert caught.value.file == tmp_path / ".env"
    assert "environment of the server" in (caught.value.hint or "")


def test_an_unknown_kind_of_environment_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BERCEAU_ENV", "prodution")
    with pytest.raises(ConfigurationError, match="did you mean 'production'") as caught:
        load_environment(Config.default(tmp_path))
    assert "development, test, production" in (caught.value.hint or "")


def test_an_env_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"DATABASE_URL=\xff\n")
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_environment(Config.default(tmp_path))


def test_addresses_stay_out_of_representations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:topsecret@host/db")
    assert "topsecret" not in repr(load_environment(Config.default(tmp_path)))
