"""What the load asks for: posts of distinct people, mixes of reads and posts, and reads after a post."""

from __future__ import annotations

import itertools
import json
import socket
import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field

from bench.wire import Answer, BadAnswer, Shot, build_request, connect, created_id, exchange
from bench.words import comment_texts


@dataclass(frozen=True, slots=True)
class Posts:
    """New comments into discussions in turn, each by another person (a name of its own, no cookie).

    `origin` is the application's public URL: state changes must come from there. Bodies and idempotency keys
    differ in every post; `run` keeps those of two runs apart.
    """

    path: str
    host: str
    origin: str
    discussions: tuple[int, ...]
    run: int

    def stream(self) -> Iterator[Shot]:
        """Posts without an end."""
        texts = comment_texts()
        headers = {"content-type": "application/json", "origin": self.origin, "accept": "application/json"}
        for number in itertools.count():
            text = f"{texts[number % len(texts)]} Take {self.run}-{number}."
            fields = {
                "discussion_id": str(self.discussions[number % len(self.discussions)]),
                "body": text,
                "author_name": f"Fan {self.run}-{number}",
            }
            headers["idempotency-key"] = str(uuid.UUID(int=self.run << 64 | number))
            request = build_request(
                "POST", self.path, host=self.host, headers=headers, body=json.dumps(fields).encode()
            )
            yield Shot(request, status=201, kind="post", collect=True)


@dataclass(frozen=True, slots=True)
class Mixed:
    """One post after every `reads` reads, the reads going through `pages` in turn."""

    pages: tuple[Shot, ...]
    posts: Posts
    reads: int = 19

    def stream(self) -> Iterator[Shot]:
        """Reads and posts without an end."""
        pages = itertools.cycle(self.pages)
        for post in self.posts.stream():
            yield from itertools.islice(pages, self.reads)
            yield post


@dataclass(slots=True)
class FirstReads:
    """Milliseconds of reads right after a post and of reads after those, and what the posts created."""

    first: list[float] = field(default_factory=list)
    again: list[float] = field(default_factory=list)
    created: list[int] = field(default_factory=list)
    wrong: int = 0
    first_wrong: str = ""


@dataclass(frozen=True, slots=True)
class ReadAfterPost:
    """Read a page, post into it, read it (this is measured), read it again (finished bytes); `times` over.

    `pages` are uncompressed reads of the discussions that `posts` goes through, in the same order. One
    connection; the new comment must be in the page.
    """

    port: int
    pages: tuple[bytes, ...]
    posts: Posts
    times: int

    def run(self) -> FirstReads:
        """Make the run in this process."""
        seen = FirstReads()
        with connect(self.port) as link:
            for page in self.pages:
                exchange(link, page)
            pairs = zip(itertools.cycle(self.pages), self.posts.stream(), strict=False)
            for page, post in itertools.islice(pairs, self.times):
                self._once(link, page, post, seen)
        return seen

    def _once(self, link: socket.socket, page: bytes, post: Shot, seen: FirstReads) -> None:
        exchange(link, page)
        posted = exchange(link, post.request)
        if posted.status != post.status:
            raise BadAnswer(f"post: status {posted.status}: {posted.body[:300]!r}")
        created = created_id(posted.body)
        seen.created.append(created)
        first, answer = _timed(link, page)
        again, _ = _timed(link, page)
        seen.first.append(first)
        seen.again.append(again)
        if answer.status != 200 or str(created).encode() not in answer.body:
            seen.wrong += 1
            seen.first_wrong = seen.first_wrong or f"the page read after comment {created} lacks it"


def _timed(link: socket.socket, request: bytes) -> tuple[float, Answer]:
    began = time.perf_counter()
    answer = exchange(link, request)
    return (time.perf_counter() - began) * 1000, answer
