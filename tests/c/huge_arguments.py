"""Generates a C program that calls every function of the header with each string in turn larger than the memory
that is left. Each call runs in a child process, which must survive it.

    python3 huge_arguments.py HEADER >program.c
"""
import sys

from every_argument import functions, out_type, valid_value

# What a string begins with, what is repeated, and what it ends with.
SHAPES = [
    ("", "x", ""),
    ('"', r"\u0001", '"'),
    ('{"a":"', "x", '"}'),
    ('{"a":"', r"\u0001", '"}'),
    ('{"', "x", '":0}'),
    ('{"a":0', ',"a":0', "}"),
    ('{"a":[0', ",0", "]}"),
    ('{"guid":1,"email":"e","x":"', "x", '"}'),
    ('{"resources":["users"', ',"users"', "]}"),
    ('{"type":"oauth2","grant":"password","token":"', "x", '"}'),
    ("/a?b=", "%41", ""),
    ("https://a.test/", "a/", ""),
    ("event=a&data=", "%41", ""),
    ("eyJhbGciOiJIUzI1NiJ9.", "A", ".A"),
]

# Values that are valid enough for the huge argument beside them to be used.
VALID = {
    ("uservoice_export_new", "options_json"): r"{\"resources\":[\"users\"]}",
    ("uservoice_json_get", "pointer"): "/a",
    ("uservoice_login_with_code", "redirect_uri"): "https://a.test/",
    ("uservoice_login_with_code", "code_verifier"): "v" * 43,
    ("uservoice_authorize_code_url", "redirect_uri"): "https://a.test/",
}

HEAD = r"""#include "check.h"

#include <sys/resource.h>
#include <sys/wait.h>

enum { SIZE = 12 << 20, LEFT = 6 << 20 };

static char huge[SIZE + 1];
static int failed;

static void log_line(int32_t l, const char *t, void *u) { (void)l; (void)t; (void)u; }
static int32_t never(void *u) { (void)u; return 0; }

static void fill(const char *before, const char *piece, const char *after)
{
    const size_t piece_length = strlen(piece), end = SIZE - strlen(after);
    size_t length = strlen(before);
    memcpy(huge, before, length);
    for (; length + piece_length <= end; length += piece_length)
        memcpy(huge + length, piece, piece_length);
    strcpy(huge + length, after);
}

/* Returns true in a child that has little memory left, and in the parent false after the child has ended. */
static int in_child(const char *name)
{
    int status;
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        unsigned long pages;
        FILE *statm = fopen("/proc/self/statm", "r");
        CHECK(statm != NULL && fscanf(statm, "%lu", &pages) == 1);
        fclose(statm);
        const rlim_t size = pages * (rlim_t)sysconf(_SC_PAGESIZE) + LEFT;
        const struct rlimit limit = {size, size};
        CHECK(setrlimit(RLIMIT_AS, &limit) == 0);
        return 1;
    }
    CHECK(waitpid(child, &status, 0) == child);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "%s of %d bytes, %.40s...: status %x\n", name, SIZE, huge, (unsigned)status);
        failed = 1;
    }
    return 0;
}

static void end_child(uservoice_status status, const uservoice_error *error)
{
    CHECK(status != USERVOICE_INTERNAL);
    CHECK(status == USERVOICE_OK || strlen(uservoice_error_message(error)) < 1000);
    CHECK(uservoice_error_argument(error) == NULL || strlen(uservoice_error_argument(error)) < 1000);
    _exit(0);
}
"""


def is_string(kind):
    return kind in ("const char *", "const void *")


def call(result, name, arguments, number):
    """Returns the declarations and the call of a function with a huge argument."""
    given = []
    for i, (kind, argument) in enumerate(arguments):
        if i == number:
            given.append("huge")
        elif i == number + 1 and kind == "size_t":
            given.append("strlen(huge)")
        elif (name, argument) in VALID:
            given.append('"%s"' % VALID[name, argument])
        else:
            given.append(valid_value(kind, argument, name))
    declarations = ["%s%s;" % (out if out.endswith("*") else out + " ", argument)
                    for out, argument in ((out_type(kind), argument) for kind, argument in arguments) if out]
    fails = result == "uservoice_status" and "_error_" not in name
    code = "%s(%s)" % (name, ", ".join(given))
    if not fails:
        return declarations, ["(void)%s;" % code, "_exit(0);"]
    return declarations, ["const uservoice_status status = %s;" % code, "end_child(status, error);"]


def main():
    found = list(functions(open(sys.argv[1], encoding="utf-8").read()))
    huge = [(result, name, arguments, number) for result, name, arguments in found
            for number, (kind, _) in enumerate(arguments) if is_string(kind)]
    print(HEAD)
    for handle in ("client", "token", "collection", "error"):
        print("static uservoice_%s *a_%s;" % (handle, handle))
    print("\nstatic void call_each(void)\n{")
    for result, name, arguments, number in huge:
        declarations, code = call(result, name, arguments, number)
        print('    if (in_child("%s: %s")) {' % (name, arguments[number][1]))
        for line in declarations + code:
            print("        " + line)
        print("    }")
    print("}\n\nint main(void)\n{")
    print('    const char *options = "{\\"base_url\\":\\"http://127.0.0.1:1\\",\\"max_retries\\":0}";')
    print('    CHECK_OK(uservoice_client_new("acme", "k", "s", options, &a_client, &error));')
    print('    CHECK_OK(uservoice_collection_new(a_client, NULL, "/", NULL, 0, &a_collection, &error));')
    print('    CHECK(uservoice_token_new("", "s", &a_token, &a_error) != USERVOICE_OK);')
    print('    CHECK_OK(uservoice_token_new("t", "s", &a_token, &error));')
    print('    CHECK_OK(uservoice_client_set_log(a_client, USERVOICE_LOG_OFF, log_line, NULL, &error));')
    print('    CHECK_OK(uservoice_client_set_interrupt(a_client, never, NULL, &error));')
    for shape in SHAPES:
        before, piece, after = ('"%s"' % part.replace("\\", r"\\").replace('"', r"\"") for part in shape)
        print("    fill(%s, %s, %s);\n    call_each();" % (before, piece, after))
    print('    puts("huge_arguments: %d calls");' % (len(huge) * len(SHAPES)))
    print("    return failed;\n}")


if __name__ == "__main__":
    main()
