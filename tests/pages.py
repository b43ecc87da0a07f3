"""A client that looks at every page it fetches."""

from datetime import datetime
from typing import Any

import lxml.html
from flask import Flask
from sqlalchemy import insert
from werkzeug.test import TestResponse

from votes import clock
from votes.models import SignIn, table_of


class Page:
    """An answer, read as a person would: status, words, links, forms, errors."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.location = response.headers.get("Location", "")
        self.data = response.data

    @property
    def text(self) -> str:
        return self.response.get_data(as_text=True)

    @property
    def json(self) -> Any:
        return self.response.get_json()

    @property
    def tree(self) -> Any:
        return lxml.html.fromstring(self.text)

    def select(self, css: str) -> list[Any]:
        return list(self.tree.cssselect(css)) if hasattr(self.tree, "cssselect") else []

    @property
    def words(self) -> str:
        """All visible words, blanks folded."""
        tree = self.tree
        for hidden in tree.xpath("//script|//style|//head"):
            hidden.drop_tree()
        return " ".join(tree.text_content().split())

    @property
    def title(self) -> str:
        return "".join(self.tree.xpath("//title/text()")).strip()

    @property
    def errors(self) -> list[str]:
        """Messages of refused fields and forms."""
        found = self.tree.xpath(
            "//*[contains(concat(' ',@class,' '),' error ') or contains(concat(' ',@class,' '),' err ')"
            " or contains(@class,'alert-danger')]"
        )
        return [" ".join(e.text_content().split()) for e in found]

    def value(self, name: str) -> str | None:
        """Return the value of the field called ``name``."""
        for element in self.tree.xpath(f"//*[@name='{name}']"):
            if element.tag == "textarea":
                return (element.text or "").lstrip("\n")
            if element.tag == "select":
                return str(element.value)
            if element.get("type") in ("radio", "checkbox") and element.get("checked") is None:
                continue
            return str(element.get("value"))
        return None

    def links(self) -> list[str]:
        return [str(h) for h in self.tree.xpath("//a/@href")]


class Browser:
    """One person's browser. Follows nothing by itself: `browser.follow(page)` does."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def sign_in(self, key: str) -> None:
        """As after a successful sign-in of the account or card ``key`` (the form has tests of its own)."""
        at = clock.now()
        if key.startswith("u:"):
            key = f"{key}:{self._begin_sign_in(int(key.split(':')[1]), at)}"
        with self.client.session_transaction() as session:
            session["_user_id"] = key
            session["_fresh"] = True
            session["used"] = int(at.timestamp())

    def _begin_sign_in(self, user_id: int, at: datetime) -> int:
        """Add the row of a sign-in of this account, also to a database that takes everything back."""
        row = {"user_id": user_id, "device": "Linux 电脑", "created_at": at}
        engine = self.client.application.extensions["votes.database"].engine
        with engine.execution_options(write=True).begin() as connection:
            return int(
                connection.scalar(insert(table_of(SignIn)).values(row).returning(table_of(SignIn).c.id))
            )

    def get(self, url: str, **options: Any) -> Page:
        return Page(self.client.get(url, **options))

    def post(self, url: str, data: Any = None, **options: Any) -> Page:
        return Page(self.client.post(url, data=data or {}, **options))

    def follow(self, page: Page) -> Page:
        """Return the page that a redirect leads to, through further redirects."""
        while page.status in (301, 302, 303, 307, 308):
            page = self.get(page.location)
        return page
