"""Somebody before a browser: opens, fills in, presses, reads. Knows the pages by their words, not by their code."""

from pathlib import Path
from typing import Any

import pyotp
from playwright.sync_api import Browser, Locator, Response, expect

from votes.exports.formats.qr import read as decode_qr

PHONE = {"viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1366, "height": 768}}
HALL = {"viewport": {"width": 1920, "height": 1080}}
_KINDS = """names => names.map(name => document.querySelector(`main [name='${name}']`).type)"""


class Person:
    """One person with one browser: its cookies, its storage, its page; and an authenticator, once it is set up."""

    authenticator: Any = None

    def __init__(self, browser: Browser, site: str, device: dict[str, Any]) -> None:
        self.site = site
        self.context = browser.new_context(
            base_url=site, locale="zh-CN", timezone_id="Asia/Shanghai", accept_downloads=True, **device
        )
        self.context.set_default_timeout(20_000)
        self.page = self.context.new_page()
        #: errors of scripts and breaches of the content security policy; refused answers are no complaint
        self.complaints: list[str] = []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on(
            "console",
            lambda said: (
                self.complaints.append(f"{self.page.url}: {said.text}")
                if said.type == "error" and "Failed to load resource" not in said.text
                else None
            ),
        )

    def leave(self) -> None:
        self.context.close()

    # --- going about -------------------------------------------------------------------------------------

    def open(self, address: str) -> int:
        """Go to an address of the site (or a full one); answers the status."""
        answer = self.page.goto(address)
        assert answer is not None
        return answer.status

    def press(self, word: str, *, within: str = "body", times: int = 1) -> int:
        """Press the button with exactly this word; answers the status of the page that follows."""
        button = self.page.locator(within).get_by_role("button", name=word, exact=True).first
        return self.go(button, times)

    def follow(self, word: str, *, within: str = "body") -> int:
        """Follow the link with exactly this word; answers the status of the page that follows."""
        return self.go(self.page.locator(within).get_by_role("link", name=word, exact=True).first)

    def confirm(self, word: str) -> int:
        """Press what asks once, and then the button that it shows."""
        self.page.locator("summary", has_text=word).first.click()
        return self.press(f"确定{word}")

    def go(self, thing: Locator, times: int = 1) -> int:
        """Click what leads to another page and wait until that page is there; answers its status.

        A bare click answers as soon as the next page begins to arrive, when a slow machine can read but half of it.
        """
        with self.page.expect_navigation() as following:
            thing.dblclick() if times == 2 else thing.click()
        answer: Response | None = following.value
        assert answer is not None
        return answer.status

    # --- forms -------------------------------------------------------------------------------------------

    def fill(self, **fields: Any) -> None:
        """Fill in, choose or tick the fields of these names: text, a choice's words, or True."""
        names = {name.replace("__", "-"): value for name, value in fields.items()}
        kinds = self.page.evaluate(_KINDS, list(names))  # asked once: each question takes its time
        for (name, value), kind in zip(names.items(), kinds, strict=True):
            self._put(self.page.locator(f"main [name='{name}']"), kind, value)

    def _put(self, field: Locator, kind: str, value: Any) -> None:
        if kind == "select-one":
            words = [word.strip() for word in field.first.locator("option").all_inner_texts()]
            place = words.index(str(value)) if str(value) in words else None
            if place is None:
                (place,) = (i for i, word in enumerate(words) if str(value) in word)
            field.first.select_option(index=place)
        elif kind == "radio" or (kind == "checkbox" and value is not True):
            field.and_(self.page.locator(f"[value='{value}']")).check()
        elif kind == "checkbox":
            field.first.check()
        elif kind == "file":
            field.first.set_input_files(value)
        else:
            field.first.fill(str(value))

    def value(self, name: str) -> str:
        """Return the content of a field."""
        return self.page.locator(f"main [name='{name}']").first.input_value()

    # --- reading -----------------------------------------------------------------------------------------

    @property
    def words(self) -> str:
        """Return what can be read on the page, with single blanks."""
        return " ".join(self.page.locator("body").inner_text().split())

    def reads(self, *words: str) -> None:
        """Wait until the page has all of these texts."""
        for _ in range(50):
            shown = self.words
            missing = [word for word in words if word not in shown]
            if not missing:
                return
            self.page.wait_for_timeout(100)
        raise AssertionError(f"{missing} not on {self.page.url}:\n{shown}")

    def sees(self, selector: str, text: str) -> None:
        """Wait until this piece of a live page shows this text."""
        expect(self.page.locator(selector).first).to_have_text(text, timeout=20_000)

    def download(self, word: str, folder: Path) -> Path:
        """Follow a link, or press a button, that leads to a file; answers where it was saved, under the name that the site gave it."""
        with self.page.expect_download() as coming:
            link = self.page.get_by_role("link", name=word, exact=True)
            link.or_(self.page.get_by_role("button", name=word, exact=True)).first.click()
        path = folder / coming.value.suggested_filename
        coming.value.save_as(path)
        return path

    # --- accounts ----------------------------------------------------------------------------------------

    def sign_in(self, username: str, password: str) -> int:
        self.open("/sign-in")
        self.fill(username=username, password=password)
        return self.press("登录", within="main")

    def begin(self, username: str, initial: str, password: str) -> None:
        """Sign in for the first time: nothing opens before the initial password is changed.

        Administrator and office are then led to two-step sign-in, and set it up.
        """
        self.sign_in(username, initial)
        self.reads("请先修改初始密码")
        self.open("/office/")
        self.reads("请先修改初始密码")
        self.fill(old=initial, new=password, again=password)
        self.press("修改密码", within="main")
        self.reads("密码已修改")
        if self.page.title().startswith("两步验证"):
            self.set_up_two_steps()

    def set_up_two_steps(self) -> list[str]:
        """Read the QR code as an authenticator does, type its first code; return the recovery codes."""
        (uri,) = decode_qr(self.page.locator("img.qr").screenshot())
        self.authenticator = pyotp.parse_uri(uri)
        self.fill(code=self.authenticator.now())
        self.press("开通", within="main")
        codes = self.page.locator(".codes .secret").all_inner_texts()
        self.follow("已保存，继续")
        return codes
