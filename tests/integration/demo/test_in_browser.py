"""The local page as a member sees it, in headless Chromium."""

from __future__ import annotations

import shutil
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.helpers.songs import licensed_songs
from tests.integration.demo.running import RunningPage, running_page

playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

OPTIONS = [
    "--no-sandbox",  # containers of CI forbid Chromium's own
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE = 30_000.0  # ms
LOADED = "image => image.complete && image.naturalWidth >= 600"


class Member:
    """Someone sitting before the page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        page.set_default_timeout(PATIENCE)
        playwright.expect.set_options(timeout=PATIENCE)

    def becomes(self, name: str) -> None:
        self.page.locator("#viewer-picker").select_option(label=name)

    def presses_a_ready_song(self, title: str) -> None:
        self.page.get_by_role("button", name=f"▶ {title}").click()

    def asks_for_the_genre_of(self, song: Path, command: str = "genre", file: str = "file") -> None:
        """Ask in the words of the member's own language, as the page offers them."""
        self.chooses(song, command, file)
        self.page.get_by_role("button", name="Send").click()

    def chooses(self, song: Path, command: str = "genre", file: str = "file") -> None:
        self.page.locator("#channel-composer-input").click()
        self.page.keyboard.type(f"/{command}")
        self.page.get_by_role("option", name=f"/{command}").click()
        self.page.locator(".command-ghost").click()
        self.page.get_by_role("option", name=file).click()
        self.page.locator("input[type=file]").set_input_files(song)

    def asks_for(self, command: str) -> None:
        self.page.locator("#channel-composer-input").click()
        self.page.keyboard.type(f"/{command}")
        self.page.get_by_role("option", name=f"/{command}").first.click()
        self.page.get_by_role("button", name="Send").click()

    def is_shown_the_answer(self, words: str) -> Locator:
        """Press “View response”; `words` are in the answer."""
        self.page.get_by_role("button", name="View response").click()
        playwright.expect(self.page.locator("#action-status")).to_have_text("Message opened")
        message = self.page.locator(".channel-message").filter(has_text=words).last
        playwright.expect(message).to_be_in_viewport()
        return message

    def sees_the_picture_in(self, message: Locator, told: str) -> None:
        """See the picture, or have it read aloud; `told` is in its description."""
        image = message.locator("img.embed-image")
        self.page.wait_for_function(LOADED, arg=image.element_handle())
        assert image.is_visible()
        assert told in str(image.get_attribute("alt"))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the bot keeps its data, and its log."""
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[RunningPage]:
    """One bot for all members, since a start takes many seconds; the last test stops it."""
    with running_page(folder, USAMIMI_DATA_DIR="kept") as page:
        yield page


@pytest.fixture(scope="module")
def browser(running: RunningPage) -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("chromium is not installed")
    with playwright.sync_playwright() as drivers:
        started = drivers.chromium.launch(executable_path=CHROMIUM, args=OPTIONS)
        started.new_page().goto(running.address)  # it stays open to the end
        yield started
        started.close()


@pytest.fixture
def member(browser: Browser, running: RunningPage) -> Iterator[Member]:
    """Someone who opens a page of their own."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(running.address)
    yield Member(page)
    page.close()


def test_links_scroll_and_channels_are_reached(member: Member) -> None:
    member.asks_for("similar")
    link = member.is_shown_the_answer("Sounds like").get_by_role("link", name="listen").first
    target = str(link.get_attribute("href")).rpartition("/")[2]
    link.click()
    posted = member.page.locator(f'.channel-message[data-message-id="{target}"]')
    playwright.expect(posted).to_be_in_viewport()
    assert member.page.url.startswith("http://127.0.0.1")

    member.page.get_by_role("button", name="# general").click()
    playwright.expect(member.page.locator("#channel-name")).to_have_text("general")
    member.page.get_by_role("button", name="# music").click()
    playwright.expect(member.page.locator("#channel-name")).to_have_text("music")


def test_nothing_is_cut_off_on_a_phone(member: Member) -> None:
    member.page.set_viewport_size({"width": 390, "height": 844})
    posted = member.page.locator(".channel-message").last
    playwright.expect(posted).to_be_visible()
    member.page.wait_for_function(
        "() => document.querySelector('#preview-app').getBoundingClientRect().right <= 390"
    )
    box = posted.bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 390


def test_a_messages_menu_hears_its_song(member: Member) -> None:
    messages = member.page.locator(".channel-message")
    private = messages.filter(has_text="Only you can see this")
    posted = messages.filter(has_text="A happy one for once.").first
    playwright.expect(posted).to_be_visible()
    before = private.count()
    posted.get_by_role("button", name="Apps").click()
    member.page.get_by_role("menuitem", name="Genre").click()
    playwright.expect(private).to_have_count(before + 1)
    playwright.expect(private.last).to_contain_text("of sound")


def test_one_press_brings_the_first_answer(member: Member) -> None:
    member.presses_a_ready_song("Redline")
    answer = member.is_shown_the_answer("of sound")
    assert "Redline" in answer.inner_text()
    assert "Electronic" in answer.inner_text(), "the first song shown must be named surely"
    assert "Not sure" not in answer.inner_text()
    member.sees_the_picture_in(answer, "Picture for “Redline”: ")


def test_a_file_too_large_for_the_page_is_refused_with_the_reason(
    member: Member, tmp_path: Path
) -> None:
    song = tmp_path / "long.wav"
    song.write_bytes(bytes(11 * 2**20))
    member.chooses(song)
    refused = member.page.get_by_text("on Discord I take larger ones")
    playwright.expect(refused).to_be_visible()
    member.page.screenshot(path=tmp_path / "refused.png")


def test_members_ask_in_the_page_and_are_answered_in_their_language(
    member: Member, tmp_path: Path
) -> None:
    song = tmp_path / "はじまりの曲.opus"
    song.write_bytes(licensed_songs()[0].read_bytes())

    member.asks_for_the_genre_of(song)
    answer = member.is_shown_the_answer("of sound")
    assert "はじまりの曲" in answer.inner_text()
    member.sees_the_picture_in(answer, "Picture for “はじまりの曲”: ")
    member.page.screenshot(path=tmp_path / "english.png")

    member.becomes("ゆき")
    member.asks_for_the_genre_of(song, "ジャンル", "ファイル")
    member.sees_the_picture_in(member.is_shown_the_answer("聴いて判定"), "「はじまりの曲」の図")
    member.page.screenshot(path=tmp_path / "japanese.png")

    words = tmp_path / "notes.mp3"
    words.write_text("these are words, not sound " * 50)
    member.asks_for_the_genre_of(words, "ジャンル", "ファイル")
    assert (
        "音声でも動画でもありません"
        in member.is_shown_the_answer("Only you can see this").inner_text()
    )


def test_the_bot_prints_its_address_and_stops_when_told_though_a_page_is_open(
    running: RunningPage, folder: Path
) -> None:
    assert "Type /genre" in running.printed
    assert "入力" in running.printed
    running.process.send_signal(signal.SIGINT)
    assert running.process.wait(timeout=30) == 0
    assert "stopped" in (folder / "log.txt").read_text(encoding="utf-8")
    assert (folder / "kept" / "page" / "usamimi.db").is_file()
