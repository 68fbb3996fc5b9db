#!/usr/bin/python3
"""The page that lets a terminal in, in a real browser: for hands, for keyboards, for eyes that need more, without script, and
from a site that means no good.

usage: device.py <kodelabd> <folder> [folder for pictures]
"""

import os
import sys
import tempfile

from server import PASSWORD, OtherSite, Server
from webdriver import TAB, Browser, Failure, there

NARROW = 320
FORCED = "forced-colors"


def check(good, what):
    if not good:
        raise Failure(what)


def sign_in(browser, code, name="ada", password=PASSWORD):
    browser.type("#code", code)
    browser.type("#name", name)
    browser.type("#password", password)
    browser.submit("button")


class Tests:
    def __init__(self, server, folder, pictures):
        self.server, self.folder, self.pictures = server, folder, pictures
        self.browser = Browser(tempfile.mkdtemp(dir=folder))

    def picture(self, browser, name):
        if self.pictures:
            browser.picture(os.path.join(self.pictures, name + ".png"))

    def lets_in(self, browser):
        """From the code to the tokens; also for a browser that runs no script."""
        codes = self.server.begin("lab-pc-12 <i>& more")
        browser.open(self.server.url + "/device")
        check(browser.title() == "Let a terminal in - KodeLab", browser.title())
        sign_in(browser, codes["user_code"].lower().replace("-", " "))
        check("lab-pc-12 <i>& more" in browser.text(), "the terminal is not named: " + browser.text())
        check("127.0.0.1" in browser.text() and "ada" in browser.text(), browser.text())
        self.picture(browser, "question")
        browser.submit("button[value=approve]")
        check(browser.text("h1") == "The terminal is let in", browser.text())
        status, answer = self.server.poll(codes)
        check(status == 200 and answer["data"]["user"]["name"] == "ada", f"{status} {answer}")
        return codes

    def test_approve(self):
        browser = self.browser
        self.lets_in(browser)
        browser.back()  # the question is not kept
        check(not browser.find("button[value=approve]"), "the question is in the history")
        found = [line for line in browser.complaints() if "favicon" not in line and "403" not in line]
        check(not found, f"the browser complains: {found}")

    def test_without_script(self):
        browser = Browser(tempfile.mkdtemp(dir=self.folder), scripts=False)
        try:
            self.lets_in(browser)
        finally:
            browser.close()

    def test_deny(self):
        codes = self.server.begin("lab-pc-13")
        browser = self.browser
        browser.open(codes["verification_uri_complete"])  # the code is filled in
        check(browser.attribute(browser.one("#code"), "value") == codes["user_code"], browser.source())
        sign_in(browser, codes["user_code"], password="not hers at all")
        check(browser.title() == "Error: let a terminal in - KodeLab", browser.title())
        check(browser.text("[role=alert]") == "The name or the password is wrong.", browser.text())
        check("lab-pc-13" not in browser.source(), "the terminal is named to who has not signed in")
        self.picture(browser, "wrong-password")
        sign_in(browser, codes["user_code"])
        browser.submit("button[value=deny]")
        check(browser.text("h1") == "The terminal is not let in", browser.text())
        status, answer = self.server.poll(codes)
        check(status == 403, f"{status} {answer}")

    def test_keyboard_and_names(self):
        """Language, headings, a label for each field, and the order in which Tab goes."""
        browser = self.browser
        browser.open(self.server.url + "/device")
        check(browser.attribute(browser.one("html"), "lang") == "en", "no language")
        check(len(browser.find("h1")) == 1 and len(browser.find("main")) == 1, "headings")
        for field in browser.find("input:not([type=hidden])"):
            name = browser.attribute(field, "id")
            check(len(browser.find(f"label[for={name}]")) == 1, f"{name} has no label")
            check(browser.attribute(field, "autocomplete"), f"{name} says nothing to password managers")
        for wanted in ("#code", "#name", "#password", "button"):
            browser.press(TAB)
            check(browser.focused() == browser.one(wanted), f"Tab does not go to {wanted}")
        outline = browser.run("return getComputedStyle(document.activeElement).outlineWidth")
        check(outline == "4px", f"the focus is not to be seen: {outline}")
        small = browser.run("return [...document.querySelectorAll('button, input:not([type=hidden])')]"
                            ".filter(node => node.getBoundingClientRect().height < 44).length")
        check(small == 0, "something is too small for a finger")

    def fits(self, browser, name):
        wide = browser.run("return document.scrollingElement.scrollWidth")
        check(wide <= NARROW, f"{name}: {wide} pixels wide")
        self.picture(browser, name)

    def test_narrow(self):
        """320 pixels: a telephone, or a desktop at 400 %."""
        codes = self.server.begin("w" * 64)
        browser = self.browser
        browser.width(NARROW)
        browser.open(self.server.url + "/device")
        self.fits(browser, "narrow-form")
        sign_in(browser, codes["user_code"])
        check("w" * 64 in browser.text(), browser.text())
        self.fits(browser, "narrow-question")

    def test_contrast(self):
        """Light, dark, and the colours that a person has forced: text and frames stand out by 4.5 to 1 at least."""
        script = """
            const channel = value => (value /= 255) <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
            const light = colour => { const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
                return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
            const ratio = (a, b) => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
            const canvas = document.createElement('div'); canvas.style.background = 'Canvas'; document.body.append(canvas);
            const ground = light(getComputedStyle(canvas).backgroundColor);
            return Math.min(...[...document.querySelectorAll('h1, p, label, input:not([type=hidden]), button')].map(node => {
                const style = getComputedStyle(node), own = style.backgroundColor;
                const under = own.includes('0)') && own.startsWith('rgba') ? ground : light(own);
                const frame = node.matches('input, button') ? ratio(light(style.borderTopColor), ground) : 21;
                return Math.min(ratio(light(style.color), under), frame); }))"""
        browser = self.browser
        for name, features in (("light", {}), ("dark", {"prefers_color_scheme": "dark"}),
                               ("forced", {"forced_colors": "active", "prefers_contrast": "more"})):
            browser.media(**features)
            browser.open(self.server.url + "/device")
            if name == "forced":
                check(browser.run(f"return matchMedia('({FORCED}: active)').matches"), "colours are not forced")
            self.picture(browser, "contrast-" + name)
            ratio = browser.run(script)
            check(ratio >= 4.5, f"{name}: {ratio:.2f} to 1")

    def test_other_sites(self):
        """A11: not in a frame, and no form that another site sends for us."""
        codes = self.server.begin("lab-pc-14")
        site = OtherSite(f"""<!DOCTYPE html><title>evil</title><iframe id="ours" src="{self.server.url}/device"></iframe>
            <form id="attack" method="post" action="{self.server.url}/device"><input name="form" value="kdf_guessed">
            <input name="code" value="{codes['user_code']}"><input name="name" value="ada"><input name="password" value="{PASSWORD}">
            <button>Win a prize</button></form>""")
        browser = self.browser
        browser.open(self.server.url + "/device")  # the cookie is there
        browser.open(site.url)
        browser.enter_frame("#ours")
        check(not browser.find("#password"), "the page is shown in a frame of another site")
        browser.open(site.url)
        browser.submit("#attack button")
        check(browser.text("[role=alert]").startswith("This form was opened long ago"), browser.text())
        status, answer = self.server.poll(codes)
        check(answer["error"]["code"] == "AUTHORIZATION_PENDING", f"{status} {answer}")
        site.close()


def run_all(server, folder, pictures):
    server.add_user("ada")
    tests = Tests(server, folder, pictures)
    names = [name for name in dir(tests) if name.startswith("test_")]
    failed = 0
    try:
        for name in names:
            try:
                getattr(tests, name)()
            except Failure as failure:
                print(f"failed: {name}: {failure}")
                failed += 1
            tests.browser.plain()
    finally:
        tests.browser.close()
    return names, failed


def main():
    program, folder = sys.argv[1:3]
    if not there():
        print("skipped the browser: chromium or chromedriver is not here")
        print("0 passed, 0 failed")
        return 0
    server = Server(program, folder)
    try:
        names, failed = run_all(server, folder, sys.argv[3] if len(sys.argv) > 3 else None)
    finally:
        server.close()
    print(f"{len(names) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
