"""Performs three-legged logins in Chromium: one is allowed, the next denied. The application is restarted
while the user is on UserVoice's page, because it must not depend on its memory.

Usage: three_legged_login.py SANDBOX APPLICATION
"""

import os
import subprocess
import sys
import unittest
from urllib.parse import urlsplit

from chromium import start_browser
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as conditions
from selenium.webdriver.support.ui import WebDriverWait

TIMEOUT = 60  # seconds, generous for a busy machine


class Program:
    """A server process whose first line ends with its URL."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment
        )
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command[0]} did not start")
        self.url = line.split()[-1]

    def stop(self):
        self.process.terminate()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()


class ThreeLeggedLogin(unittest.TestCase):
    sandbox_program, application_program = sys.argv[1:3]

    def setUp(self):
        self.sandbox = Program([self.sandbox_program, "--quiet"])
        self.addCleanup(self.sandbox.stop)
        self.start_application("0")
        self.addCleanup(lambda: self.application.stop())
        self.browser = start_browser()
        self.addCleanup(self.browser.quit)

    def start_application(self, port):
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("USERVOICE_")
        }
        environment["USERVOICE_BASE_URL"] = self.sandbox.url
        self.application = Program([self.application_program, port], environment)

    def restart_application(self):
        port = urlsplit(self.application.url).port
        self.application.stop()
        self.start_application(str(port))

    def wait_for(self, condition):
        return WebDriverWait(self.browser, TIMEOUT).until(condition)

    def connect(self):
        self.browser.get(self.application.url)
        self.browser.find_element(By.LINK_TEXT, "Connect to UserVoice").click()
        self.wait_for(conditions.title_is("Allow access?"))
        self.assertTrue(
            self.browser.current_url.startswith(self.sandbox.url + "/oauth/authorize?")
        )

    def click(self, button):
        self.browser.find_element(By.XPATH, f"//button[text()='{button}']").click()

    def text(self):
        return self.browser.find_element(By.TAG_NAME, "p").text

    def test_allows_then_denies(self):
        self.connect()
        self.restart_application()
        email = self.browser.find_element(By.NAME, "email")
        email.clear()
        email.send_keys("user2@sandbox.example")
        self.click("Allow")
        self.wait_for(conditions.title_is("Connected"))
        self.assertEqual(self.text(), "Hello 李小龍 <user2@sandbox.example>!")

        self.connect()
        self.restart_application()
        self.click("Deny")
        self.wait_for(conditions.title_is("Not connected"))
        self.assertEqual(self.text(), "you did not allow the access")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
