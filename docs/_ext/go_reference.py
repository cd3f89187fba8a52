"""Replaces <!-- go-reference --> on a page with sections generated from the output of `go doc -all`."""
import re
from pathlib import Path

GO_DOC = Path(__file__).parent.parent.parent / "target/docs/go.txt"
MARKER = "<!-- go-reference -->"
METHOD = re.compile(r"func \(\w+ \*?(\w+)\) (\w+)")
NAMED = re.compile(r"(?:func|type|var|const) (\w+)")


def escape(text):
    return re.sub(r"([\\`*_<>\[\]#|])", r"\\\1", text)


def prose(lines, indent):
    """Converts a comment to MyST; lines that are indented further than `indent` are code."""
    out, code = [], []
    for line in [*lines, ""]:
        text = line[indent:] if line.strip() else ""
        if text.startswith((" ", "\t")) or (code and not text):
            code.append(text)
            continue
        if code:
            out += ["```go", *[piece.removeprefix("    ") for piece in code if piece or piece != code[-1]],
                    "```", ""]
            code = []
        heading = re.match(r"# (.*)", text)
        out.append(f"**{heading[1]}**" if heading
                   else "" if re.match(r"\[.*\]: http", text) else escape(text))
    return out


def title(declaration):
    """Returns the heading for a declaration, or None if it has no name."""
    method = METHOD.match(declaration)
    if method:
        return f"### {method[1]}.{method[2]}"
    named = NAMED.match(declaration)
    if named is None:
        return None
    return f"### {named[1]}"


def sections(text):
    head, *parts = re.split(r"^(VARIABLES|CONSTANTS|FUNCTIONS|TYPES)$", text, flags=re.MULTILINE)
    yield from prose(head.splitlines()[1:], 0)
    for kind, body in zip(parts[::2], parts[1::2]):
        yield f"## {kind.capitalize()}"
        yield ""
        lines = body.splitlines()
        while lines:
            declaration = []
            while lines and not lines[0].strip():
                lines.pop(0)
            while lines and not (declaration and lines[0].startswith("    ")):
                line = lines.pop(0)
                if not line.strip() and declaration and declaration[-1].rstrip().endswith(("}", ")")) \
                        and not declaration[-1].startswith(("\t", " ")):
                    break
                declaration.append(line)
                if len(declaration) == 1 and not line.endswith(("{", "(")):
                    break
                if line in ("}", ")"):
                    break
            comment = []
            while lines and (lines[0].startswith("    ") or not lines[0].strip()):
                comment.append(lines.pop(0))
            if not declaration:
                continue
            if title(declaration[0]):
                yield title(declaration[0])
                yield ""
            yield from ["```go", *declaration, "```", ""]
            yield from prose(comment, 4)
            yield ""


def source_read(_app, _name, content):
    if MARKER in content[0]:
        generated = "\n".join(sections(GO_DOC.read_text(encoding="utf-8")))
        content[0] = content[0].replace(MARKER, generated)


def setup(app):
    app.connect("source-read", source_read)
    return {"parallel_read_safe": True}
