"""Describes the machine and the versions of the compared software."""
import os
import pathlib
import platform
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def first_line(*command):
    """Returns the first line that a program prints."""
    program = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    return program.stdout.splitlines()[0].strip()


def search(pattern, path):
    match = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    return match.group(1).strip() if match else "unknown"


def package_version(python, name):
    return first_line(python, "-c", "import importlib.metadata as m; print(m.version('%s'))" % name)


def package_versions(python, *names):
    return ", ".join("%s %s" % (name, package_version(python, name)) for name in names)


def description(old_python, python):
    """Returns names and values in display order."""
    memory = int(search(r"^MemTotal:\s+(\d+)", "/proc/meminfo"))
    crate = r'name = "%s"\nversion = "(.*)"'
    lock = ROOT / "Cargo.lock"
    return {
        "CPU": "%s, %d cores" % (search(r"^model name\s*:(.*)", "/proc/cpuinfo"), os.cpu_count()),
        "memory": "%.0f GiB" % (memory / 2**20),
        "load average before": "%.1f" % os.getloadavg()[0],
        "system": "%s, Linux %s" % (search(r'PRETTY_NAME="(.*)"', "/etc/os-release"),
                                    platform.release()),
        "libuservoice": "%s, %s" % (search(r'^version = "(.*)"', ROOT / "Cargo.toml"),
                                    first_line("rustc", "--version")),
        "C": first_line("gcc", "--version"),
        "libcurl": first_line("curl-config", "--version").removeprefix("libcurl "),
        "OpenSSL": first_line("openssl", "version").split()[1],
        "nginx": first_line("nginx", "-v").rpartition("/")[2],
        "oauth1-request": search(crate % "oauth1-request", lock),
        "liboauth": first_line("pkg-config", "--modversion", "oauth"),
        "Go": first_line(ROOT / "scripts/go", "env", "GOVERSION").removeprefix("go"),
        "Ruby": "%s, oauth %s" % (
            first_line("ruby", "-e", "print RUBY_VERSION"),
            first_line("ruby", "-e", 'require "oauth"; print OAuth::VERSION')),
        "Python": "%s, %s" % (
            first_line(python, "-c", "import platform; print(platform.python_version())"),
            package_versions(python, "requests", "requests-oauthlib", "oauthlib", "httpx", "Authlib")),
        "the old Python client": package_versions(old_python, "uservoice", "requests", "pycryptodome"),
    }
