#include "example.h"

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
    return true;
}
