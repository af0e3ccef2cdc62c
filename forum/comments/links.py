"""Addresses of the pages of one discussion, keeping what the reader has chosen: order, language, frame, look."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from forum.comments.model import Comment, Sort, Status


@dataclass(frozen=True, slots=True)
class PageLinks:
    """Makes relative addresses. `kept` are the look and language options, repeated on every link that stays here."""

    discussion_id: int | None
    frame: bool = False
    kept: tuple[tuple[str, str], ...] = ()

    def _with(self, path: str, **parameters: str | int | None) -> str:
        pairs = [(name, str(value)) for name, value in parameters.items() if value is not None]
        if self.frame:
            pairs.append(("frame", "1"))
        query = urlencode([*pairs, *self.kept])
        return f"{path}?{query}" if query else path

    @property
    def here(self) -> str:
        """The query that keeps frame, language, theme and caution on the pages of a comment's verbs. The accent is left
        out: drawn comments are kept, and not once for every colour."""
        pairs = [("frame", "1")] if self.frame else []
        pairs += [(name, value) for name, value in self.kept if name in ("lang", "theme", "assumes")]
        return f"?{urlencode(pairs)}" if pairs else ""

    def page(self, sort: Sort = Sort.NEWEST, *, after: str | None = None, at: int | None = None) -> str:
        """A page of conversations; the newest-first page has the plain address."""
        order = None if sort is Sort.NEWEST else sort.value
        return self._with(f"/d/{self.discussion_id}", sort=order, after=after, at=at)

    def thread(self, comment_id: int, *, after: int = 0) -> str:
        """The page of one comment's replies, after a `root_seq`."""
        return self._with(f"/d/{self.discussion_id}/thread/{comment_id}", after=after or None)

    def own(self, sort: Sort = Sort.NEWEST, *, at: int | None = None) -> str:
        """The personal page, for browsers without scripts."""
        return self._with(f"/d/{self.discussion_id}/own", sort=None if sort is Sort.NEWEST else sort.value, at=at)

    def own_comment(self, comment: Comment) -> str:
        """The personal page with one of the visitor's comments as its target."""
        return f"{self.own(at=comment.root_id)}#c{comment.id}"

    def back_to(self, comment: Comment) -> str:
        """From the page of a comment's verb to where the comment stands; one that others can't read stands on the
        personal page."""
        is_there = comment.is_public or comment.status is Status.DELETED
        return self._with(f"/c/{comment.id}") if is_there else self.own_comment(comment)

    def mine(self) -> str:
        """The visitor's own comments, for the page's script."""
        return self._with(f"/d/{self.discussion_id}/mine")

    def comment(self, comment_id: int, verb: str) -> str:
        """The page to reply to, edit or delete a comment."""
        return self._with(f"/c/{comment_id}/{verb}")
