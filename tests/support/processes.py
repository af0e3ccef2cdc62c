"""Two serving processes on one database, and one after another: each has its own memory, connections and caches."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from forum.app import create_app
from tests.support.app import House, Person


@asynccontextmanager
async def another_process(house: House) -> AsyncIterator[House]:
    """A second process on the database of this one, by the same clock. What was served before may be closed already,
    so it also stands for a restart."""
    app = create_app(house.rt.settings, clock=house.clock)
    async with AsyncExitStack() as people, app.router.lifespan_context(app):
        other = House(app, house.clock, house.site, house.secret, people)
        for name in ("author", "replier", "attacker"):
            setattr(other, name, await same_browser(other, getattr(house, name)))
        yield other


async def same_browser(house: House, person: Person) -> Person:
    """A browser as this process meets it: with the cookies it has."""
    twin = await house.newcomer(person.name)
    twin.http.cookies = person.http.cookies
    return twin
