"""Performs three-legged logins in Chromium: one is allowed, the next denied. The application is restarted
while the user is on UserVoice's page, because it must not depend on its memory.

Usage: three_legged.py SANDBOX APPLICATION
"""

import os
import random
import re
import subprocess
import sys
import unittest

from chromium import start_browser
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as conditions
from selenium.webdriver.support.ui import WebDriverWait

TIMEOUT = 60  # seconds, generous for a busy machine


class Program:
    """A server process whose first line has its URL."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment
        )
        url = re.search(r"https?://[^/\s]+", self.process.stdout.readline())
        if not url:
            self.stop()
            raise RuntimeError(f"{command[0]} did not start")
        self.url = url[0]

    def stop(self):
        self.process.terminate()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()


class ThreeLegged(unittest.TestCase):
    sandbox_program, application_program = sys.argv[1:3]

    def setUp(self):
        self.sandbox = Program([self.sandbox_program, "--quiet"])
        self.addCleanup(self.sandbox.stop)
        self.start_application_on_free_port()
        self.addCleanup(lambda: self.application.stop())
        self.browser = start_browser()
        self.addCleanup(self.browser.quit)

    def start_application_on_free_port(self):
        for _ in range(20):
            self.port = str(random.randrange(20000, 30000))
            try:
                return self.start_application()
            except RuntimeError:  # another program uses the port
                continue
        self.fail("the application does not start")

    def start_application(self):
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("USERVOICE_")
        }
        environment["USERVOICE_BASE_URL"] = self.sandbox.url
        self.application = Program([self.application_program, self.port], environment)

    def restart_application(self):
        self.application.stop()
        self.start_application()

    def wait_for(self, condition):
        return WebDriverWait(self.browser, TIMEOUT).until(condition)

    def connect(self):
        self.browser.get(f"{self.application.url}/connect")
        self.wait_for(conditions.title_is("Allow access?"))
        self.assertTrue(
            self.browser.current_url.startswith(self.sandbox.url + "/oauth/authorize?")
        )

    def text(self):
        return self.browser.find_element(By.TAG_NAME, "body").text

    def click(self, button):
        self.browser.find_element(By.XPATH, f"//button[text()='{button}']").click()

    def test_allows_then_denies(self):
        self.connect()
        self.restart_application()
        email = self.browser.find_element(By.NAME, "email")
        email.clear()
        email.send_keys("user2@sandbox.example")
        self.click("Allow")
        self.wait_for(conditions.url_contains("/callback?"))
        self.assertEqual(self.text(), "Hello 李小龍!")

        self.connect()
        self.restart_application()
        self.click("Deny")
        self.wait_for(conditions.url_contains("/callback?"))
        self.assertEqual(self.text(), "You did not allow the access.")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
