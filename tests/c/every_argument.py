"""Generates a C program that calls every function of the header with each pointer argument
NULL in turn, and each string argument invalid UTF-8 in turn.

    python3 every_argument.py HEADER >program.c
"""
import re
import sys

# Arguments that may be NULL.
OPTIONAL = {"api_secret", "options_json", "params_json", "headers_json", "return_path", "state",
            "code_verifier", "callback", "user_data", "content_type", "error"}
# Arguments that may be NULL because the length after them is 0.
EMPTY = {("uservoice_send", "body"), ("uservoice_upload", "data")}
# Arguments that may contain any bytes.
BINARY = {"data", "body"}
# Strings to verify: with invalid UTF-8 they do not verify.
UNTRUSTED = {("uservoice_sso_decrypt", "token"), ("uservoice_sso_jwt_verify", "jwt"),
             ("uservoice_webhook_verify", "signature")}
# Valid values of string arguments; the default is "x".
STRINGS = {"subdomain": "acme", "path": "/", "method": "GET", "headers_json": '{\\"Content-Type\\":\\"text/plain\\"}',
           "content_type": "a/b",
           "options_json": "{}", "params_json": "{}", "user_json": '{\\"guid\\":1,\\"email\\":\\"e\\"}'}
# Functions that free a result; the default is the handle's _free().
FREES = {"char *": "uservoice_string_free"}
CALLBACKS = {"uservoice_log_callback": "log_line", "uservoice_interrupt_callback": "never"}
HANDLES = ("client", "token", "collection", "error", "export")


def functions(header):
    bare = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    for match in re.finditer(r"^([a-z_0-9 ]+?[ *]+)(uservoice_\w+)\(([^)]*)\);", bare, re.M):
        result, name, rest = match.groups()
        arguments = []
        for argument in rest.replace("\n", " ").split(","):
            words = re.match(r"\s*(.*?[ *])(\w+)\s*$", argument)
            if words:
                arguments.append((re.sub(r"\s+", " ", words[1]).strip(), words[2]))
        yield result.strip(), name, arguments


def out_type(kind):
    """Returns the type that an out-parameter points to, or None."""
    return kind[:-1].strip() if kind.endswith("**") or kind == "size_t *" else None


def valid_value(kind, name, of):
    if out_type(kind):
        return "&" + name
    if kind == "const char *":
        return '"%s"' % STRINGS.get(name, "x")
    if kind in ("char *", "void *", "const void *"):
        return "NULL"
    if kind in ("int32_t", "int64_t", "size_t", "uservoice_status"):
        return "0"
    if kind in CALLBACKS:
        return CALLBACKS[kind]
    for handle in HANDLES:
        if kind.replace("const ", "") == "uservoice_%s *" % handle:
            return "NULL" if of.endswith("_free") else "a_%s" % handle
    sys.exit("%s: no value for %s %s" % (of, kind, name))


def calls(result, name, arguments):
    values = [valid_value(kind, argument, name) for kind, argument in arguments]
    for number, (kind, argument) in enumerate(arguments):
        if "*" not in kind and kind not in CALLBACKS:
            continue
        may_be_null = (name, argument) in EMPTY or (argument in OPTIONAL and (argument == "error" or not out_type(kind))) or (
            kind == "const uservoice_token *" and "json" not in name and argument == "token")
        for bad in ["NULL"] + ['"\\xff\\xfe"'] * (kind == "const char *"):
            outs = [(out_type(k), a) for i, (k, a) in enumerate(arguments)
                    if out_type(k) and not (i == number and bad == "NULL")]
            given = ", ".join(values[:number] + [bad] + values[number + 1:])
            allowed = may_be_null if bad == "NULL" else argument in BINARY
            status = "USERVOICE_INVALID_ARGUMENT"
            if bad != "NULL" and (name, argument) in UNTRUSTED:
                status = "USERVOICE_NOT_VERIFIED"
            yield outs, given, None if allowed else status, argument + " " + bad.replace("\\", "")
    if not any("*" in kind for kind, _ in arguments):
        yield [], ", ".join(values), None, ""


def main():
    found = list(functions(open(sys.argv[1], encoding="utf-8").read()))
    print('#include "check.h"\n')
    print("static void log_line(int32_t l, const char *t, void *u) { (void)l; (void)t; (void)u; }\n")
    print("static int32_t never(void *u) { (void)u; return 0; }\n")
    print("int main(void)\n{")
    print('    const char *options = "{\\"base_url\\":\\"http://127.0.0.1:1\\",\\"max_retries\\":0}";')
    for handle in HANDLES:
        print("    uservoice_%s *a_%s = NULL;" % (handle, handle))
    print('    CHECK_OK(uservoice_client_new("acme", "k", "s", options, &a_client, &error));')
    print('    CHECK_OK(uservoice_collection_new(a_client, NULL, "/", NULL, 0, &a_collection, &error));')
    print('    CHECK(uservoice_token_new("", "s", &a_token, &a_error) != USERVOICE_OK);')
    print('    CHECK_OK(uservoice_token_new("t", "s", &a_token, &error));')
    count = 0
    for result, name, arguments in found:
        for outs, given, expected, what in calls(result, name, arguments):
            count += 1
            print("    {")
            for kind, out in outs:
                first = "7" if kind == "size_t" else "NULL"
                print("        %s%s = %s;" % (kind if kind.endswith("*") else kind + " ", out, first))
            if result != "uservoice_status" or "_error_" in name:
                print("        %s%s(%s);" % ("" if result == "void" else "(void)", name, given))
                print("    }")
                continue
            print("        const uservoice_status status = %s(%s);" % (name, given))
            if expected:
                print('        if (status != %s) {' % expected)
                print('            fprintf(stderr, "%s: %s: %%d\\n", status);' % (name, what.replace('"', "")))
                print("            return 1;\n        }")
            for kind, out in outs:
                if out == "error":
                    print("        CHECK((error == NULL) == (status == USERVOICE_OK));")
                    print("        uservoice_error_free(error);")
                    continue
                zero = "0" if kind == "size_t" else "NULL"
                print("        CHECK(status == USERVOICE_OK || %s == %s);" % (out, zero))
                free = FREES.get(kind) or (kind != "size_t" and kind.replace(" *", "") + "_free")
                if free:
                    print("        %s(%s);" % (free, out))
            print("        (void)status;\n    }")
    for handle in HANDLES:
        print("    uservoice_%s_free(a_%s);" % (handle, handle))
    print('    puts("every_argument: %d functions, %d calls");' % (len(found), count))
    print("    return 0;\n}")


if __name__ == "__main__":
    main()
