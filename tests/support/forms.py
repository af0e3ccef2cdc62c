"""Forms as a browser without scripts reads and sends them."""

from html.parser import HTMLParser

import httpx

from tests.support.app import OURS, Person


class Form(HTMLParser):
    """The one form of a page: where it goes, its fields, and the page's text."""

    def __init__(self, answer: httpx.Response) -> None:
        super().__init__()
        self.action, self.kind, self.fields, self.text = "", "", dict[str, str](), ""
        self._area = self._choice = ""
        self.feed(answer.text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.action, self.kind = given["action"] or "", given.get("enctype") or ""
        elif tag == "input":
            self.fields[given["name"] or ""] = given.get("value") or ""
        elif tag == "select":
            self._choice = given["name"] or ""
        elif tag == "option" and (self._choice not in self.fields or "selected" in given):
            self.fields[self._choice] = given.get("value") or ""
        elif tag == "textarea":
            self._area = given.get("name") or "typed"
            self.fields[self._area] = ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.fields[self._area] = self.fields[self._area].removeprefix("\n")
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self.fields[self._area] += data
        self.text += data

    async def send(self, person: Person, **fields: str) -> httpx.Response:
        """Fill the form in and send it the way that it asks for."""
        values = {**self.fields, **fields}
        if self.kind != "multipart/form-data":
            return await person.submit(self.action, **values)
        parts = [(name, (None, value.encode())) for name, value in values.items()]
        return await person.http.post(self.action, files=parts, headers=OURS)


async def fill(person: Person, path: str, **fields: str) -> httpx.Response:
    """Open a page, fill in its form and send it."""
    page = await person.get(path)
    assert page.status_code == 200, page.text
    return await Form(page).send(person, **fields)


async def follow(person: Person, answer: httpx.Response) -> str:
    """The page a form leads to."""
    assert answer.status_code == 303, answer.text
    page = await person.get(answer.headers["location"].partition("#")[0])
    assert page.status_code == 200
    assert page.headers["cache-control"] == "private, no-store"
    return page.text
