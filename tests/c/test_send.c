/* Requests with a body of any kind. */
#include "check.h"

static uservoice_client *client;
static uservoice_token *owner;

#define FORM "{\"Content-Type\":\"application/x-www-form-urlencoded\"}"

/* Sends a body and returns the response, whose status the caller expects. */
static char *send_body(const char *method, const char *path, const char *headers, const char *body,
                       const char *expected_status)
{
    char *response;
    CHECK_OK(uservoice_send(client, owner, method, path, headers, body, strlen(body), &response,
                            &error));
    CHECK_CONTAINS(response, expected_status);
    return response;
}

/* The sandbox verifies the signature, of which the form is a part. */
static void form_is_signed(void)
{
    char *response = send_body("POST", "/api/v1/forums/1/suggestions", FORM,
                               "suggestion%5Btitle%5D=A+form+%26+%C3%A9&suggestion[text]=b",
                               "\"status\":201");
    CHECK_CONTAINS(response, "\"title\":\"A form & \xc3\xa9\"");
    uservoice_string_free(response);
}

/* So is any further oauth_* parameter, in the query or in a form. */
static void further_oauth_parameters_are_signed(void)
{
    uservoice_string_free(get(client, owner, "/api/v1/forums?oauth_body_hash=2jm%3D"));
    uservoice_string_free(send_body("POST", "/api/v1/forums/1/suggestions", FORM,
                                    "oauth_body_hash=a&suggestion[title]=b", "\"status\":201"));
}

static void json_is_sent_unsigned(void)
{
    uservoice_string_free(send_body("POST", "/api/v1/forums/1/suggestions",
                                    "{\"Content-Type\":\"application/json\"}",
                                    "{\"suggestion\":{\"title\":\"JSON\"}}", "\"status\":201"));
}

static void delete_has_a_body(void)
{
    char *response, id[32];
    CHECK_OK(uservoice_post(client, owner, "/api/v1/forums/1/suggestions",
                            "{\"suggestion\":{\"title\":\"To be deleted\"}}", &response, &error));
    char *value;
    CHECK_OK(uservoice_json_get(response, "/suggestion/id", &value, &error));
    snprintf(id, sizeof id, "%s", value);
    uservoice_string_free(value);
    uservoice_string_free(response);
    char path[96];
    snprintf(path, sizeof path, "/api/v1/forums/1/suggestions/%s", id);
    uservoice_string_free(send_body("DELETE", path, FORM, "notify=false", "\"status\":200"));
}

static void error_status_is_a_response(void)
{
    uservoice_string_free(send_body("POST", "/api/v1/forums/1/suggestions", FORM, "a=b",
                                    "\"status\":422"));
    uservoice_string_free(send_body("PUT", "/api/v1/no/such", FORM, "", "\"status\":404"));
}

/* An empty body may be NULL, as data() of an empty std::vector is. */
static void empty_body_may_be_null(void)
{
    char *response;
    CHECK_OK(uservoice_send(client, owner, "POST", "/api/v1/forums/1/suggestions", FORM, NULL, 0,
                            &response, &error));
    CHECK_CONTAINS(response, "\"status\":422");
    uservoice_string_free(response);
}

/* Returns a member of a response, which the caller frees. */
static char *member(const char *json, const char *pointer)
{
    char *value;
    CHECK_OK(uservoice_json_get(json, pointer, &value, &error));
    CHECK(value != NULL);
    return value;
}

/* Uploads a file and attaches it to a suggestion and a note of the Admin API. */
static void upload_is_attached(void)
{
    static const char DATA[] = "a\0b\r\n--\xff";
    uservoice_token *admin;
    char *response, body[256];
    CHECK_OK(uservoice_login_with_client_credentials(client, &admin, &error));
    CHECK_OK(uservoice_upload(client, admin, "/api/v2/admin/attachments", "\"\xc3\xa9\".png", NULL,
                              DATA, sizeof DATA - 1, &response, &error));
    CHECK_CONTAINS(response, "\"file_name\":\"%22\xc3\xa9%22.png\"");
    CHECK_CONTAINS(response, "\"content_type\":\"image/png\"");
    CHECK_CONTAINS(response, "\"size_in_bytes\":8,");
    char *token = member(response, "/attachments/0/token");
    uservoice_string_free(response);

    snprintf(body, sizeof body, "title=With+a+file&links.forum=1&attachment_tokens=%s", token);
    CHECK_OK(uservoice_send(client, admin, "POST", "/api/v2/admin/suggestions", FORM, body,
                            strlen(body), &response, &error));
    CHECK_CONTAINS(response, "\"status\":201");
    char *id = member(response, "/body/suggestions/0/id");
    snprintf(body, sizeof body, "/api/v2/admin/attachments?suggestion=%s", id);
    uservoice_string_free(id);
    uservoice_string_free(response);
    response = get(client, admin, body);
    CHECK_CONTAINS(response, token);
    uservoice_string_free(response);
    uservoice_string_free(token);

    CHECK_OK(uservoice_upload(client, admin, "/api/v2/admin/attachments", "empty", "text/x-a", NULL,
                              0, &response, &error));
    CHECK_CONTAINS(response, "\"content_type\":\"text/x-a\"");
    CHECK_CONTAINS(response, "\"size_in_bytes\":0,");
    uservoice_string_free(response);
    /* Unlike uservoice_send(), it returns an error status as an error. */
    CHECK_STATUS(USERVOICE_NOT_FOUND, uservoice_upload(client, admin, "/api/v2/admin/no", "a", NULL,
                                                       "a", 1, &response, &error));
    uservoice_token_free(admin);
}

int main(void)
{
    client = sandbox_client("");
    CHECK_OK(uservoice_login_as_owner(client, NULL, &owner, &error));
    form_is_signed();
    further_oauth_parameters_are_signed();
    json_is_sent_unsigned();
    delete_has_a_body();
    error_status_is_a_response();
    empty_body_may_be_null();
    upload_is_attached();
    uservoice_token_free(owner);
    uservoice_client_free(client);
    puts("test_send: passed");
    return 0;
}
