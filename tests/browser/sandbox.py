"""Opens the sandbox's pages in Chromium, at the width of a phone and of a desktop, with light and dark colours.

Usage: sandbox.py SANDBOX [DIRECTORY]
Screenshots are saved to DIRECTORY.
"""

import json
import re
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from pathlib import Path

from chromium import start_browser
from selenium.common.exceptions import StaleElementReferenceException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import Select, WebDriverWait

TIMEOUT = 60  # seconds, generous for a busy machine
PHONE, DESKTOP = 360, 1200
PAGES = {
    "overview": "/",
    "requests": "/_sandbox",
    "faults": "/_sandbox/control",
    "webhooks": "/_sandbox/webhooks",
    "forum": "/forums/1",
    "suggestion": "/forums/1/suggestions/1",
    "user": "/users/5",
    "articles": "/knowledgebase",
    "article": "/knowledgebase/articles/1",
    "ticket": "/admin/tickets/1",
    "admin": "/admin/v3/suggestions/1",
    "login": "/?sso=invalid",
}
# Returns the inputs without a label, and the texts whose contrast is below 4.5 (WCAG 2, level AA).
INSPECT = """
const channels = (text) => text.match(/[\\d.]+/g).map(Number);
const luminance = (color) => {
  const [r, g, b] = channels(color).map((c) => c / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const background = (element) => {
  for (; element; element = element.parentElement) {
    const color = getComputedStyle(element).backgroundColor;
    if ((channels(color)[3] ?? 1) === 1) return color;
  }
};
const faint = [];
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || !element.offsetParent) continue;
  const lights = [luminance(getComputedStyle(element).color), luminance(background(element))];
  const ratio = (Math.max(...lights) + 0.05) / (Math.min(...lights) + 0.05);
  if (ratio < 4.5) faint.push(`${texts.currentNode.data.trim()}: ${ratio.toFixed(2)}`);
}
const inputs = [...document.querySelectorAll("input:not([type=hidden]), select")];
return {
  width: document.documentElement.scrollWidth,
  unlabelled: inputs.filter((input) => !input.labels.length).map((input) => input.name),
  faint,
};"""


class SandboxPages(unittest.TestCase):
    program = sys.argv[1]
    directory = Path(sys.argv[2]) if len(sys.argv) > 2 else None

    def setUp(self):
        self.sandbox = subprocess.Popen(
            [self.program, "--quiet", "--json"], stdout=subprocess.PIPE, text=True
        )
        self.addCleanup(self.stop)
        self.start_up = json.loads(self.sandbox.stdout.readline())
        self.url = self.start_up["url"]
        self.browser = start_browser()
        self.addCleanup(self.browser.quit)

    def stop(self):
        self.sandbox.terminate()
        self.sandbox.wait(TIMEOUT)
        self.sandbox.stdout.close()

    def send(self, path, body=None, headers=None):
        request = urllib.request.Request(self.url + path, body, headers or {})
        try:
            with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
                return response.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.read()

    def send_requests(self):
        form = "grant_type=client_credentials&client_id={api_key}&client_secret={api_secret}"
        response = self.send("/api/v2/oauth/token", form.format(**self.start_up).encode())
        bearer = {"Authorization": f"Bearer {json.loads(response)['access_token']}"}
        json_body = bearer | {"Content-Type": "application/json"}
        title = '<script>document.title = "run"</script> ' + "x" * 80
        suggestion = {"title": title, "body": "Tea", "links": {"forum": 1}}
        self.send("/api/v2/admin/suggestions", json.dumps(suggestion).encode(), json_body)
        self.send("/api/v2/admin/suggestions?per_page=3&sort=-id", headers=bearer)
        self.send("/api/v1/forums?client=sandbox-trusted-key", headers={"Accept": "application/json"})
        self.send("/api/v1/forums.json", headers={"Authorization": "OAuth nonsense"})
        self.send("/api/v2/admin/users", headers={"Authorization": "Bearer nonsense"})

    def wait_for(self, condition):
        # The next page may replace an element after it was found.
        wait = WebDriverWait(
            self.browser, TIMEOUT, ignored_exceptions=[StaleElementReferenceException]
        )
        return wait.until(lambda _: condition())

    def find(self, selector):
        return self.browser.find_element(By.CSS_SELECTOR, selector)

    def show(self, width, scheme):
        metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width == PHONE}
        self.browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        features = {"features": [{"name": "prefers-color-scheme", "value": scheme}]}
        self.browser.execute_cdp_cmd("Emulation.setEmulatedMedia", features)

    def check_console(self):
        # A page with an error status is logged, too.
        entries = self.browser.get_log("browser")
        unexpected = [entry for entry in entries if "?sso=invalid" not in entry["message"]]
        self.assertEqual(unexpected, [])

    def save(self, name):
        if self.directory:
            self.directory.mkdir(parents=True, exist_ok=True)
            self.browser.save_screenshot(self.directory / f"{name}.png")

    def check_page(self, name, width):
        page = self.browser.execute_script(INSPECT)
        self.assertLessEqual(page["width"], width, name)
        self.assertEqual((page["unlabelled"], page["faint"]), ([], []), name)
        self.assertNotEqual(self.browser.title, "run", name)
        self.check_console()

    def test_pages_fit_and_are_readable(self):
        self.send_requests()
        for width in (PHONE, DESKTOP):
            for scheme in ("light", "dark"):
                self.show(width, scheme)
                for name, path in PAGES.items():
                    self.browser.get(self.url + path)
                    self.check_page(f"{name} {width} {scheme}", width)
                    self.save(f"{name}-{width}-{scheme}")

    def rows(self):
        return self.browser.find_elements(By.CSS_SELECTOR, "#requests > li")

    def test_requests_appear_and_open(self):
        self.show(PHONE, "light")
        self.browser.get(self.url + "/_sandbox")
        self.assertEqual(self.rows(), [])
        self.send_requests()
        self.wait_for(lambda: len(self.rows()) == 6)
        self.assertIn("/api/v2/admin/users", self.rows()[0].text)
        self.assertIn("rejected: The token is unknown", self.rows()[0].text)
        self.assertEqual(self.find("#total").text, "6 requests")
        self.rows()[5].click()
        opened = self.wait_for(lambda: self.browser.find_elements(By.CLASS_NAME, "exchange"))[0]
        self.assertRegex(opened.text, r"client_secret=\W+")
        self.assertIn('"token_type": "bearer"', opened.text)
        self.assertNotIn(self.start_up["api_secret"], self.browser.page_source)
        self.check_page("request", PHONE)
        self.save("request")
        self.find("form[action$=clear_requests] button").click()
        self.wait_for(lambda: self.rows() == [])
        self.check_console()

    def test_faults_and_rate_limit_switch_on_and_off(self):
        self.browser.get(self.url + "/_sandbox/control")
        Select(self.find("#effect")).select_by_value("500")
        self.find("form[action$='control/faults'] button").click()
        self.wait_for(lambda: "status 500" in self.find(".pending").text)
        self.assertIn(b"application_error", self.send("/api/v1/forums.json?client=x"))
        self.browser.refresh()
        self.assertEqual(self.find(".pending").text, "")
        limit = self.find("#limit")
        limit.clear()
        limit.send_keys("0")
        self.find("form[action$=rate_limit] button").click()
        self.wait_for(lambda: re.search("On: 0 requests", self.find("main").text))
        self.assertEqual(self.send("/api/v1/forums.json?client=x"), b"Too Many Requests")
        self.browser.find_element(By.XPATH, "//button[text()='Switch off']").click()
        self.wait_for(lambda: "Off." in self.find("main").text)
        self.check_console()

    def test_sign_in_shows_the_name(self):
        self.browser.get(self.url)
        self.find("form[action$=sign_in] button").click()
        self.wait_for(lambda: "Signed in as Olivia Owner" in self.find("header").text)
        self.browser.find_element(By.XPATH, "//button[text()='Sign out']").click()
        self.wait_for(lambda: "Sign in" in self.find(".account").text)
        self.check_console()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
