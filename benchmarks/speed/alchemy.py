"""SQLAlchemy's ORM on asyncpg, in the fast way that its documentation gives.

Sessions come from one `async_sessionmaker` and keep their objects after a commit. Reading is on an engine in
AUTOCOMMIT, so that no BEGIN and ROLLBACK go around each query; creating is on a plain one.
"""

from __future__ import annotations

import enum
from datetime import UTC, datetime
from importlib.metadata import version
from typing import Any

from operations import BODY, CONNECTIONS, ROWS, first_post_id, post_title, user_id
from sqlalchemy import URL, Enum, ForeignKey, inspect, select
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, joinedload, mapped_column, relationship

from berceau_engine.postgres import DatabaseUrl


class Role(enum.Enum):
    """What a user may do."""

    READER = "READER"
    WRITER = "WRITER"
    EDITOR = "EDITOR"


class Base(DeclarativeBase):
    """Base of the mapped classes."""


def now() -> datetime:
    """The present instant as a `timestamp` in UTC, to the millisecond, as Prisma stores it."""
    return datetime.now(UTC).replace(tzinfo=None)


class User(Base):
    """Table `User`."""

    __tablename__ = "User"
    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(Enum(Role, name="Role"))
    active: Mapped[bool] = mapped_column(default=True)
    score: Mapped[float | None]
    created_at: Mapped[datetime] = mapped_column("createdAt", TIMESTAMP(precision=3), default=now)


class Post(Base):
    """Table `Post`."""

    __tablename__ = "Post"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    body: Mapped[str]
    published: Mapped[bool] = mapped_column(default=False)
    views: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column("createdAt", TIMESTAMP(precision=3), default=now)
    author_id: Mapped[int] = mapped_column("authorId", ForeignKey("User.id"))
    author: Mapped[User] = relationship()


class Alchemy:
    """Operations on sessions; results are mapped objects."""

    version = f"SQLAlchemy {version('sqlalchemy')}, asyncpg {version('asyncpg')}"

    async def start(self, url: str) -> None:
        """Make the engines."""
        address = DatabaseUrl.parse(url)
        engine = create_async_engine(
            URL.create("postgresql+asyncpg", address.user, database=address.database, query={"host": address.host}),
            pool_size=CONNECTIONS,
            max_overflow=0,
        )
        self.engine = engine
        self.sessions = async_sessionmaker(engine, expire_on_commit=False)
        reading = engine.execution_options(isolation_level="AUTOCOMMIT")
        self.reading: async_sessionmaker[AsyncSession] = async_sessionmaker(reading, expire_on_commit=False)

    async def stop(self) -> None:
        """Close the connections."""
        await self.engine.dispose()

    async def unique(self, number: int) -> Any:
        """One user by its id."""
        async with self.reading() as session:
            return await session.get(User, user_id(number))

    async def rows(self, number: int) -> Any:
        """A hundred posts."""
        query = select(Post).where(Post.id >= first_post_id(number)).order_by(Post.id).limit(ROWS)
        async with self.reading() as session:
            return (await session.scalars(query)).all()

    async def include(self, number: int) -> Any:
        """A hundred posts with their authors, in one statement."""
        query = select(Post).where(Post.id >= first_post_id(number)).order_by(Post.id).limit(ROWS)
        async with self.reading() as session:
            return (await session.scalars(query.options(joinedload(Post.author, innerjoin=True)))).all()

    async def create(self, number: int) -> Any:
        """A new post of a user, who is read first, as Prisma's `connect` does."""
        async with self.sessions.begin() as session:
            author = await session.get_one(User, user_id(number))
            post = Post(title=post_title(number), body=BODY, author=author)
            session.add(post)
        return post

    def plain(self, result: Any) -> Any:
        """Mapped objects as dictionaries, with the relation where it is loaded on purpose."""
        if isinstance(result, list):
            return [{**self.plain(post), **related(post)} for post in result]
        state = inspect(result)
        return {column.columns[0].name: state.dict[column.key] for column in state.mapper.column_attrs}


def related(post: Post) -> dict[str, Any]:
    """The author of a post, if it has been loaded."""
    return {} if "author" in inspect(post).unloaded else {"author": PEER.plain(post.author)}


PEER = Alchemy()
