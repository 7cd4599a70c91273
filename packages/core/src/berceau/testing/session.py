"""A process of pytest and its databases: opened when the first test asks, closed at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from berceau.testing.background import Background
from berceau.testing.case import Case
from berceau.testing.leaks import watch
from berceau.testing.server import EmbeddedServer, Server, given_url, own_server
from berceau.testing.template import Contents, read_contents
from berceau.testing.worker import Seed, WorkerDatabase, read_only

if TYPE_CHECKING:
    from berceau.client.prisma import Prisma
    from berceau.config import Config
    from berceau.testing.project import Project


@dataclass
class TestSession:
    """What one process needs for its tests.

    Attributes:
        project: what is under test.
        run: the run's name, the same in all of its workers.
        worker: the name of this one.
        keep: the embedded server and what is on it stay for the next run.
        of_controller: this is a worker of xdist, whose end is not waited for as long as stopping a server may take.
        has_workers: this is the controller, which stops it when they have ended.
    """

    __test__ = False

    project: Project
    run: str
    worker: str
    keep: bool
    of_controller: bool = False
    has_workers: bool = False
    _config: Config | None = None
    _background: Background | None = None
    _database: WorkerDatabase | None = None
    _embedded: EmbeddedServer | None = None
    _embedded_server: Server | None = None
    _failure: Exception | None = None
    _unwatch: list[Callable[[], None]] = field(default_factory=list)

    @property
    def config(self) -> Config:
        """The settings to compose with."""
        if self._config is None:
            self._config = self.project.config()
        return self._config

    def case(self, module: str | None, seed: Seed | None) -> Case:
        """A clean database for a test; or one shared by the tests of a module, which only read."""
        database = self._opened()
        database.prepare(module, seed)
        readonly = module is not None
        url = read_only(database.url) if readonly else database.url
        return Case(database, database.lend(readonly=readonly), str(url))

    def own_case(self) -> tuple[Case, Callable[[], None]]:
        """A database on a server for one test alone, and what ends it."""
        background = self._started_background()
        server, stop = own_server()
        try:
            database = WorkerDatabase.open(background, server, read_contents(self.config), self._name("own"))
        except BaseException:
            stop()
            raise
        unwatch = watch(database.ledger)

        def end() -> None:
            unwatch()
            database.abandon()
            stop()

        return Case(database, database.lend(readonly=False), str(database.url)), end

    def another(self, name: str, contents: Contents, client_class: type[Prisma]) -> WorkerDatabase:
        """A database for another schema than the project's, on the same server; for the caller to close."""
        return WorkerDatabase.open(
            self._started_background(), self._server(), contents, self._name(f"{self.worker}_{name}"), client_class
        )

    def close(self) -> None:
        """Close what was opened."""
        for unwatch in self._unwatch:
            unwatch()
        if self._database is not None:
            self._database.close(drop=self.keep or not self._database.server.embedded)
        if self.has_workers:
            self._embedded = EmbeddedServer(self.project.root)
        if self._embedded is not None and self.of_controller:
            self._embedded.release()
        elif self._embedded is not None:
            self._embedded.leave(keep=self.keep)
        if self._background is not None:
            self._background.close()

    def _opened(self) -> WorkerDatabase:
        if self._failure is not None:  # the next test would wait in vain just as long
            raise self._failure
        if self._database is None:
            self._database = self._open()
            self._unwatch.append(watch(self._database.ledger))
        return self._database

    def _open(self) -> WorkerDatabase:
        try:
            return WorkerDatabase.open(
                self._started_background(), self._server(), read_contents(self.config), self._name(self.worker)
            )
        except Exception as error:
            self._failure = error
            raise

    def _server(self) -> Server:
        url = given_url()
        return self.embedded_server() if url is None else Server(url, "TEST_DATABASE_URL", embedded=False)

    def embedded_server(self) -> Server:
        """The embedded server, shared by all workers, whatever `TEST_DATABASE_URL` says: its user may do everything."""
        if self._embedded_server is None:
            self._embedded = EmbeddedServer(self.project.root)
            self._embedded_server = self._embedded.start()
        return self._embedded_server

    def _started_background(self) -> Background:
        if self._background is None:
            self._background = Background()
        return self._background

    def _name(self, worker: str) -> str:
        return f"test_{self.run}_{worker}"


def build_client(project: Project) -> Any:
    """Build the client if it is stale; nothing is written otherwise. Raises as `berceau.build.build` does."""
    import importlib

    from berceau.build import build

    result = build(project.config())
    importlib.invalidate_caches()  # its folder may be new
    return result
