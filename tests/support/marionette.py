"""Marionette: the protocol that every Firefox speaks, without a driver beside it.

A test says which window, which frame and which visible element it means; everything waits until it is there.
"""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

T = TypeVar("T")
PATIENCE: Final = 30.0  # seconds: a loaded machine is slow, a broken page does not get better
ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"  # how the protocol marks a reference to an element
# Seen by a person: an element whose text, value or label holds the words. Asks again until there is one.
FIND: Final = """
const [selector, words, done] = arguments;
const labels = (node) => [...(node.labels ?? [])].map((label) => label.textContent).join(" ");
const said = (node) => [node.textContent, node.value, node.ariaLabel, labels(node)].join(" ").replace(/\\s+/g, " ");
let rounds = 0;
const look = () => {
  const found = [...document.querySelectorAll(selector)].find((node) =>
    node.checkVisibility({ visibilityProperty: true }) && said(node).includes(words));
  if (found || ++rounds > 20) done(found ?? null); else setTimeout(look, 50);
};
look();
"""


class Refused(Exception):
    """The browser answered a command with an error, which `kind` names as WebDriver does."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


# Nothing was done to an element, because it moved or was drawn anew.
MISSED: Final = frozenset({"element click intercepted", "element not interactable", "stale element reference"})
# What a page that is just being left or loaded answers; the next attempt finds the new one.
PASSING: Final = MISSED | {"javascript error", "no such element", "no such frame", "no such window", "script timeout"}
GONE: Final = frozenset({"no such frame", "no such window"})


def until(attempt: Callable[[], T | None], what: str) -> T:
    """Attempt something until it gives a result; fails saying `what` was waited for."""
    deadline = time.monotonic() + PATIENCE
    last: Exception | None = None
    while time.monotonic() < deadline:
        try:
            found = attempt()
        except Refused as error:
            if error.kind not in PASSING:
                raise
            last = error
        else:
            if found:
                return found
        time.sleep(0.05)  # polls a condition
    raise AssertionError(f"waited in vain for {what}" + (f" ({last})" if last else ""))


class Marionette:
    """A connection: commands go out one by one, each as its length, a colon and [0, id, name, parameters]."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=2 * PATIENCE)
        self._stream = self._socket.makefile("rb")
        self._last = 0
        self._receive()

    def _receive(self) -> Any:
        length = b""
        while (byte := self._stream.read(1)) != b":":
            if not byte:
                raise EOFError("the browser hung up")
            length += byte
        return json.loads(self._stream.read(int(length)))

    def command(self, command: str, /, **parameters: object) -> Any:
        """Give a command and return its answer; raises `Refused`."""
        self._last += 1
        sent = json.dumps([0, self._last, command, parameters]).encode()
        self._socket.sendall(b"%d:%b" % (len(sent), sent))
        _, number, error, result = self._receive()
        assert number == self._last
        if error:
            raise Refused(error["error"], error["message"])
        return result["value"] if isinstance(result, dict) and set(result) == {"value"} else result

    def close(self) -> None:
        """Hang up."""
        self._stream.close()
        self._socket.close()


@dataclass(frozen=True, slots=True)
class Place:
    """A document: that of a window, or of the frame in it that a selector names."""

    to: Marionette
    window: str
    inside: str = ""

    def frame(self, selector: str) -> Place:
        """The document of a frame."""
        return Place(self.to, self.window, selector)

    def _enter(self) -> None:
        self.to.command("WebDriver:SwitchToWindow", handle=self.window)
        self.to.command("WebDriver:SwitchToFrame", id=None)
        if self.inside:
            found = self.to.command("WebDriver:FindElement", using="css selector", value=self.inside)
            self.to.command("WebDriver:SwitchToFrame", element=found[ELEMENT])

    def go(self, address: str) -> None:
        """Load a page and wait until it is there."""
        self._enter()
        self.to.command("WebDriver:Navigate", url=address)

    def reload(self) -> None:
        """Load it again."""
        self._enter()
        self.to.command("WebDriver:Refresh")

    def run(self, script: str, *arguments: object) -> Any:
        """Run the body of a function in the page and return what it returns."""
        self._enter()
        return self.to.command("WebDriver:ExecuteScript", script=script, args=list(arguments))

    def _act(self, selector: str, words: str, act: Callable[[str], T]) -> T:
        def attempt() -> tuple[T] | None:
            self._enter()
            found = self.to.command("WebDriver:ExecuteAsyncScript", script=FIND, args=[selector, words])
            return (act(found[ELEMENT]),) if found else None

        try:
            return until(attempt, f"{selector} {words!r}")[0]
        except AssertionError as error:
            error.add_note(self.run("return `${location}\n${document.body?.innerText}`"))
            raise

    def see(self, selector: str, words: str = "") -> str:
        """Wait until such an element is seen, and return its text."""
        return self._act(selector, words, lambda id: str(self.to.command("WebDriver:GetElementText", id=id)))

    def click(self, selector: str, words: str = "") -> None:
        """Press such an element; its window may close at that."""

        def act(id: str) -> None:
            try:
                self.to.command("WebDriver:ElementClick", id=id)
            except Refused as error:
                if error.kind not in GONE:
                    raise

        self._act(selector, words, act)

    def fill(self, selector: str, text: str, words: str = "") -> None:
        """Type a text into a field, in place of what was there."""

        def act(id: str) -> None:
            self.to.command("WebDriver:ElementClear", id=id)
            self.to.command("WebDriver:ElementSendKeys", id=id, text=text)

        self._act(selector, words, act)

    def value(self, selector: str) -> str:
        """What such a field holds."""
        return self._act(
            selector, "", lambda id: str(self.to.command("WebDriver:GetElementProperty", id=id, name="value"))
        )
