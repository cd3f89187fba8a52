#include "example.h"

bool json(void)
{
    uservoice_error *error = NULL;
    /* [uservoice_json_get] */
    const char *user = "{\"user\":{\"name\":\"Zo\\u00eb\",\"roles\":[\"owner\"]}}";
    char *role = NULL;
    if (uservoice_json_get(user, "/user/roles/0", &role, &error) != USERVOICE_OK)
        return failed(error);
    printf("%s\n", role != NULL ? role : "no role");
    uservoice_string_free(role);
    /* [end] */

    /* [uservoice_json_quote] */
    char *title = NULL;
    if (uservoice_json_quote("Tea \"& cake\"", &title, &error) != USERVOICE_OK)
        return failed(error);
    printf("{\"suggestion\":{\"title\":%s}}\n", title);
    uservoice_string_free(title);
    /* [end] */
    return true;
}
