"""Performs three-legged logins in Chromium: one is allowed, the next denied. The application is restarted
while the user is on UserVoice's page, because it must not depend on its memory.

Usage: three_legged.py SANDBOX APPLICATION
"""

import os
import subprocess
import sys
import tempfile
import unittest
from urllib.parse import urlsplit

from chromium import start_browser
from selenium.webdriver.common.by import By
from selenium.webdriver.support import expected_conditions as conditions
from selenium.webdriver.support.ui import WebDriverWait

TIMEOUT = 60  # seconds, generous for a busy machine


class Program:
    """A server process that prints its URL as its first line."""

    def __init__(self, command, environment=None):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, text=True, env=environment
        )
        self.url = self.process.stdout.readline().strip()
        if not self.url:
            raise RuntimeError(f"{command[0]} did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait(TIMEOUT)
        self.process.stdout.close()


class ThreeLegged(unittest.TestCase):
    sandbox_program, application_program = sys.argv[1:3]

    def setUp(self):
        state = tempfile.TemporaryDirectory()
        self.addCleanup(state.cleanup)
        self.state = state.name
        self.sandbox = Program([self.sandbox_program, "--quiet"])
        self.addCleanup(self.sandbox.stop)
        self.start_application("127.0.0.1:0")
        self.addCleanup(lambda: self.application.stop())
        self.browser = start_browser()
        self.addCleanup(self.browser.quit)

    def start_application(self, listen):
        environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("USERVOICE_")
        }
        environment["USERVOICE_BASE_URL"] = self.sandbox.url
        command = [self.application_program, "-listen", listen, "-state", self.state]
        self.application = Program(command, environment)

    def restart_application(self):
        address = urlsplit(self.application.url).netloc
        self.application.stop()
        self.start_application(address)

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

    def test_allows_then_denies(self):
        self.connect()
        self.restart_application()
        email = self.browser.find_element(By.NAME, "email")
        email.clear()
        email.send_keys("user2@sandbox.example")
        self.click("Allow")
        self.wait_for(conditions.title_is("Connected"))
        greeting = self.browser.find_element(By.ID, "greeting").text
        self.assertEqual(greeting, "Hello 李小龍 <user2@sandbox.example>!")

        self.connect()
        self.restart_application()
        self.click("Deny")
        self.wait_for(conditions.title_is("Not connected"))
        text = self.browser.find_element(By.ID, "text").text
        self.assertEqual(text, "You did not allow the access.")
        self.assertEqual(os.listdir(self.state), [], "state of completed logins was not deleted")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
