# shellcheck shell=bash disable=SC2034,SC2154
# Sourced by other scripts, with $root set to the repository: installs Chromium and its driver, and sets python to an
# interpreter that has Selenium.

"$root/scripts/install-tools" chromium chromedriver
python=$("$root/scripts/python-environment" browser 'selenium>=4.20,<5')/bin/python
