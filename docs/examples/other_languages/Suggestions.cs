using System;
using System.Runtime.InteropServices;

static class Suggestions
{
    // [declarations]
    const string Library = "libuservoice.so.0";
    const UnmanagedType Utf8 = UnmanagedType.LPUTF8Str;

    // The declarations of uservoice.h that the program needs.
    [DllImport(Library)]
    static extern int uservoice_client_new([MarshalAs(Utf8)] string subdomain, [MarshalAs(Utf8)] string apiKey,
        [MarshalAs(Utf8)] string apiSecret, [MarshalAs(Utf8)] string options, out IntPtr client, out IntPtr error);
    [DllImport(Library)]
    static extern int uservoice_collection_new(IntPtr client, IntPtr token, [MarshalAs(Utf8)] string path,
        [MarshalAs(Utf8)] string parameters, long limit, out IntPtr collection, out IntPtr error);
    [DllImport(Library)]
    static extern int uservoice_collection_next(IntPtr collection, out IntPtr json, out IntPtr error);
    [DllImport(Library)]
    static extern int uservoice_get(IntPtr client, IntPtr token, [MarshalAs(Utf8)] string path,
        [MarshalAs(Utf8)] string parameters, out IntPtr json, out IntPtr error);
    [DllImport(Library)]
    static extern int uservoice_sso_jwt([MarshalAs(Utf8)] string ssoKey, [MarshalAs(Utf8)] string user,
        long validForSeconds, out IntPtr jwt, out IntPtr error);
    [DllImport(Library)]
    static extern int uservoice_json_get([MarshalAs(Utf8)] string json, [MarshalAs(Utf8)] string pointer,
        out IntPtr value, out IntPtr error);
    [DllImport(Library)] static extern IntPtr uservoice_error_message(IntPtr error);
    [DllImport(Library)] static extern void uservoice_error_free(IntPtr error);
    [DllImport(Library)] static extern void uservoice_string_free(IntPtr value);
    [DllImport(Library)] static extern void uservoice_collection_free(IntPtr collection);
    [DllImport(Library)] static extern void uservoice_client_free(IntPtr client);

    /// A function that may fail.
    delegate int Function(out IntPtr result, out IntPtr error);

    /// Returns the result of a function, or throws the message of the error.
    static IntPtr Call(Function function)
    {
        if (function(out IntPtr result, out IntPtr error) == 0) return result;
        string message = Marshal.PtrToStringUTF8(uservoice_error_message(error));
        uservoice_error_free(error);
        throw new Exception(message);
    }

    /// Copies the string that a function returns, and frees it; NULL is null.
    static string CallForString(Function function)
    {
        IntPtr result = Call(function);
        string copy = Marshal.PtrToStringUTF8(result);
        uservoice_string_free(result);
        return copy;
    }
    // [end]

    // [program]
    static void Main()
    {
        string options = "{\"language\":\"csharp\",\"base_url\":\""
            + Environment.GetEnvironmentVariable("USERVOICE_BASE_URL") + "\"}";
        IntPtr client = Call((out IntPtr result, out IntPtr error) => uservoice_client_new(
            "sandbox", "sandbox-trusted-key", "sandbox-trusted-secret", options, out result, out error));
        IntPtr suggestions = IntPtr.Zero;
        try
        {
            suggestions = Call((out IntPtr result, out IntPtr error) => uservoice_collection_new(
                client, IntPtr.Zero, "/api/v1/forums/1/suggestions", null, 3, out result, out error));
            Function next = (out IntPtr result, out IntPtr error) =>
                uservoice_collection_next(suggestions, out result, out error);
            for (string record; (record = CallForString(next)) != null;)
                Console.WriteLine(CallForString((out IntPtr result, out IntPtr error) =>
                    uservoice_json_get(record, "/title", out result, out error)));
            string user = "{\"guid\":\"1001\",\"email\":\"jo@example.com\"}";
            Console.WriteLine(CallForString((out IntPtr result, out IntPtr error) =>
                uservoice_sso_jwt("sandbox-sso-key", user, 300, out result, out error)));
            CallForString((out IntPtr result, out IntPtr error) =>
                uservoice_get(client, IntPtr.Zero, "/api/v1/forums/9", null, out result, out error));
        }
        catch (Exception exception)
        {
            Console.WriteLine(exception.Message);
        }
        finally
        {
            uservoice_collection_free(suggestions);
            uservoice_client_free(client);
        }
    }
    // [end]
}
