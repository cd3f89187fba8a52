# To be sourced, where $root is the repository: makes sure of Chromium and its driver, and sets
# python to one that has Selenium.

"$root/scripts/install-tools" chromium chromedriver
python=$("$root/scripts/python-environment" browser 'selenium>=4.20,<5')/bin/python
