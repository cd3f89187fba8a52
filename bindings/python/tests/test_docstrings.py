"""The docstrings of the public classes, methods and functions. Ruff checks their form."""
import inspect
import re
import unittest

import uservoice

#: These behave as in any other class.
COMMON = {"__init__", "__enter__", "__exit__", "__getstate__", "__setstate__", "__reduce__",
          "__repr__", "__str__", "__new__"}


def public_functions():
    """Yields the name and function of what a program may call."""
    for name in uservoice.__all__:
        value = getattr(uservoice, name)
        if inspect.isfunction(value):
            yield name, value
        if inspect.isclass(value):
            yield from ((f"{name}.{method}", function) for method, function in methods_of(value))


def methods_of(a_class):
    for parent in a_class.__mro__:
        if parent.__module__.split(".")[0] == "uservoice" and not issubclass(parent, tuple):
            for name, value in vars(parent).items():
                function = getattr(value, "__func__", value)
                is_public = not name.startswith("_") or name.endswith("__")
                if inspect.isfunction(function) and is_public and name not in COMMON:
                    yield name, function


def sections_of(function):
    """Returns the sections of a docstring by their headings."""
    parts = re.split(r"^([A-Z][a-z]+):\n", inspect.getdoc(function) or "", flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2]))


class Docstrings(unittest.TestCase):
    def test_has_sections_for_arguments_and_results(self):
        names = set()
        for name, function in public_functions():
            names.add(name)
            sections = sections_of(function)
            parameters = {"**" + parameter.name if parameter.kind is parameter.VAR_KEYWORD
                          else parameter.name
                          for parameter in inspect.signature(function).parameters.values()}
            documented = re.findall(r"^    ([*\w]+): ", sections.get("Args", ""), re.MULTILINE)
            self.assertEqual(set(documented), parameters - {"self", "cls"}, name)
            result = inspect.signature(function).return_annotation
            if result != "None":
                heading = "Yields" if result.startswith("Iterator") else "Returns"
                self.assertIn(heading, sections, name)
                # Napoleon takes what precedes a colon for the type, which the annotation says.
                self.assertNotRegex(sections[heading].split("\n")[0], r": ", name)
        self.assertIn("Client.login_as", names)
        self.assertIn("Collection.__getitem__", names)
        self.assertIn("read_webhook", names)

    def test_names_the_exceptions_of_what_sends_requests(self):
        # These report the errors of a network when they are used, or do not wait for it.
        offline = {"__repr__", "cancel", "close", "token_json"}
        for name, function in public_functions():
            if name.split(".")[0] in {"Client", "Collection", "Export"}:
                if name.split(".")[1] not in offline:
                    self.assertIn("Raises", sections_of(function), name)

    def test_says_of_every_request_that_it_blocks(self):
        for name, function in public_functions():
            source = inspect.getsource(function)
            if re.search(r"self\._handle\.call\(|self\._log_in\(|self\.request\(", source):
                self.assertRegex(inspect.getdoc(function), r"[Bb]lock", name)

    def test_describes_the_class_and_every_field(self):
        for name in uservoice.__all__:
            value = getattr(uservoice, name)
            if inspect.isclass(value):
                self.assertTrue(vars(value).get("__doc__"), name)
                source = inspect.getsource(value)
                for field in getattr(value, "_fields", ()):
                    self.assertRegex(source, rf'    {field}: .*\n    """', f"{name}.{field}")


if __name__ == "__main__":
    unittest.main()
