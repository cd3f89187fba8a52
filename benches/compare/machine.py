"""What machine this is, and the versions of all that is compared."""
import os
import pathlib
import platform
import re
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def said(*command):
    """The first line of what a program says."""
    program = subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT)
    return program.stdout.splitlines()[0].strip()


def found(pattern, path):
    match = re.search(pattern, pathlib.Path(path).read_text(), re.MULTILINE)
    return match.group(1).strip() if match else "unknown"


def package(python, name):
    return said(python, "-c", "import importlib.metadata as m; print(m.version('%s'))" % name)


def description(python):
    """Name and value of each, in the order to show."""
    memory = int(found(r"^MemTotal:\s+(\d+)", "/proc/meminfo"))
    crate = r'name = "%s"\nversion = "(.*)"'
    lock = ROOT / "Cargo.lock"
    return {
        "CPU": "%s, %d cores" % (found(r"^model name\s*:(.*)", "/proc/cpuinfo"), os.cpu_count()),
        "memory": "%.0f GiB" % (memory / 2**20),
        "load before": "%.1f" % os.getloadavg()[0],
        "system": "%s, Linux %s" % (found(r'PRETTY_NAME="(.*)"', "/etc/os-release"),
                                    platform.release()),
        "libuservoice": "%s, %s" % (found(r'^version = "(.*)"', ROOT / "Cargo.toml"),
                                    said("rustc", "--version")),
        "C": said("gcc", "--version"),
        "libcurl": said("curl-config", "--version").removeprefix("libcurl "),
        "OpenSSL": said("openssl", "version").split()[1],
        "nginx": said("nginx", "-v").rpartition("/")[2],
        "oauth1-request": found(crate % "oauth1-request", lock),
        "liboauth": said("pkg-config", "--modversion", "oauth"),
        "Ruby": said("ruby", "-e", "print RUBY_VERSION"),
        "Python": "%s, uservoice %s, requests %s, pycryptodome %s" % (
            said(python, "-c", "import platform; print(platform.python_version())"),
            package(python, "uservoice"), package(python, "requests"),
            package(python, "pycryptodome")),
    }
