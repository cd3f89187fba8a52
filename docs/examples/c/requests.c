#include "example.h"

/* Uploads a file and attaches it to a suggestion. */
static bool attach(uservoice_client *client, const uservoice_token *admin)
{
    static const char data[] = "...";
    const size_t data_len = strlen(data);
    uservoice_error *error = NULL;

    /* [uservoice_upload upload] */
    char *uploaded = NULL;
    char *token = NULL;
    if (uservoice_upload(client, admin, "/api/v2/admin/attachments", "screen.png", NULL, data,
                         data_len, &uploaded, &error) != USERVOICE_OK
        || uservoice_json_get(uploaded, "/attachments/0/token", &token, &error) != USERVOICE_OK)
        return failed(error);
    /* [end] */
    uservoice_string_free(uploaded);

    /* [uservoice_send send] */
    char form[256];
    char *response = NULL;
    snprintf(form, sizeof form, "attachment_tokens=%s", token);
    if (uservoice_send(client, admin, "PUT", "/api/v2/admin/suggestions/1",
                       "{\"Content-Type\":\"application/x-www-form-urlencoded\"}", form,
                       strlen(form), &response, &error) != USERVOICE_OK)
        return failed(error);
    printf("%.13s\n", response);
    /* [end] */
    uservoice_string_free(response);
    uservoice_string_free(token);
    return true;
}

bool requests(uservoice_client *client, const uservoice_token *owner)
{
    char *json = NULL;
    uservoice_error *error = NULL;

    /* [uservoice_get get] */
    if (uservoice_get(client, NULL, "/api/v1/suggestions/search",
                      "{\"query\":\"dark mode\",\"per_page\":1}", &json, &error)
        != USERVOICE_OK)
        return failed(error);
    printf("%.60s\n", json); /* the response, unchanged */
    uservoice_string_free(json);
    /* [end] */

    /* [uservoice_post post] */
    if (uservoice_post(client, owner, "/api/v1/forums/1/suggestions",
                       "{\"suggestion\":{\"title\":\"Tea in the afternoon\",\"votes\":1}}", &json,
                       &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */
    print_value(json, "/suggestion/title");
    uservoice_string_free(json);

    /* [uservoice_put put] */
    if (uservoice_put(client, owner, "/api/v1/suggestions/7",
                      "{\"suggestion\":{\"title\":\"Darker mode\"}}", &json, &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */
    print_value(json, "/suggestion/title");
    uservoice_string_free(json);

    /* [uservoice_delete delete] */
    if (uservoice_delete(client, owner, "/api/v1/suggestions/9", NULL, &json, &error)
        != USERVOICE_OK)
        return failed(error);
    /* [end] */
    uservoice_string_free(json);

    /* [uservoice_request request] */
    char *response = NULL;
    if (uservoice_request(client, NULL, "GET", "/api/v1/suggestions/9", NULL,
                          "{\"X-Request-Id\":\"42\"}", &response, &error)
        != USERVOICE_OK)
        return failed(error); /* no response was received */
    printf("%.13s\n", response);
    uservoice_string_free(response);
    /* [end] */

    uservoice_token *admin = NULL;
    if (uservoice_login_with_client_credentials(client, &admin, &error) != USERVOICE_OK)
        return failed(error);
    const bool attached = attach(client, admin);
    uservoice_token_free(admin);
    return attached;
}
