"""Components that come, change and go: provenance, upgrades of their own, removal."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from berceau.build import build
from berceau.errors import BerceauError, ConfigurationError, MigrationStateError, Problems
from berceau.migrations import UndecidedError, develop
from berceau.migrations.removal import forget, keep, removable, schema_without, stakes
from berceau.migrations.request import Request
from berceau.provenance import changes_of, upgrades_of
from berceau_engine.postgres import DatabaseUrl

from .conftest import Host

ITEM = "model ShopItem {\n  id Int @id\n  name String\n}\n"
WITH_PRICE = ITEM.replace("name String", "name String\n  price Int")
BLOG = "model BlogPost {\n  id Int @id\n}\n"


class Installed(Host):
    """A host with components in a folder of its own, which stands on `sys.path`."""

    def __init__(self, folder: Path, url: DatabaseUrl) -> None:
        super().__init__(folder, url)
        self.site = folder / "site"
        self.site.mkdir()
        self.config = replace(self.config, output=folder / "berceau_client", disabled=frozenset({"demo"}))

    def install(self, name: str, version: str, schema: str, requires: str | None = None, **upgrades: str) -> None:
        """Install a version; upgrades as `v0_2_0_before="SQL"`."""
        self.uninstall(name)
        package = self.site / f"{name}_models"
        (package / "upgrades").mkdir(parents=True)
        (package / "schema.prisma").write_text(schema)
        for key, sql in upgrades.items():
            folder, _, moment = key.removeprefix("v").rpartition("_")
            file = package / "upgrades" / folder.replace("_", ".") / f"{moment}.sql"
            file.parent.mkdir(exist_ok=True)
            file.write_text(sql)
        info = self.site / f"{name}-{version}.dist-info"
        info.mkdir()
        needs = f"Requires-Dist: {requires}\n" if requires else ""
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{needs}")
        (info / "entry_points.txt").write_text(f"[berceau.schemas]\n{name} = {name}_models:schema.prisma\n")
        (info / "RECORD").write_text(f"{name}_models/schema.prisma,,\n")
        build(self.config)

    def uninstall(self, name: str) -> None:
        import shutil

        shutil.rmtree(self.site / f"{name}_models", ignore_errors=True)
        for info in self.site.glob(f"{name}-*.dist-info"):
            shutil.rmtree(info)


@pytest.fixture
def installed(tmp_path: Path, empty_database: DatabaseUrl, monkeypatch: pytest.MonkeyPatch) -> Installed:
    host = Installed(tmp_path, empty_database)
    monkeypatch.syspath_prepend(str(host.site))
    return host


class TestProvenance:
    async def test_the_record_tells_what_comes_what_changes_and_what_stays(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)
        first = await installed.develop()
        installed.install("shop", "0.2.0", WITH_PRICE)
        installed.install("blog", "1.0", BLOG)
        second = await installed.develop()

        assert first.created is not None
        assert second.created is not None
        assert first.created.parent.name.endswith("_init")
        assert second.created.parent.name.endswith("_add_blog_upgrade_shop_0_2_0")
        assert upgrades_of(second.created.parent) == ("blog 1.0 (new)", "shop 0.1.0 → 0.2.0")
        record = json.loads((second.created.parent / "components.json").read_text())
        assert record["shop"]["before"]["version"] == "0.1.0"
        assert record["shop"]["before"]["schema"] != record["shop"]["after"]["schema"]
        assert record["blog"] == {"before": None, "after": record["blog"]["after"]}
        assert record["blog"]["after"]["distribution"] == "blog"
        assert record["blog"]["after"]["tables"] == ["BlogPost"]

    async def test_a_record_that_is_none_is_named(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)
        done = await installed.develop()
        assert done.created is not None
        (done.created.parent / "components.json").write_text("[]")

        with pytest.raises(MigrationStateError, match="record of components") as caught:
            changes_of(done.created.parent)
        assert caught.value.file == done.created.parent / "components.json"

    async def test_a_loss_names_the_component(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop()
        installed.install("shop", "0.2.0", "model ShopOther {\n  number BigInt @id\n}\n")

        with pytest.raises(UndecidedError, match=r"ShopItem \(component 'shop'\): the table is dropped; 0 rows"):
            await installed.develop()


class TestUpgrades:
    async def test_upgrades_are_woven_in_order_around_the_generated_steps(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop()
        await installed.execute("INSERT INTO \"ShopItem\" VALUES (1, 'tea')")
        installed.install(
            "shop",
            "0.10.0",
            WITH_PRICE,
            v0_10_0_after="UPDATE \"ShopItem\" SET name = name || ' v10';\n",
            v0_9_0_after="UPDATE \"ShopItem\" SET name = name || ' v9';\n",
            v0_2_0_before='ALTER TABLE "ShopItem" ADD COLUMN price INTEGER;\nUPDATE "ShopItem" SET price = 7;\n',
            v0_1_0_before="SELECT nonsense;\n",
            v0_11_0_after="SELECT nonsense;\n",
        )

        done = await installed.develop()

        assert done.created is not None
        script = done.created.read_text()
        places = [script.index(word) for word in ("0.2.0/before", "SET NOT NULL", "0.9.0/after", "0.10.0/after")]
        assert places == sorted(places)
        assert "-- Upgrade: component 'shop', upgrades/0.2.0/before.sql\n" in script
        assert "nonsense" not in script
        assert await installed.fetch("SELECT name || ' ' || price FROM \"ShopItem\"") == ["tea v9 v10 7"]
        assert "Upgrade of component 'shop' to 0.2.0, before.sql:" in installed.said
        assert (await installed.develop()).created is None

    async def test_what_an_upgrade_adds_beyond_the_schema_goes_on_the_way_back(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop("init")
        index = 'CREATE INDEX shop_by_name ON "ShopItem" (name);\n'
        installed.install("shop", "0.2.0", WITH_PRICE, v0_2_0_after=index)

        done = await installed.develop("index")

        assert done.created is not None
        assert done.warnings == ()
        down = done.created.with_name("down.sql").read_text()
        assert "Not whole" not in down
        assert 'DROP INDEX "shop_by_name";' in down
        assert 'DROP COLUMN "price";' in down

    async def test_a_mistake_names_component_file_and_line(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop()
        installed.install("shop", "0.2.0", ITEM, v0_2_0_after="SELECT 1;\nUPDATE nowhere SET a = 1;\n")
        before = installed.folders

        with pytest.raises(MigrationStateError, match='relation "nowhere" does not exist') as caught:
            await installed.develop()

        assert caught.value.component == "shop"
        assert caught.value.file == installed.site / "shop_models/upgrades/0.2.0/after.sql"
        assert caught.value.line == 2
        assert installed.folders == before

    async def test_a_mistake_that_only_rows_bring_up_names_the_file_too(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop()
        await installed.execute("INSERT INTO \"ShopItem\" VALUES (0, 'tea')")
        installed.install("shop", "0.2.0", ITEM, v0_2_0_before='SELECT 1;\nSELECT 1 / id FROM "ShopItem";\n')

        with pytest.raises(MigrationStateError, match="division by zero"):
            await installed.develop()
        assert len(installed.folders) == 1

    @pytest.mark.parametrize(
        "sql", ['UPDATE "BlogPost" SET id = 2', 'DO $$BEGIN PERFORM 1 FROM "BlogPost"; END$$', "CREATE TABLE mine ()"]
    )
    async def test_tables_of_others_are_touched_only_with_trust(self, installed: Installed, sql: str) -> None:
        installed.install("blog", "1.0", BLOG)
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop()
        installed.install("shop", "0.2.0", WITH_PRICE, v0_2_0_after=f"{sql};\n")

        with pytest.raises(MigrationStateError, match="touches tables that are not its component's") as caught:
            await installed.develop()
        assert "--trust shop" in str(caught.value)
        if "mine" not in sql:
            assert (await installed.develop(trust=("shop",))).applied

    async def test_trust_in_somebody_unknown_is_refused(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)

        with pytest.raises(MigrationStateError, match="--trust shap"):
            await installed.develop(trust=("shap",))

    async def test_a_folder_that_is_no_version_is_named(self, installed: Installed) -> None:
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop()
        installed.install("shop", "0.2.0", ITEM, next_after="SELECT 1;\n")

        with pytest.raises(MigrationStateError, match="no version: 'next'"):
            await installed.develop()


class TestRemoval:
    async def gone(self, installed: Installed, *names: str) -> None:
        installed.install("blog", "1.0", BLOG)
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop()
        await installed.execute("INSERT INTO \"ShopItem\" VALUES (1, 'tea')")
        for name in names:
            installed.uninstall(name)

    async def test_build_and_dev_stop_and_say_what_to_do(self, installed: Installed) -> None:
        await self.gone(installed, "shop", "blog")

        with pytest.raises(Problems) as caught:
            build(installed.config)
        assert "berceau remove shop --keep-data" in str(caught.value)
        assert "component 'blog'" in str(caught.value)
        assert (installed.config.schema_dir / "shop.prisma").is_file()

        for name in ("shop", "blog"):
            (installed.config.schema_dir / f"{name}.prisma").unlink()
        with pytest.raises(Problems) as caught:
            await installed.develop()
        assert [problem.component for problem in caught.value.problems] == ["blog", "shop"]
        assert "not composed any more (shop 0.1.0)" in str(caught.value)

    async def test_kept_models_are_the_host_s_own_and_clash_with_the_component_later(
        self, installed: Installed
    ) -> None:
        await self.gone(installed, "shop")

        keep(installed.config, ["shop"])

        build(installed.config)
        done = await installed.develop()
        assert done.created is None
        assert [name.partition("_")[2] for name in done.pending] == ["keep_shop"]
        assert await installed.fetch('SELECT name FROM "ShopItem"') == ["tea"]
        with pytest.raises(BerceauError) as caught:
            installed.install("shop", "0.2.0", ITEM)
        assert "delete it to give them back" in str(caught.value)

    async def test_dropped_one_after_the_other_or_together(self, installed: Installed) -> None:
        await self.gone(installed, "shop", "blog")
        states = removable(installed.config, ["shop"])
        assert [(one.table, one.rows) for one in await stakes(installed.target, states)] == [("ShopItem", 1)]

        for name in ("shop", "blog"):
            request = Request(name=f"remove_{name}", allow_all_of=(name,))
            schema = schema_without(installed.config, [name])
            done = await develop(installed.config, installed.target, request, print, schema=schema, removed=(name,))
            assert done.applied
            forget(installed.config, [name])
        build(installed.config)

        assert await installed.tables() == []
        assert (await installed.develop()).created is None

    async def test_what_is_installed_or_unknown_is_not_removed(self, installed: Installed) -> None:
        await self.gone(installed)

        with pytest.raises(ConfigurationError, match="is installed"):
            removable(installed.config, ["shop"])
        with pytest.raises(ConfigurationError, match="no migration knows"):
            removable(installed.config, ["shap"])

    async def test_what_others_relate_to_does_not_go_without_them(self, installed: Installed) -> None:
        """Else they could not be composed any more."""
        installed.install("shop", "0.1.0", ITEM)
        related = "  id Int @id\n  itemId Int?\n  item ShopItem? @relation(fields: [itemId], references: [id])\n"
        installed.install("blog", "1.0", f"model BlogPost {{\n{related}}}\n", requires="shop")
        await installed.develop()
        installed.uninstall("shop")

        for keep_or_drop in (keep, removable):
            with pytest.raises(ConfigurationError, match="component 'blog' relates to its models") as caught:
                keep_or_drop(installed.config, ["shop"])
            assert "uninstall 'blog', too" in str(caught.value)
        installed.uninstall("blog")
        with pytest.raises(ConfigurationError, match="Drop the other first: berceau remove blog --drop-data"):
            removable(installed.config, ["shop"])
        assert set(removable(installed.config, ["blog", "shop"], drop=True)) == {"blog", "shop"}

    async def test_what_the_host_relates_to_is_kept_or_let_go_first(self, installed: Installed) -> None:
        related = "  id Int @id\n  itemId Int\n  item ShopItem @relation(fields: [itemId], references: [id])\n"
        installed.config.schema_dir.mkdir(parents=True)
        (installed.config.schema_dir / "own.prisma").write_text(f"model Order {{\n{related}}}\n")
        installed.install("shop", "0.1.0", ITEM)
        await installed.develop()
        installed.uninstall("shop")

        with pytest.raises(ConfigurationError, match="models of the host relate to its models: Order"):
            removable(installed.config, ["shop"], drop=True)
        keep(installed.config, ["shop"])
        build(installed.config)
