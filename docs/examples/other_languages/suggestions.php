<?php
declare(strict_types=1);

// [declarations]
// The declarations of uservoice.h that the program needs.
$uservoice = FFI::cdef('
    typedef struct uservoice_client uservoice_client;
    typedef struct uservoice_collection uservoice_collection;
    typedef struct uservoice_error uservoice_error;
    int32_t uservoice_client_new(const char *, const char *, const char *, const char *,
        uservoice_client **, uservoice_error **);
    int32_t uservoice_collection_new(const uservoice_client *, const void *, const char *,
        const char *, int64_t, uservoice_collection **, uservoice_error **);
    int32_t uservoice_collection_next(uservoice_collection *, char **, uservoice_error **);
    int32_t uservoice_get(const uservoice_client *, const void *, const char *, const char *,
        char **, uservoice_error **);
    int32_t uservoice_sso_jwt(const char *, const char *, int64_t, char **, uservoice_error **);
    const char *uservoice_error_message(const uservoice_error *);
    void uservoice_error_free(uservoice_error *);
    void uservoice_string_free(char *);
    void uservoice_collection_free(uservoice_collection *);
    void uservoice_client_free(uservoice_client *);
', 'libuservoice.so.0');

/** Calls a function that may fail; returns its result, or throws the message of the error. */
function call(string $function, string $type, mixed ...$arguments): FFI\CData
{
    global $uservoice;
    $result = $uservoice->new($type);
    $error = $uservoice->new('uservoice_error *');
    if ($uservoice->$function(...$arguments, ...[FFI::addr($result), FFI::addr($error)]) === 0) {
        return $result;
    }
    $message = $uservoice->uservoice_error_message($error);
    $uservoice->uservoice_error_free($error);
    throw new RuntimeException($message);
}

/** Calls a function that returns a string or NULL; copies the string and frees it. */
function call_for_string(string $function, mixed ...$arguments): ?string
{
    global $uservoice;
    $result = call($function, 'char *', ...$arguments);
    if (FFI::isNull($result)) {
        return null;
    }
    $string = FFI::string($result);
    $uservoice->uservoice_string_free($result);
    return $string;
}
// [end]

// [program]
$options = json_encode(['language' => 'php', 'base_url' => getenv('USERVOICE_BASE_URL')]);
$client = call('uservoice_client_new', 'uservoice_client *',
    'sandbox', 'sandbox-trusted-key', 'sandbox-trusted-secret', $options);
$suggestions = null;
try {
    $suggestions = call('uservoice_collection_new', 'uservoice_collection *',
        $client, null, '/api/v1/forums/1/suggestions', null, 3);
    while (($record = call_for_string('uservoice_collection_next', $suggestions)) !== null) {
        echo json_decode($record)->title, "\n";
    }
    $user = json_encode(['guid' => '1001', 'email' => 'jo@example.com']);
    echo call_for_string('uservoice_sso_jwt', 'sandbox-sso-key', $user, 300), "\n";
    call_for_string('uservoice_get', $client, null, '/api/v1/forums/9', null);
} catch (RuntimeException $error) {
    echo $error->getMessage(), "\n";
} finally {
    $uservoice->uservoice_collection_free($suggestions);
    $uservoice->uservoice_client_free($client);
}
// [end]
