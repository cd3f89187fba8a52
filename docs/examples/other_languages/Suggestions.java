import com.sun.jna.Library;
import com.sun.jna.Native;
import com.sun.jna.Pointer;
import com.sun.jna.ptr.PointerByReference;
import java.util.Map;

public class Suggestions {
    // [declarations]
    /** The declarations of uservoice.h that the program needs. */
    interface UserVoice extends Library {
        int uservoice_client_new(String subdomain, String apiKey, String apiSecret,
            String options, PointerByReference client, PointerByReference error);
        int uservoice_collection_new(Pointer client, Pointer token, String path, String params,
            long limit, PointerByReference collection, PointerByReference error);
        int uservoice_collection_next(Pointer collection, PointerByReference json,
            PointerByReference error);
        int uservoice_get(Pointer client, Pointer token, String path, String params,
            PointerByReference json, PointerByReference error);
        int uservoice_sso_jwt(String ssoKey, String user, long validForSeconds,
            PointerByReference jwt, PointerByReference error);
        int uservoice_json_get(String json, String pointer, PointerByReference value,
            PointerByReference error);
        String uservoice_error_message(Pointer error);
        void uservoice_error_free(Pointer error);
        void uservoice_string_free(Pointer string);
        void uservoice_collection_free(Pointer collection);
        void uservoice_client_free(Pointer client);
    }

    static final UserVoice LIBRARY = Native.load("libuservoice.so.0", UserVoice.class,
        Map.of(Library.OPTION_STRING_ENCODING, "UTF-8"));

    /** A function that may fail. */
    interface Call {
        int call(PointerByReference result, PointerByReference error);
    }

    /** Returns the result of a function, or throws the message of the error. */
    static Pointer call(Call function) {
        PointerByReference result = new PointerByReference();
        PointerByReference error = new PointerByReference();
        if (function.call(result, error) == 0) {
            return result.getValue();
        }
        String message = LIBRARY.uservoice_error_message(error.getValue());
        LIBRARY.uservoice_error_free(error.getValue());
        throw new RuntimeException(message);
    }

    /** Copies the string that a function returns, and frees it; NULL is null. */
    static String callForString(Call function) {
        Pointer result = call(function);
        if (result == null) {
            return null;
        }
        String string = result.getString(0, "UTF-8");
        LIBRARY.uservoice_string_free(result);
        return string;
    }
    // [end]

    // [program]
    public static void main(String[] arguments) {
        String options = "{\"language\":\"java\",\"base_url\":\""
            + System.getenv("USERVOICE_BASE_URL") + "\"}";
        Pointer client = call((result, error) -> LIBRARY.uservoice_client_new(
            "sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options, result, error));
        try {
            Pointer suggestions = call((result, error) -> LIBRARY.uservoice_collection_new(
                client, null, "/api/v1/forums/1/suggestions", null, 3, result, error));
            try {
                String next;
                while ((next = callForString((result, error) ->
                        LIBRARY.uservoice_collection_next(suggestions, result, error))) != null) {
                    String record = next;
                    System.out.println(callForString((result, error) ->
                        LIBRARY.uservoice_json_get(record, "/title", result, error)));
                }
            } finally {
                LIBRARY.uservoice_collection_free(suggestions);
            }
            String user = "{\"guid\":\"1001\",\"email\":\"jo@example.com\"}";
            System.out.println(callForString((result, error) ->
                LIBRARY.uservoice_sso_jwt("sandbox-sso-key", user, 300, result, error)));
            callForString((result, error) ->
                LIBRARY.uservoice_get(client, null, "/api/v1/forums/9", null, result, error));
        } catch (RuntimeException exception) {
            System.out.println(exception.getMessage());
        } finally {
            LIBRARY.uservoice_client_free(client);
        }
    }
    // [end]
}
