"""The page in a browser: what a visitor does with it, from the first picture to the net in the hand.

Needs Chromium; `make test` installs Debian's where it may.
"""

from __future__ import annotations

import re
import shutil
import time
from importlib import resources

import cv2
import numpy as np
import pytest

from windowpane import Parser

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
COMMAND = "apt-get install chromium"

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason=f"the page is tested in Chromium: {COMMAND}")

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(params=[(1280, 860), (390, 780)], ids=["desktop", "phone"])
def page(browser, ask, request):
    """A page of a visitor; at the end nothing was asked of anyone else, and nothing went wrong."""
    width, height = request.param
    context = browser.new_context(viewport={"width": width, "height": height}, has_touch=width < 500)
    page, wrong = context.new_page(), []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    allowed = (ask.url, "data:", "blob:")
    page.on("request", lambda one: wrong.append(one.url) if not one.url.startswith(allowed) else None)
    page.set_default_timeout(20_000)
    page.goto(ask.url)
    page.wait_for_selector("html[data-ready]")
    yield page
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    context.close()
    assert wrong == []
    assert overflow <= 0


def pixels(page, canvas: str) -> str:
    """What a canvas shows, to be compared; its next frame is waited for."""
    page.evaluate("() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))")
    return page.evaluate(f"document.querySelector({canvas!r}).toDataURL()")


def says(page, selector: str, text: str | re.Pattern[str]) -> None:
    """Wait until something on the page says a text."""
    page.locator(selector, has_text=text).wait_for()


def slide(page, name: str, value: str) -> None:
    page.locator(f"input[aria-label={name!r}]:visible").fill(value)


def test_a_face_is_found_and_the_maps_are_shown_and_the_threshold_is_live(page):
    page.click("#examples button >> nth=0")
    page.wait_for_selector("#look-side .list button")
    assert "1 face found" in page.inner_text("#look-side .big").replace("\n", " ")
    boxes = pixels(page, "#look-canvas")
    slide(page, "Scale", "2")
    first = pixels(page, "#look-canvas")
    slide(page, "Scale", "3")
    second = pixels(page, "#look-canvas")
    assert len({boxes, first, second}) == 3
    page.hover("#look-canvas")
    assert "score" in page.inner_text("#look-tip")
    slide(page, "Scale", "0")
    slide(page, "Sure enough", "1")
    page.locator("#look-side .big").scroll_into_view_if_needed()
    assert re.match(r"[01]\s+faces? found", page.inner_text("#look-side .big"))


def test_a_chosen_a_pasted_and_a_photographed_picture_are_answered(page, number):
    page.click("text=Read numbers")
    with page.expect_file_chooser() as chooser:
        page.click("#look-drop [data-choose]")
    chooser.value.set_files({"name": "number.png", "mimeType": "image/png", "buffer": number})
    page.wait_for_selector("#look-below .figure canvas")
    assert "".join(page.locator("#look-side .digit b").all_inner_texts()) == "94720"
    assert "number.png" in page.inner_text("#look-name")
    page.evaluate(
        """(bytes) => {
          const files = new DataTransfer();
          files.items.add(new File([new Uint8Array(bytes)], "pasted.png", { type: "image/png" }));
          document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: files }));
        }""",
        list(number),
    )
    says(page, "#look-name", "pasted.png")
    if page.viewport_size["width"] > 500:  # a phone opens its own camera
        page.click("#look-bar [data-photograph]")
        page.click("#camera [value=take]")
        says(page, "#look-name", "photo.jpg")


def test_a_large_picture_is_made_smaller_and_the_page_says_so(page):
    large = cv2.imencode(".jpg", np.zeros((3000, 4000, 3), np.uint8))[1].tobytes()
    page.click("text=Read numbers")
    with page.expect_file_chooser() as chooser:
        page.click("#look-drop [data-choose]")
    chooser.value.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": large})
    says(page, "#look-name", "photo.jpg · 2000 × 1500, made smaller from 4000 × 3000")
    assert "photo.jpg has 4000 × 3000 pixels" in page.inner_text("#toast")


def test_a_scene_is_parsed_and_a_class_can_be_looked_at_alone(page):
    page.click("#examples button >> nth=2")
    page.wait_for_selector("#look-side .list button")
    assert "sky" in page.inner_text("#look-side .list")
    every = pixels(page, "#look-canvas")
    page.click("#look-side .list button >> nth=0")
    assert pixels(page, "#look-canvas") != every
    slide(page, "Scale", "1")
    assert pixels(page, "#look-canvas") != every


def test_a_file_that_is_no_picture_is_told_of(page):
    with page.expect_file_chooser() as chooser:
        page.click("#look-drop [data-choose]")
    chooser.value.set_files({"name": "notes.txt", "mimeType": "text/plain", "buffer": b"milk"})
    page.wait_for_selector("#toast:not([hidden])")
    assert "notes.txt is no picture" in page.inner_text("#toast")


def test_a_zip_code_is_written_with_the_mouse_and_read(page):
    page.click(".tabs >> text=Write")
    box = page.locator("#paper-canvas").bounding_box()

    def stroke(*points: tuple[float, float]) -> None:
        tall = box["height"]
        places = [(box["x"] + 0.1 * box["width"] + x * tall, box["y"] + y * tall) for x, y in points]
        page.mouse.move(*places[0])
        page.mouse.down()
        for place in places[1:]:
            page.mouse.move(*place, steps=4)
        page.mouse.up()

    stroke((0.0, 0.25), (0.3, 0.25), (0.1, 0.8))  # a seven
    page.click("text=Any number")
    says(page, "#write-digits .digits", re.compile("^7$"))  # as a ZIP code half a seven may be 17177
    assert page.locator("#write-figure canvas").count() == 3
    page.click("#paper-clear")
    page.click("text=ZIP code")
    page.focus("#paper-canvas")
    for digit in "94720":
        page.keyboard.press(digit)
    says(page, "#write-digits .digits", "94720")
    page.click("#paper-undo")
    page.click("#paper-clear")
    page.wait_for_selector("#write-figure", state="hidden")


def brush(page, key: str, *points: tuple[float, float]) -> None:
    box = page.locator("#teach-canvas").bounding_box()
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]
    page.keyboard.press(key)
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=6)
    page.mouse.up()


def test_a_picture_labels_itself_while_it_is_brushed_and_the_net_goes_home(page, tmp_path):
    page.click(".tabs >> text=Teach")
    page.click("#teach-example")
    page.wait_for_selector("#teach-canvas")
    page.locator("#teach-canvas").scroll_into_view_if_needed()
    plain = pixels(page, "#teach-canvas")
    brush(page, "1", (0.1, 0.1), (0.8, 0.12))
    assert "rocket" in page.inner_text("#teach-status")
    brush(page, "2", (0.505, 0.4), (0.505, 0.75))
    brush(page, "3", (0.1, 0.95), (0.9, 0.95))
    says(page, "#teach-status", "ms to learn")
    says(page, ".share >> nth=2", "%")
    assert pixels(page, "#teach-canvas") != plain
    page.fill("#teach-name", "launch")
    with page.expect_download() as download:
        page.click("#teach-take button")
    assert download.value.suggested_filename == "launch.onnx"
    download.value.save_as(tmp_path / "launch.onnx")
    rocket = (resources.files("windowpane") / "demo" / "rocket.jpg").read_bytes()
    scene = Parser(tmp_path / "launch.onnx").parse(rocket)
    assert scene.names == ("sky", "rocket", "ground")
    assert scene.class_ids[20, 240] == 0
    assert scene.class_ids[310, 240] == 2
    page.keyboard.press("z")
    page.locator("#teach-canvas").focus()


def test_it_can_be_brushed_with_the_keyboard_alone(page):
    page.click(".tabs >> text=Teach")
    page.click("#teach-example")
    page.wait_for_selector("#teach-canvas")
    page.focus("#teach-canvas")
    for key, way in (("1", "ArrowUp"), ("2", "ArrowDown")):
        page.keyboard.press(key)
        for _ in range(10):
            page.keyboard.press(way)
        page.keyboard.down(" ")
        page.keyboard.press("ArrowRight")
        page.keyboard.up(" ")
        for _ in range(10 if key == "1" else 0):
            page.keyboard.press("ArrowDown")
    says(page, "#teach-status", "ms to learn")


def test_light_and_dark_and_the_page_of_the_interface(page, ask):
    ground = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(ground)
    page.click("#theme")
    assert page.evaluate(ground) != before
    page.goto(f"{ask.url}docs")
    page.wait_for_selector("html[data-ready]")
    assert page.evaluate(ground) != before  # it is remembered
    page.click(".route:has-text('Find faces, or') summary")
    assert "min_size" in page.inner_text("main")


def test_a_token_is_asked_for_once(browser, serving):
    with serving(token="sesame") as ask:
        page = browser.new_page()
        page.goto(ask.url)
        page.wait_for_selector("html[data-ready]")
        page.click("#examples button >> nth=0")
        page.fill("#token input", "sesame")
        page.click("#token button")
        page.wait_for_selector("#look-side .list button")
        page.reload()
        page.wait_for_selector("html[data-ready]")
        page.click("#examples button >> nth=0")
        page.wait_for_selector("#look-side .list button")
        page.close()


@pytest.mark.slow
def test_a_busy_server_is_waited_for(browser, serving):
    with serving() as ask:
        page, answers = browser.new_page(), []
        page.goto(ask.url)
        page.wait_for_selector("html[data-ready]")

        def busy_once(route):
            answers.append(time.monotonic())
            if len(answers) == 1:
                route.fulfill(status=429, headers={"Retry-After": "1"}, body='{"error": "busy"}')
            else:
                route.continue_()

        page.route("**/api/detect/steps*", busy_once)
        page.click("#examples button >> nth=0")
        page.wait_for_selector("#look-side .list button")
        assert answers[1] - answers[0] >= 0.9
        page.close()
