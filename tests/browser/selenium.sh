# To be sourced, where $root is the repository: makes sure of Chromium and its driver, and sets
# python to one that has Selenium.

"$root/scripts/install-tools" chromium chromedriver python3-venv
tools=$root/target/tools/browser
python=$tools/bin/python
if ! [ -e "$tools/installed" ]; then
    echo "Installing Selenium into $tools" >&2
    rm -rf "$tools"
    python3 -m venv "$tools"
    "$tools/bin/pip" install --quiet --disable-pip-version-check 'selenium>=4.20,<5'
    touch "$tools/installed"
fi
