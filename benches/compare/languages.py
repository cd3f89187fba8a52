"""Compares the packages for C++, Go, Python and Ruby with what their users would use instead."""
import pathlib

from nginx_site import RECORDS, SUGGESTION_BYTES
from race import LIST_ROUNDS, ROUNDS, Contestant, by_list, by_request, median, race, race_once, report_progress

HERE = pathlib.Path(__file__).resolve().parent


def cpp(bin, site):
    report_progress("C++")
    arguments = [site.plain, site.path, SUGGESTION_BYTES]
    return {"get": by_request(race({
        "uservoice": Contestant(bin / "cpp/get_uservoice", *arguments),
        "liboauth": Contestant(bin / "cpp/get_liboauth", *arguments),
    }))}


def go(bin, site):
    def contest(url, goroutines, rounds=ROUNDS):
        return race({name: Contestant(bin / "go" / name, url, site.path, goroutines, at_least=goroutines)
                     for name in ("uservoice", "nethttp")}, rounds)

    report_progress("Go")
    many = contest(site.slow, 200, rounds=5)
    return {
        "get": by_request(contest(site.plain, 1)),
        "16": by_request(contest(site.slow, 16)),
        "200": {"peak_kib": {name: turns[-1].peak_kib for name, turns in many.items()}},
    }


def python(interpreter, site):
    def contestant(program, *arguments):
        return Contestant(interpreter, HERE / "python" / program, *arguments)

    report_progress("Python")
    get = [site.plain, site.path]
    read_list = [site.plain, site.list_path, RECORDS]
    return {
        "get": by_request(race({
            "uservoice": contestant("get.py", "uservoice", *get),
            "thread": contestant("get.py", "uservoice", *get, "thread"),
            "requests": contestant("get.py", "requests", *get),
            "httpx": contestant("get.py", "httpx", *get),
        })),
        "list": by_list(race_once({
            name: contestant("read_list.py", name, *read_list) for name in ("uservoice", "requests")
        }, LIST_ROUNDS)),
        "index_us": median(race({
            "uservoice": contestant("index.py", site.plain, site.list_path)})["uservoice"], "cpu") * 1e6,
    }


def ruby(site):
    def contestant(program, *arguments):
        return Contestant("ruby", "-I", HERE / "../../bindings/ruby/lib", HERE / "ruby" / program, *arguments)

    report_progress("Ruby")
    return {
        "get": by_request(race({
            name: contestant("get_%s.rb" % name, site.plain, site.path) for name in ("uservoice", "oauth")})),
        "list": by_list(race_once({
            name: contestant("list_%s.rb" % name, site.plain, site.list_path, RECORDS)
            for name in ("uservoice", "oauth")}, LIST_ROUNDS)),
    }


def measure(bin, interpreter, site):
    """Returns the results by language."""
    return {"C++": cpp(bin, site), "Go": go(bin, site), "Python": python(interpreter, site), "Ruby": ruby(site)}
