"""Finding components: real wheels and editable installs, none of them imported."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from distributions import Distribution, component, install, install_editable
from hosts import Host

from berceau.config import Config
from berceau.discovery import Component, Facet, discover, read_schema, survey
from berceau.errors import DiscoveryError, Problems

SCHEMA = "model ShopItem {\n  id Int @id\n}\n"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder that distributions are installed in."""
    return tmp_path / "site"


def found(site: Path) -> tuple[Component, ...]:
    return survey(path=[str(site)])


def the_problem(site: Path) -> DiscoveryError:
    """The only problem of the only component."""
    [only] = found(site)
    [problem] = only.problems
    with pytest.raises(DiscoveryError) as caught:
        discover(path=[str(site)])
    assert str(caught.value) == str(problem)
    return problem


# ---------------------------------------------------------------- what is found


def test_a_wheel_is_found_without_running_its_code(site: Path) -> None:
    install(
        site,
        component(
            "shop",
            SCHEMA,
            version="2.1.0",
            facets={"router": "berceau_shop.routes:router", "seed": "berceau_shop.seeds:demo.seed"},
            requires=["user_accounts"],
        ),
    )
    before = set(sys.modules)
    [shop] = discover(path=[str(site)])
    assert (shop.name, shop.distribution, shop.version, shop.release) == (
        "shop",
        "berceau-shop",
        "2.1.0",
        "berceau-shop 2.1.0",
    )
    assert shop.schema is not None
    assert shop.schema.path == site / "berceau_shop" / "prisma" / "schema.prisma"
    assert shop.schema.resource == "berceau_shop/prisma/schema.prisma"
    assert shop.schema.content == SCHEMA
    assert {facet.name: facet.value for facet in shop.facets} == {
        "router": "berceau_shop.routes:router",
        "seed": "berceau_shop.seeds:demo.seed",
    }
    assert all(facet.component == "shop" for facet in shop.facets)
    assert shop.requires == ("berceau-user-accounts",)
    assert shop.enabled
    assert not {name for name in set(sys.modules) - before if name.startswith("berceau_shop")}


def test_components_are_sorted_by_name(site: Path) -> None:
    install(site, *(component(name, SCHEMA) for name in ("zoo", "abc", "mid")))
    assert [one.name for one in found(site)] == ["abc", "mid", "zoo"]


def test_a_distribution_may_bring_several_components_or_only_a_router(site: Path) -> None:
    two = component("shop", SCHEMA)
    two = replace(
        two,
        files={**two.files, "berceau_shop/other.prisma": "model OtherThing {\n  id Int @id\n}\n"},
        entry_points=(*two.entry_points, ("other", "berceau_shop:other.prisma")),
    )
    install(site, two, component("pages", facets={"router": "berceau_pages:router"}))
    other, pages, shop = discover(path=[str(site)])
    assert shop.distribution == other.distribution == "berceau-shop"
    assert other.schema is not None
    assert other.schema.resource == "berceau_shop/other.prisma"
    assert pages.schema is None
    assert [facet.name for facet in pages.facets] == ["router"]


def test_disabled_components_are_listed_as_such(tmp_path: Path, site: Path) -> None:
    install(site, component("shop", SCHEMA), component("news", SCHEMA))
    config = replace(Config.default(tmp_path), disabled=frozenset({"shop"}))
    assert [(one.name, one.enabled) for one in discover(config, [str(site)])] == [("news", True), ("shop", False)]


def test_distributions_without_components_are_no_components(site: Path) -> None:
    install(site, Distribution("plain", files={"plain.py": ""}))
    assert found(site) == ()


def test_of_two_versions_on_the_path_the_first_counts(tmp_path: Path) -> None:
    new = install(tmp_path / "new", component("shop", SCHEMA, version="2.0.0"))
    old = install(tmp_path / "old", component("shop", SCHEMA, version="1.0.0"))
    [shop] = discover(path=[str(new), str(old)])
    assert shop.version == "2.0.0"
    assert shop.schema is not None
    assert shop.schema.path.is_relative_to(new)


def test_the_default_path_is_that_of_the_interpreter() -> None:
    assert "demo" in {one.name for one in discover()}


def test_requirements_of_extras_and_spelling_of_names(site: Path) -> None:
    shop = replace(
        component("shop", SCHEMA),
        requires=(
            "Berceau_Accounts>=1; python_version>='3'",
            "berceau.Media [fast] (>=2)",
            "optional-thing; extra == 'more'",
            "Other; (python_version > '3') and extra=='x'",
        ),
    )
    install(site, shop)
    assert found(site)[0].requires == ("berceau-accounts", "berceau-media")


def test_line_ends_and_byte_order_mark_make_no_difference(site: Path) -> None:
    install(site, component("shop", b"\xef\xbb\xbf" + SCHEMA.replace("\n", "\r\n").encode()))
    schema = found(site)[0].schema
    assert schema is not None
    assert schema.content == SCHEMA


# ---------------------------------------------------------------- editable installs


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of an environment that editable installs of all kinds are linked to."""
    folder = tmp_path_factory.mktemp("editable")
    uv = Path(sys.executable).with_name("uv")
    subprocess.run([uv, "venv", "-q", "--python", sys.executable, folder / "venv"], check=True)
    python = folder / "venv" / "bin" / "python"
    hatch = component("hatch", SCHEMA, facets={"router": "berceau_hatch:router"})
    finder = component("finder", SCHEMA)
    namespace = Distribution(
        "acme-space",
        files={"acme/space/__init__.py": "raise RuntimeError\n", "acme/space/db/schema.prisma": SCHEMA},
        entry_points=(("space", "acme.space.db:schema.prisma"),),
    )
    missing = replace(component("missing", SCHEMA), entry_points=(("missing", "berceau_missing.prisma:gone.prisma"),))
    install_editable(
        python,
        hatch.project(folder / "hatch", "hatchling"),
        finder.project(folder / "finder", "setuptools"),
        namespace.project(folder / "namespace", "setuptools"),
        missing.project(folder / "missing", "hatchling"),
    )
    return python


def surveyed(python: Path) -> dict[str, list[str]]:
    """What a process of that environment finds: for each component its schema file, and its problems."""
    program = (
        "import sys; sys.path += sys.argv[1:]\n"
        "from berceau.discovery import survey\n"
        "for one in survey():\n"
        "    print(one.name, one.schema and one.schema.path, *(p.message for p in one.problems), sep='\\t')\n"
        "assert not any(name.startswith(('berceau_hatch', 'berceau_finder', 'acme')) for name in sys.modules)\n"
    )
    done = subprocess.run(
        [python, "-c", program, *(path for path in sys.path if path)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return {words[0]: words[1:] for words in (line.split("\t") for line in done.stdout.splitlines())}


def site_of(python: Path) -> Path:
    return next((python.parents[1] / "lib").glob("python*")) / "site-packages"


def test_an_editable_install_by_path_file_is_found_without_running_its_code(linked: Path) -> None:
    assert list(site_of(linked).glob("*hatch*.pth")), "this is what the test is about"
    folder = linked.parents[2]
    assert surveyed(linked)["hatch"] == [str(folder / "hatch/src/berceau_hatch/prisma/schema.prisma")]


def test_an_editable_install_by_finder_is_found_without_running_its_code(linked: Path) -> None:
    assert list(site_of(linked).glob("__editable___berceau_finder*_finder.py")), "this is what the test is about"
    folder = linked.parents[2]
    assert surveyed(linked)["finder"] == [str(folder / "finder/src/berceau_finder/prisma/schema.prisma")]


def test_an_editable_install_in_a_namespace_is_found_without_running_its_code(linked: Path) -> None:
    assert list(site_of(linked).glob("__editable___acme_space*_finder.py")), "this is what the test is about"
    folder = linked.parents[2]
    assert surveyed(linked)["space"] == [str(folder / "namespace/src/acme/space/db/schema.prisma")]


def test_path_files_of_a_given_folder_count_too(linked: Path) -> None:
    components = {one.name: one for one in survey(path=[str(site_of(linked))])}
    schema = components["hatch"].schema
    assert schema is not None
    assert schema.path == linked.parents[2] / "hatch/src/berceau_hatch/prisma/schema.prisma"


def test_a_file_missing_from_an_editable_install_is_named_with_the_folder(linked: Path) -> None:
    schema, problem = surveyed(linked)["missing"]
    assert schema == "None"
    assert "berceau_missing/prisma/gone.prisma" in problem
    assert str(linked.parents[2] / "missing/src/berceau_missing") in problem


def test_a_namespace_package_in_wheels_is_found(site: Path) -> None:
    parts = [
        Distribution(
            f"acme-{name}",
            files={f"acme/{name}/schema.prisma": SCHEMA},
            entry_points=((name, f"acme.{name}:schema.prisma"),),
        )
        for name in ("one", "two")
    ]
    install(site, *parts)
    assert [one.schema and one.schema.resource for one in discover(path=[str(site)])] == [
        "acme/one/schema.prisma",
        "acme/two/schema.prisma",
    ]


def test_a_distribution_without_record_is_found(site: Path) -> None:
    install(site, component("shop", SCHEMA))
    (site / "berceau_shop-1.0.0.dist-info" / "RECORD").unlink()  # as Linux distributions install packages
    schema = found(site)[0].schema
    assert schema is not None
    assert schema.content == SCHEMA


# ---------------------------------------------------------------- what is refused


def entries(*pairs: tuple[str, str]) -> Distribution:
    return replace(component("shop", SCHEMA), entry_points=pairs)


@pytest.mark.parametrize("name", ["Shop", "1shop", "shop-two", "_shop", "schöp"])
def test_a_bad_component_name_is_refused(site: Path, name: str) -> None:
    install(site, entries((name, "berceau_shop.prisma:schema.prisma")))
    problem = the_problem(site)
    assert f"{name!r} is not a component's name" in problem.message
    assert "berceau-shop 1.0.0" in problem.message
    assert "lower case" in (problem.hint or "")
    assert (problem.file, problem.line) == (site / "berceau_shop-1.0.0.dist-info" / "entry_points.txt", 4)


def test_the_name_of_our_own_file_is_refused(site: Path) -> None:
    install(site, entries(("main", "berceau_shop.prisma:schema.prisma")))
    assert "kept for Berceau itself" in the_problem(site).message


@pytest.mark.parametrize(
    "value",
    [
        "berceau_shop.prisma",
        "berceau_shop.prisma:schema",
        "berceau_shop/prisma:schema.prisma",
        "berceau_shop..prisma:schema.prisma",
        "berceau_shop.prisma:../schema.prisma",
        "berceau_shop:prisma/schema.prisma",
        ":schema.prisma",
        "/etc:passwd.prisma",
        "berceau_shop.prisma:..schema.prisma",
    ],
)
def test_a_schema_value_of_another_form_is_refused_and_leads_nowhere_else(site: Path, value: str) -> None:
    install(site, entries(("shop", value)))
    problem = the_problem(site)
    assert problem.component == "shop"
    assert repr(value) in problem.message
    assert 'shop = "package.folder:schema.prisma"' in (problem.hint or "")
    assert problem.line == 4


def test_a_file_missing_from_the_wheel_is_refused(site: Path) -> None:
    install(site, entries(("shop", "berceau_shop.prisma:other.prisma")))
    problem = the_problem(site)
    assert "berceau_shop/prisma/other.prisma is not among the distribution's files" in problem.message
    assert "see that the wheel contains the file" in (problem.hint or "")


def test_a_file_of_another_distribution_is_not_taken(site: Path) -> None:
    install(site, entries(("shop", "berceau_other.prisma:schema.prisma")), component("other", SCHEMA))
    shop = next(one for one in found(site) if one.name == "shop")
    assert shop.schema is None
    assert "not among the distribution's files" in shop.problems[0].message


def test_a_file_that_was_deleted_after_installation_is_named(site: Path) -> None:
    install(site, component("shop", SCHEMA))
    file = site / "berceau_shop" / "prisma" / "schema.prisma"
    file.unlink()
    problem = the_problem(site)
    assert str(file) in problem.message
    assert "Reinstall" in (problem.hint or "")


def test_two_distributions_that_claim_one_name_are_both_named(site: Path) -> None:
    rival = replace(component("rival", SCHEMA), entry_points=(("shop.router", "berceau_rival:router"),))
    install(site, component("shop", SCHEMA), rival)
    with pytest.raises(DiscoveryError, match="2 distributions claim this name") as caught:
        discover(path=[str(site)])
    assert "berceau-rival 1.0.0 and berceau-shop 1.0.0" in caught.value.message
    assert 'disabled = ["shop"]' in (caught.value.hint or "")
    assert [bool(one.problems) for one in found(site)] == [True, True]


def test_disabling_a_contested_name_leaves_the_others_in_peace(tmp_path: Path, site: Path) -> None:
    rival = replace(component("rival", SCHEMA), entry_points=(("shop.router", "berceau_rival:router"),))
    install(site, component("shop", SCHEMA), rival, component("news", SCHEMA))
    config = replace(Config.default(tmp_path), disabled=frozenset({"shop"}))
    assert [one.name for one in discover(config, [str(site)]) if one.enabled] == ["news"]


@pytest.mark.parametrize("value", ["berceau_shop.routes", "berceau_shop.routes:", "not a value", "a-b:c"])
def test_a_facet_that_names_no_object_is_refused(site: Path, value: str) -> None:
    install(site, entries(("shop.router", value)))
    problem = the_problem(site)
    assert "does not name an object" in problem.message
    assert '"shop.router" = "package.module:attribute"' in (problem.hint or "")


@pytest.mark.parametrize("name", ["shop.", "shop.Router", "shop.api.router"])
def test_a_facet_with_a_bad_name_is_refused(site: Path, name: str) -> None:
    install(site, entries((name, "berceau_shop.routes:router")))
    assert "not a facet's name" in the_problem(site).message


def test_an_entry_given_twice_is_refused(site: Path) -> None:
    install(site, entries(("shop.router", "berceau_shop:one")))
    with (site / "berceau_shop-1.0.0.dist-info" / "entry_points.txt").open("a") as file:
        file.write("shop.router = berceau_shop:two\n")  # uv refuses to install this, older installers do not
    problem = the_problem(site)
    assert "'shop.router' stands 2 times" in problem.message
    assert problem.component == "shop"


def test_a_schema_that_is_not_utf8_is_refused_with_its_line(site: Path) -> None:
    install(site, component("shop", b"model ShopItem {\n  id Int @id // caf\xe9\n}\n"))
    problem = the_problem(site)
    assert "not UTF-8" in problem.message
    assert (problem.file, problem.line) == (site / "berceau_shop" / "prisma" / "schema.prisma", 2)
    assert problem.hint == "Save it as UTF-8."


def test_a_schema_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DiscoveryError, match="the file cannot be read: Is a directory") as caught:
        read_schema(tmp_path, "shop")
    assert (caught.value.component, caught.value.file) == ("shop", tmp_path)


def test_entry_points_that_cannot_be_read_are_the_distributions_problem(site: Path) -> None:
    install(site, component("shop", SCHEMA), component("news", SCHEMA))
    file = site / "berceau_shop-1.0.0.dist-info" / "entry_points.txt"
    file.write_text("[berceau.schemas]\nno equals sign\n")
    broken, news = found(site)
    assert news.problems == ()
    assert "cannot be read" in broken.problems[0].message
    assert broken.name == broken.distribution == "berceau-shop"


def test_all_problems_are_told_at_once(site: Path) -> None:
    install(site, entries(("shop", "nonsense"), ("shop.Bad", "x:y")), component("news", b"\xff"))
    with pytest.raises(Problems) as caught:
        discover(path=[str(site)])
    assert len(caught.value.problems) == 3


def test_the_rest_of_an_uninstalled_distribution_is_nothing(site: Path) -> None:
    install(site, component("shop", SCHEMA))
    (site / "berceau_shop-1.0.0.dist-info" / "METADATA").unlink()
    assert found(site) == ()


# ---------------------------------------------------------------- facets


def test_a_facet_loads_its_object_when_it_is_asked_to() -> None:
    assert Facet("x", "router", "berceau.discovery:Facet.load").load() is Facet.load


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no_such_module_anywhere:router", "ModuleNotFoundError"),
        ("berceau.discovery:nothing", "AttributeError"),
    ],
)
def test_a_facet_that_cannot_be_loaded_names_its_component(value: str, said: str) -> None:
    with pytest.raises(DiscoveryError, match=said) as caught:
        Facet("shop", "router", value).load()
    assert caught.value.component == "shop"
    assert repr(value) in caught.value.message
    assert caught.value.__cause__ is not None


def test_a_component_that_raises_on_import_builds_all_the_same(tmp_path: Path) -> None:
    host = Host(tmp_path / "host")
    host.install(component("shop", SCHEMA))
    assert host.berceau("build").returncode == 0
    program = "import berceau_shop"
    environment = os.environ | {"PYTHONPATH": str(host.site)}
    assert (
        subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, check=False).returncode
        != 0
    )
