"""Plays the demo's evening: what readers wrote and reported, and what a moderator has made of some of it.

Everything goes through the product's own services, as the people who did it: only the clock is an earlier one.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from forum.accounts import queries as accounts
from forum.accounts.model import Role
from forum.accounts.names import name_key
from forum.accounts.queries_session import delete_sessions
from forum.accounts.service_people import create_account
from forum.accounts.service_session import begin_main
from forum.articles import queries as articles
from forum.articles.model import Discussion
from forum.articles.service import locate
from forum.comments.model import Comment
from forum.comments.queries import find_comment
from forum.comments.review.model import Reason, Sanction, Verdict
from forum.comments.service import read_scope
from forum.comments.service_post import NewComment, post_comment
from forum.core.capability import derive_token
from forum.core.clock import FixedClock
from forum.core.ids import IdMaker
from forum.core.visitor import Visitor
from forum.db import Tx
from forum.demo import content
from forum.demo.evening import Evening, Step, load_evening
from forum.errors import NotFound
from forum.moderation.deciding.service_verdict import decide
from forum.moderation.discussions.service_discussion import steer
from forum.moderation.discussions.steering import Steer
from forum.moderation.flags.service_flag import Said, flag_comment
from forum.moderation.guard import Moderator, find_moderator
from forum.moderation.people.service_sanction import Penalty, Target, add_note, sanction
from forum.moderation.rules.service_rules import find_now, save_rules
from forum.moderation.verdicts import Ask
from forum.runtime import Runtime
from forum.sites.model import Site
from forum.sites.service import get_site

# Addresses for examples: each reader is on a network of their own.
NETWORK = "192.0.2.{}"


async def play(rt: Runtime, *, newsroom_url: str) -> None:
    """Play the evening at this newsroom, once for a site: where there are rules, it has been played."""
    site = await get_site(rt, content.SITE_KEY)
    if (await find_now(rt, site)).version:
        return
    evening = load_evening()
    article = content.load(own_url=newsroom_url).find_article(evening.slug)
    if article is None:
        raise ValueError(f"{evening.slug}: there is no such article")
    async with rt.db.read(fresh=True) as tx:
        discussion = await articles.find_discussion_of(tx, locate(site, f"{newsroom_url}{article.path}"))
    if discussion is None:
        raise NotFound()
    clock = FixedClock(rt.clock.now() - evening.steps[0].ago)
    await _Evening(replace(rt, clock=clock, ids=IdMaker(clock)), clock, site, discussion).play(evening)


@dataclass(slots=True)
class _Evening:
    """An evening that is being played: who is signed in, and the comments there are, by their keys."""

    rt: Runtime
    clock: FixedClock
    site: Site
    discussion: Discussion
    signed_in: dict[str, tuple[int, Visitor]] = field(default_factory=dict)
    comments: dict[str, int] = field(default_factory=dict)

    async def play(self, evening: Evening) -> None:
        """All of it; in the end nobody is signed in any more."""
        end = self.clock.now() + evening.steps[0].ago
        mod = await self._moderator(evening.moderator)
        await save_rules(self.rt, mod, self.site, evening.rules, seen=0)
        for step in evening.steps:
            self.clock.advance(end - step.ago - self.clock.now())
            await self._take(mod, step)
        await self.rt.db.write(self._sign_out)

    async def _sign_out(self, tx: Tx) -> None:
        for account_id, _ in self.signed_in.values():
            await delete_sessions(tx, account_id=account_id)

    async def _take(self, mod: Moderator, step: Step) -> None:
        match step.kind:
            case "says":
                await self._say(step)
            case "reports":
                await self._report(step)
            case "decides":
                await self._decide(mod, step)
            case "sanctions":
                await self._sanction(mod, step)
            case "notes":
                comment = await self._comment(step.about)
                target = Target(comment.author_kind, comment.author_id)
                await add_note(self.rt, mod, self.site, target, step.text("text"), comment.id)
            case _:
                await self._set(mod, step)

    async def _say(self, step: Step) -> None:
        """What a guest writes: the same browser as below the other articles."""
        token = derive_token(self.rt.settings.secret_key, "demo", step.by)
        parent = self.comments.get(step.text("to"))
        new = NewComment(self.site, self.discussion.id, step.text("text"), step.by, parent)
        posted = await post_comment(self.rt, Visitor(NETWORK.format(1), token=token), new)
        self.comments[step.about] = posted.comment.id

    async def _report(self, step: Step) -> None:
        scope = await read_scope(self.rt, step.fields.get("scope", ()), at=self.clock.now())
        said = Said(Reason(step.fields["reason"]), scope, step.text("note"))
        await flag_comment(self.rt, await self._visitor(step.by), self.comments[step.about], said)

    async def _decide(self, mod: Moderator, step: Step) -> None:
        comment = await self._comment(step.about)
        reason = Reason(step.fields["reason"]) if "reason" in step.fields else None
        verdict = Verdict(step.fields["verdict"])
        ask = Ask(verdict, comment.id, comment.revision, reason, step.text("rule"), step.text("words"))
        await decide(self.rt, mod, ask)

    async def _sanction(self, mod: Moderator, step: Step) -> None:
        comment = await self._comment(step.about)
        penalty = Penalty(
            kind=Sanction(step.fields["kind"]),
            reason=Reason(step.fields["reason"]),
            rule=step.text("rule"),
            words=step.text("words"),
            comment_id=comment.id,
        )
        await sanction(self.rt, mod, self.site, Target(comment.author_kind, comment.author_id), penalty)

    async def _set(self, mod: Moderator, step: Step) -> None:
        ask = Steer(Verdict(step.about), step.text("words"))
        if "comment" in step.fields:
            comment = await self._comment(step.fields["comment"])
            ask = replace(ask, comment_id=comment.id, revision=comment.revision)
        await steer(self.rt, mod, self.discussion.id, ask)

    async def _comment(self, key: str) -> Comment:
        async with self.rt.db.read(fresh=True) as tx:
            found = await find_comment(tx, self.comments[key])
        if found is None:
            raise NotFound()
        return found

    async def _visitor(self, name: str, role: Role | None = None) -> Visitor:
        """Somebody with an account, signed in; with a role, one who has it from now on."""
        if name in self.signed_in:
            return self.signed_in[name][1]

        async def work(tx: Tx) -> tuple[int, str]:
            now = self.clock.now()
            account = await accounts.find_account_named(tx, name_key(name))
            account = account or await create_account(tx, self.rt, name, email=None, verified=False, now=now)
            if role is not None:
                await accounts.set_role(tx, site_id=self.site.id, account_id=account.id, role=role, now=now)
            return account.id, (await begin_main(tx, self.rt, account, now, agent="")).token

        account_id, token = await self.rt.db.write(work)
        visitor = Visitor(NETWORK.format(len(self.signed_in) + 2), main=token)
        self.signed_in[name] = account_id, visitor
        return visitor

    async def _moderator(self, name: str) -> Moderator:
        found = await find_moderator(self.rt, await self._visitor(name, Role.EDITOR))
        if found is None:
            raise NotFound()
        return found
