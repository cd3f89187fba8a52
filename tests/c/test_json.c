/* uservoice_json_get() and uservoice_json_quote(). */
#include "check.h"

/* Asserts that the value at a pointer is `expected`, or absent if that is NULL. */
static void check_value(const char *json, const char *pointer, const char *expected)
{
    char *value;
    CHECK_OK(uservoice_json_get(json, pointer, &value, &error));
    if ((value == NULL) != (expected == NULL)
        || (value != NULL && strcmp(value, expected) != 0)) {
        fprintf(stderr, "%s in %s: %s instead of %s\n", pointer, json,
                value != NULL ? value : "absent", expected != NULL ? expected : "absent");
        exit(1);
    }
    uservoice_string_free(value);
}

/* Asserts that the call is rejected because of `argument`. */
static void check_rejected(const char *json, const char *pointer, const char *argument)
{
    uservoice_error *error;
    char *value;
    CHECK_FAILS(USERVOICE_INVALID_ARGUMENT, uservoice_json_get(json, pointer, &value, &error));
    CHECK(value == NULL && uservoice_error_request(error) == NULL);
    CHECK(strcmp(uservoice_error_argument(error), argument) == 0);
    uservoice_error_free(error);
}

/* The document and the pointers of RFC 6901, section 5. */
static void get_follows_examples_of_rfc_6901(void)
{
    const char *json = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"e^f\":3,\"g|h\":4,"
                       "\"i\\\\j\":5,\"k\\\"l\":6,\" \":7,\"m~n\":8}";
    const char *const examples[][2] = {
        {"/foo", "[\"bar\",\"baz\"]"}, {"/foo/0", "bar"}, {"/", "0"},    {"/a~1b", "1"},
        {"/c%d", "2"},                 {"/e^f", "3"},     {"/g|h", "4"}, {"/i\\j", "5"},
        {"/k\"l", "6"},                {"/ ", "7"},       {"/m~0n", "8"}};
    check_value(json, "", json);
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check_value(json, examples[i][0], examples[i][1]);
}

static void get_unescapes_tilde_in_the_right_order(void)
{
    check_value("{\"~1\":1,\"/\":2}", "/~01", "1");
    check_value("{\"~1\":1,\"/\":2}", "/~1", "2");
    check_value("{\"~\":{\"/\":{\"~0\":3}}}", "/~0/~1/~00", "3");
}

static void get_returns_null_for_absent_value(void)
{
    const char *json = "{\"a\":[10,11],\"s\":\"string\",\"n\":null}";
    const char *const absent[] = {"/b",   "/A",    "/a/2",  "/a/-", "/a/01", "/a/00", "/a/+1", "/a/-1",
                                  "/a/1.0", "/a/1e0", "/a/ 1", "/a/x", "/a/", "/a/1/0", "/s/0", "/n/x",
                                  "/a/18446744073709551616", "/a/18446744073709551617", "/a/0/", "//a"};
    for (size_t i = 0; i < sizeof absent / sizeof *absent; i++)
        check_value(json, absent[i], NULL);
    check_value(json, "/a/0", "10");
    check_value(json, "/a/1", "11");
    check_value(json, "/n", "null");
    check_value("{\"-\":1,\"01\":2}", "/-", "1");
    check_value("{\"-\":1,\"01\":2}", "/01", "2");
}

static void get_rejects_invalid_pointer(void)
{
    const char *const invalid[] = {"a", "#/a", "a/b", " /a", "/~", "/~2", "/a~", "/~a/b", "/a/~~0"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++)
        check_rejected("{\"a\":1}", invalid[i], "pointer");
}

static void get_rejects_invalid_json(void)
{
    const char *const invalid[] = {"",     " ",   "{",      "{}x",          "nul",      "{\"a\":1,}", "[1 2]",
                                   "'a'", "01",  "\"\x01\"", "\"\\x\"", "\"a",     "[\"a\":1]",  "\xef\xbb\xbf{}"};
    for (size_t i = 0; i < sizeof invalid / sizeof *invalid; i++) {
        check_rejected(invalid[i], "", "json");
        check_rejected(invalid[i], "/a", "json");
    }
}

static void get_returns_other_values_unchanged(void)
{
    const char *const values[] = {"null",  "true", "false", "0", "-0", "1.10", "1E+05", "12345678901234567890",
                                  "1e400", "[]",   "{}",    "[ 1 , 2 ]", "{ \"b\" : [ ] ,\n\"a\":\"\\u00e9\" }"};
    char json[256];
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        check_value(values[i], "", values[i]);
        snprintf(json, sizeof json, " {\"x\" : %s } ", values[i]);
        check_value(json, "/x", values[i]);
        snprintf(json, sizeof json, "[0,%s]", values[i]);
        check_value(json, "/1", values[i]);
    }
    check_value("{\"a\":1,\"b\":2,\"a\":3}", "/a", "3");
}

static void get_decodes_strings(void)
{
    check_value("\"\"", "", "");
    check_value("{\"a\":\"\"}", "/a", "");
    check_value("[\"null\"]", "/0", "null");
    check_value("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "", "\"\\/\b\f\n\r\t");
    check_value("\"Zo\\u00eb \\u4e2d\"", "", "Zo\xc3\xab \xe4\xb8\xad");
    check_value("\"\\ud83c\\udf75\\uD83C\\uDF75\"", "", "\xf0\x9f\x8d\xb5\xf0\x9f\x8d\xb5");
    check_value("\"\xf0\x9f\x8d\xb5\"", "", "\xf0\x9f\x8d\xb5");
    check_value("{\"\\u0061\\u002fb\":1}", "/a~1b", "1");
    /* A C string can represent neither U+0000 nor half of a surrogate pair. */
    check_rejected("[\"a\\u0000b\"]", "/0", "json");
    check_rejected("[\"\\ud83c\"]", "/0", "json");
    check_value("[\"a\\u0000b\",1]", "/1", "1");
}

/* Writes `depth` nested arrays around 1, and a pointer to the 1. */
static void nest(size_t depth, char *json, char *pointer)
{
    memset(json, '[', depth);
    json[depth] = '1';
    memset(json + depth + 1, ']', depth);
    json[2 * depth + 1] = '\0';
    for (size_t i = 0; i < depth; i++)
        memcpy(pointer + 2 * i, "/0", 2);
    pointer[2 * depth] = '\0';
}

static void get_limits_depth(void)
{
    enum { DEEP = 1000000 };
    char *json = malloc(2 * DEEP + 2), *pointer = malloc(2 * DEEP + 1);
    CHECK(json != NULL && pointer != NULL);
    nest(127, json, pointer);
    check_value(json, pointer, "1");
    check_value(json, "", json);
    check_value(json, "/0/1", NULL);
    nest(DEEP, json, pointer);
    check_rejected(json, "", "json");
    check_rejected(json, "/0", "json");
    /* A long pointer into a flat document. */
    check_value("[1]", pointer, NULL);
    free(json);
    free(pointer);
}

static void quote_escapes_strings(void)
{
    const char *const examples[][2] = {{"", "\"\""},
                                       {"a\"b", "\"a\\\"b\""},
                                       {"\\", "\"\\\\\""},
                                       {"/", "\"/\""},
                                       {"Zo\xc3\xab \xf0\x9f\x8d\xb5", "\"Zo\xc3\xab \xf0\x9f\x8d\xb5\""},
                                       {"null", "\"null\""}};
    char *json;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++) {
        CHECK_OK(uservoice_json_quote(examples[i][0], &json, &error));
        CHECK(strcmp(json, examples[i][1]) == 0);
        uservoice_string_free(json);
    }
    /* Every ASCII character, the control characters included. */
    char ascii[128];
    for (int i = 0; i < 127; i++)
        ascii[i] = (char)(i + 1);
    ascii[127] = '\0';
    CHECK_OK(uservoice_json_quote(ascii, &json, &error));
    for (const char *c = json; *c != '\0'; c++)
        CHECK((unsigned char)*c >= 0x20);
    check_value(json, "", ascii);
    uservoice_string_free(json);
}

int main(void)
{
    get_follows_examples_of_rfc_6901();
    get_unescapes_tilde_in_the_right_order();
    get_returns_null_for_absent_value();
    get_rejects_invalid_pointer();
    get_rejects_invalid_json();
    get_returns_other_values_unchanged();
    get_decodes_strings();
    get_limits_depth();
    quote_escapes_strings();
    puts("test_json: passed");
    return 0;
}
