/// @file client.hpp
/// Client: requests, collections, exports and logins.
#ifndef USERVOICE_CLIENT_HPP
#define USERVOICE_CLIENT_HPP

#include "body.hpp"
#include "callbacks.hpp"
#include "collection.hpp"
#include "detail/call.hpp"
#include "export.hpp"
#include "json.hpp"
#include "options.hpp"
#include "result.hpp"
#include "token.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace uservoice {

/// The result of Client::authorize_code_url().
struct AuthorizationRequest {
    std::string url;           ///< where to send the user
    std::string state;         ///< compare it with the "state" of the redirect
    std::string code_verifier; ///< a secret that login_with_code() needs
};

/// A client of one site with one API key. Its requests act as the API key itself, or as
/// the user of the token that as() was given.
///
/// All requests are const and may be made by any number of threads at once. A request
/// blocks until the service responds, a timeout expires or cancel() is called, and is
/// retried if that is safe.
class [[nodiscard]] Client {
  public:
    /// Creates a client. Sends nothing.
    ///
    /// @param subdomain  "acme" of acme.uservoice.com.
    /// @param api_key    The API key (Admin Console, Settings, Integrations).
    /// @param api_secret The API secret, or std::nullopt to send unsigned requests, which
    ///     read public data only.
    /// @param options    Timeouts, retries, proxy and so on.
    Client(std::string_view subdomain, std::string_view api_key,
           std::optional<std::string_view> api_secret, const Options &options = {})
        : Client(try_create(subdomain, api_key, api_secret, options).value())
    {
    }
    static Result<Client> try_create(std::string_view subdomain, std::string_view api_key,
                                     std::optional<std::string_view> api_secret,
                                     const Options &options = {})
    {
        uservoice_client *client = nullptr;
        if (auto error = detail::call(
                uservoice_client_new, CString("subdomain", subdomain), CString("api_key", api_key),
                CString("api_secret", api_secret),
                CString("options", Json(options.json()).set("language", "cpp")), &client))
            return *std::move(error);
        return Client(Owner(client), nullptr, max_request_bytes(options, 64 << 20));
    }

    /// Deleted: pass std::nullopt for no secret.
    Client(std::string_view, std::string_view, std::nullptr_t use_nullopt_for_no_secret,
           const Options & = {}) = delete;

    /// Creates a client from the environment variables USERVOICE_SUBDOMAIN,
    /// USERVOICE_API_KEY, USERVOICE_API_SECRET and, if set, USERVOICE_BASE_URL and
    /// USERVOICE_CA_FILE. A variable set to "" counts as not set. `options` take
    /// precedence.
    static Client from_environment(const Options &options = {})
    {
        return try_from_environment(options).value();
    }
    static Result<Client> try_from_environment(const Options &options = {})
    {
        const auto variable = [](const char *name) {
            const char *value = std::getenv(name);
            return std::string_view(value != nullptr ? value : "");
        };
        for (const auto *name :
             {"USERVOICE_SUBDOMAIN", "USERVOICE_API_KEY", "USERVOICE_API_SECRET"})
            if (variable(name).empty())
                return Error(Status::invalid_argument,
                             std::string("environment variable ") + name + " is not set");
        Options environment;
        if (const auto base_url = variable("USERVOICE_BASE_URL"); !base_url.empty())
            environment.base_url(base_url);
        if (const auto ca_file = variable("USERVOICE_CA_FILE"); !ca_file.empty())
            environment.ca_file(ca_file);
        auto client = try_create(variable("USERVOICE_SUBDOMAIN"), variable("USERVOICE_API_KEY"),
                                 variable("USERVOICE_API_SECRET"), environment);
        if (!client || options.json().text().empty())
            return client;
        return client->try_clone(options);
    }

    /// Creates another handle of the same site, API key and user. It takes microseconds
    /// and shares the connections, unless an option says where or how to connect. It can
    /// be cancelled alone.
    Client clone(const Options &options = {}) const { return try_clone(options).value(); }
    Result<Client> try_clone(const Options &options = {}) const
    {
        return clone_with(token_, options);
    }

    /// Creates another handle, as clone() does, whose requests act as the user of the token.
    Client as(const Token &token) const { return try_as(token).value(); }
    Result<Client> try_as(const Token &token) const
    {
        if (auto error = token.handle("token").check())
            return *std::move(error);
        return clone_with(token.handle_, {});
    }

    /// Creates another handle, as clone() does, that logs every attempt of a request to a
    /// function, one line each; an empty function logs nothing:
    ///
    /// ```text
    /// method=GET path=/api/v1/users?page status=503 duration_ms=12 attempt=1 retry_in_ms=500
    /// ```
    ///
    /// A line contains no secret and no value of the query, a header or a body. Clones,
    /// collections and exports of the handle log to the same function. It is called on
    /// the threads that use these objects, so several threads may call it at once; lines
    /// of prefetch threads are delivered when a collection or export is used next. It
    /// must not destroy the client, nor use the collection that is loading a page.
    Client with_log(LogLevel level, Log log) const
    {
        return try_with_log(level, std::move(log)).value();
    }
    Result<Client> try_with_log(LogLevel level, Log log) const
    {
        auto client = try_clone();
        if (!client)
            return client;
        if (!log)
            level = LogLevel::off;
        const uservoice_log_callback callback = write_log;
        auto shared = std::make_shared<Log>(std::move(log));
        if (auto error = detail::call(uservoice_client_set_log, client->handle(),
                                      static_cast<std::int32_t>(level), callback,
                                      static_cast<void *>(shared.get())))
            return *std::move(error);
        client->handle_.get_deleter().callbacks.log = std::move(shared);
        return client;
    }

    /// Creates another handle, as clone() does, whose calls a function may end, such as one
    /// that returns the flag of a signal handler; an empty function never does. A call that
    /// waits calls it at least every 50 ms, and at once if a signal interrupts network
    /// I/O; if it returns true, the call fails with Status::cancelled and the handle
    /// remains usable. It applies to clones, collections and exports of the handle too, and
    /// is called as the function of with_log() is.
    ///
    /// ```cpp
    /// client = client.with_interrupt([] { return stop != 0; }); // volatile std::sig_atomic_t
    /// ```
    Client with_interrupt(Interrupt interrupt) const
    {
        return try_with_interrupt(std::move(interrupt)).value();
    }
    Result<Client> try_with_interrupt(Interrupt interrupt) const
    {
        auto client = try_clone();
        if (!client)
            return client;
        const uservoice_interrupt_callback callback = interrupt ? is_interrupted : nullptr;
        auto shared = std::make_shared<Interrupt>(std::move(interrupt));
        if (auto error = detail::call(uservoice_client_set_interrupt, client->handle(), callback,
                                      static_cast<void *>(shared.get())))
            return *std::move(error);
        client->handle_.get_deleter().callbacks.interrupt = std::move(shared);
        return client;
    }

    /// Sends a GET request. Returns the JSON of the response unchanged; "null" if it is empty.
    ///
    /// @param path   Path and query, such as "/api/v1/users?page=2".
    /// @param params More query parameters: null is omitted, an array becomes repeated
    ///     key[]= (a comma-separated list under /api/v2/), an object becomes key[sub]=.
    std::string get(std::string_view path, const Json &params = {}) const
    {
        return try_get(path, params).value();
    }
    Result<std::string> try_get(std::string_view path, const Json &params = {}) const
    {
        return send_json(uservoice_get, path, params);
    }

    /// Sends a POST request with a JSON body. Retried only if the service certainly did
    /// not process it.
    std::string post(std::string_view path, const Json &body = {}) const
    {
        return try_post(path, body).value();
    }
    Result<std::string> try_post(std::string_view path, const Json &body = {}) const
    {
        return send_json(uservoice_post, path, body);
    }

    /// Sends a PUT request with a JSON body. Retried like get(), since PUT is idempotent.
    std::string put(std::string_view path, const Json &body = {}) const
    {
        return try_put(path, body).value();
    }
    Result<std::string> try_put(std::string_view path, const Json &body = {}) const
    {
        return send_json(uservoice_put, path, body);
    }

    /// Sends a DELETE request. `params` become the query, as in get(). (`delete` is a C++
    /// keyword.)
    std::string del(std::string_view path, const Json &params = {}) const
    {
        return try_del(path, params).value();
    }
    Result<std::string> try_del(std::string_view path, const Json &params = {}) const
    {
        return send_json(uservoice_delete, path, params);
    }

    /// Sends any request and returns the complete response. An error status is a response
    /// here, not an Error.
    ///
    /// @param method  "GET", "HEAD" or "DELETE" (`params` are the query), "POST", "PUT" or
    ///     "PATCH" (`params` are the body).
    /// @param path    As in get().
    /// @param params  As in get() or post().
    /// @param headers More headers. Those that the library sets itself, such as
    ///     Authorization, are rejected.
    /// @return `{"status":200,"headers":{...},"body":...}`, with header names in lower
    ///     case. A body that is not JSON is a JSON string; an empty one is null.
    std::string request(std::string_view method, std::string_view path, const Json &params = {},
                        const Json &headers = {}) const
    {
        return try_request(method, path, params, headers).value();
    }
    Result<std::string> try_request(std::string_view method, std::string_view path,
                                    const Json &params = {}, const Json &headers = {}) const
    {
        return detail::call_string(uservoice_request, handle(), token_.get(),
                                   CString("method", method), CString("path", path),
                                   CString("params", params), CString("headers", headers));
    }

    /// Sends a request with any body and returns the complete response, as request() does.
    ///
    /// @param method  "POST", "PUT", "PATCH" or "DELETE".
    /// @param path    As in get().
    /// @param headers Headers, among them Content-Type. A form
    ///     (application/x-www-form-urlencoded) is part of an OAuth 1.0a signature.
    /// @param body    Bytes or a stream.
    std::string send(std::string_view method, std::string_view path, const Json &headers,
                     const Body &body) const
    {
        return try_send(method, path, headers, body).value();
    }
    Result<std::string> try_send(std::string_view method, std::string_view path,
                                 const Json &headers, const Body &body) const
    {
        std::string buffer;
        const auto bytes = body.read("body", max_request_bytes_, buffer);
        if (!bytes)
            return bytes.error();
        return detail::call_string(uservoice_send, handle(), token_.get(),
                                   CString("method", method), CString("path", path),
                                   CString("headers", headers), bytes->data(), bytes->size());
    }

    /// Uploads a file: a POST request with the field "file" as multipart/form-data, retried
    /// like post(). Returns the JSON of the response.
    ///
    /// @param path     Such as "/api/v2/admin/attachments".
    /// @param filename The name without directories.
    /// @param data     Bytes or a stream.
    /// @param content_type Default: that of files with such a name.
    std::string upload(std::string_view path, std::string_view filename, const Body &data,
                       std::optional<std::string_view> content_type = {}) const
    {
        return try_upload(path, filename, data, content_type).value();
    }
    Result<std::string> try_upload(std::string_view path, std::string_view filename,
                                   const Body &data,
                                   std::optional<std::string_view> content_type = {}) const
    {
        std::string buffer;
        const auto bytes = data.read("data", max_request_bytes_, buffer);
        if (!bytes)
            return bytes.error();
        return detail::call_string(uservoice_upload, handle(), token_.get(), CString("path", path),
                                   CString("filename", filename),
                                   CString("content_type", content_type), bytes->data(),
                                   bytes->size());
    }

    /// Creates a collection. Sends nothing until it is read.
    ///
    /// @param path   Path of the list, such as "/api/v1/suggestions". A "page" or "cursor"
    ///     in it or in `params` is where the collection starts; a "per_page" replaces the
    ///     option.
    /// @param params More query parameters, as in get().
    /// @param limit  The maximum number of records; -1 for all.
    Collection collection(std::string_view path, const Json &params = {},
                          std::int64_t limit = -1) const
    {
        return try_collection(path, params, limit).value();
    }
    Result<Collection> try_collection(std::string_view path, const Json &params = {},
                                      std::int64_t limit = -1) const
    {
        return open<Collection>(uservoice_collection_new, CString("path", path),
                                CString("params", params), limit);
    }

    /// Opens an export into a directory, which is created if it does not exist. If an
    /// export with the same options was interrupted there, it is resumed; if it was
    /// finished, the next run appends what has changed since. docs/guides/exports.md
    /// describes the files. Sends nothing.
    ///
    /// Lists of the Admin API need as(login_with_client_credentials()). Fails with
    /// Status::file_error if another export uses the directory, and with
    /// Status::invalid_argument if it was started with other options.
    Export open_export(std::string_view directory, const ExportOptions &options) const
    {
        return try_open_export(directory, options).value();
    }
    Result<Export> try_open_export(std::string_view directory, const ExportOptions &options) const
    {
        return open<Export>(uservoice_export_new, CString("directory", directory),
                            CString("options", options.json()));
    }

    /// Returns an access token of the user with this e-mail address, who is created if
    /// necessary. Needs a trusted API key. Pass it to as().
    Token login_as(std::string_view email) const { return try_login_as(email).value(); }
    Result<Token> try_login_as(std::string_view email) const
    {
        return Token::create(uservoice_login_as, handle(), token_.get(), CString("email", email));
    }

    /// Returns an access token of the owner of the site. Needs a trusted API key. Pass it
    /// to as().
    Token login_as_owner() const { return try_login_as_owner().value(); }
    Result<Token> try_login_as_owner() const
    {
        return Token::create(uservoice_login_as_owner, handle(), token_.get());
    }

    /// Obtains a request token, the first step of a three-legged login. Store its json()
    /// until the user returns; any process may finish the login. The option "callback" is
    /// where the user returns to.
    Token request_token() const { return try_request_token().value(); }
    Result<Token> try_request_token() const
    {
        return Token::create(uservoice_request_token, handle());
    }

    /// Returns the URL where the user allows or denies access. Sends nothing.
    std::string authorize_url(const Token &request_token) const
    {
        return try_authorize_url(request_token).value();
    }
    Result<std::string> try_authorize_url(const Token &request_token) const
    {
        return detail::call_string(uservoice_authorize_url, handle(),
                                   request_token.handle("request_token"));
    }

    /// Exchanges a request token that the user has allowed for an access token. Pass it to
    /// as().
    ///
    /// @param request_token  The result of request_token().
    /// @param verifier       "oauth_verifier" of the callback, or what the page showed to
    ///     the user.
    Token login_with_verifier(const Token &request_token, std::string_view verifier) const
    {
        return try_login_with_verifier(request_token, verifier).value();
    }
    Result<Token> try_login_with_verifier(const Token &request_token,
                                          std::string_view verifier) const
    {
        return Token::create(uservoice_login_with_verifier, handle(),
                             request_token.handle("request_token"), CString("verifier", verifier));
    }

    /// Returns a bearer token for the Admin API (API v2) that acts as the owner of the
    /// site. Needs a trusted API key. When it expires, the request that uses it refreshes
    /// it. Pass it to as().
    Token login_with_client_credentials() const
    {
        return try_login_with_client_credentials().value();
    }
    Result<Token> try_login_with_client_credentials() const
    {
        return Token::create(uservoice_login_with_client_credentials, handle());
    }

    /// Returns a bearer token for the Admin API that acts as the user with this e-mail
    /// address and password. When it expires, requests fail with Status::unauthorized,
    /// unless it came with a refresh token. Pass it to as().
    Token login_with_password(std::string_view email, std::string_view password) const
    {
        return try_login_with_password(email, password).value();
    }
    Result<Token> try_login_with_password(std::string_view email, std::string_view password) const
    {
        return Token::create(uservoice_login_with_password, handle(), CString("email", email),
                             CString("password", password));
    }

    /// Returns the URL where a user allows this program to act for them in the Admin API
    /// (authorization code with PKCE). Sends nothing and needs no API secret. The user
    /// returns to `redirect_uri` with "code" and "state". Store the result until then; any
    /// process may finish the login.
    ///
    /// @param redirect_uri Where the user returns to.
    /// @param state        A value of your own; a random one by default.
    AuthorizationRequest authorize_code_url(std::string_view redirect_uri,
                                            std::optional<std::string_view> state = {}) const
    {
        return try_authorize_code_url(redirect_uri, state).value();
    }
    Result<AuthorizationRequest>
    try_authorize_code_url(std::string_view redirect_uri,
                           std::optional<std::string_view> state = {}) const
    {
        char *url = nullptr;
        char *code_verifier = nullptr;
        if (auto error = detail::call(uservoice_authorize_code_url, handle(),
                                      CString("redirect_uri", redirect_uri),
                                      CString("state", state), &url, &code_verifier))
            return *std::move(error);
        const detail::String url_owner(url);
        const detail::String code_verifier_owner(code_verifier);
        return AuthorizationRequest{url, std::string(state ? *state : generated_state(url)),
                                    code_verifier};
    }

    /// Exchanges the code of a redirect for a bearer token for the Admin API. When it
    /// expires, requests fail with Status::unauthorized, unless it came with a refresh
    /// token. Pass it to as().
    ///
    /// @param code          "code" of the redirect.
    /// @param code_verifier AuthorizationRequest::code_verifier, or std::nullopt for a login
    ///     without PKCE.
    /// @param redirect_uri  The same as for authorize_code_url().
    Token login_with_code(std::string_view code, std::optional<std::string_view> code_verifier,
                          std::string_view redirect_uri) const
    {
        return try_login_with_code(code, code_verifier, redirect_uri).value();
    }
    Result<Token> try_login_with_code(std::string_view code,
                                      std::optional<std::string_view> code_verifier,
                                      std::string_view redirect_uri) const
    {
        return Token::create(uservoice_login_with_code, handle(), CString("code", code),
                             CString("code_verifier", code_verifier),
                             CString("redirect_uri", redirect_uri));
    }

    /// Returns the URL of a page of the site that logs a user in with a single sign-on
    /// token. Sends nothing.
    ///
    /// @param token       The result of sso_token() or sso_jwt().
    /// @param return_path The page, such as "/forums/1"; the front page by default.
    std::string sso_url(std::string_view token,
                        std::optional<std::string_view> return_path = {}) const
    {
        return try_sso_url(token, return_path).value();
    }
    Result<std::string> try_sso_url(std::string_view token,
                                    std::optional<std::string_view> return_path = {}) const
    {
        return detail::call_string(uservoice_sso_url, handle(), CString("token", token),
                                   CString("return_path", return_path));
    }

    /// Cancels all requests of this handle and of its collections and exports, now and in
    /// the future: each fails with Status::cancelled. Clones are not affected. May be
    /// called by any thread, but not by a signal handler. Does not wait for the requests.
    void cancel() const noexcept { uservoice_client_cancel(handle_.get()); }

    /// Frees the handle. Its clones, tokens, collections and exports stay valid. Using it
    /// afterwards fails with Status::invalid_argument. No other thread may be using it.
    void close() noexcept
    {
        handle_ = Owner();
        token_.reset();
    }

  private:
    using CString = detail::CString;
    using Owner = detail::Owner<uservoice_client>;

    Client(Owner handle, Token::Shared token, std::uint64_t max_request_bytes) noexcept
        : handle_(std::move(handle)), token_(std::move(token)),
          max_request_bytes_(max_request_bytes)
    {
    }

    static std::uint64_t max_request_bytes(const Options &options, std::uint64_t otherwise)
    {
        const auto number = detail::number(options.json().text(), "/max_request_bytes");
        return number ? static_cast<std::uint64_t>(*number) : otherwise;
    }

    // Returns the value of the query parameter "state" of a URL that
    // uservoice_authorize_code_url() created. It needs no decoding.
    static std::string_view generated_state(std::string_view url)
    {
        constexpr std::string_view key = "&state=";
        const auto start = url.find(key);
        const auto state = start == url.npos ? "" : url.substr(start + key.size());
        return state.substr(0, state.find('&'));
    }

    // The callback of uservoice_client_set_log().
    static void write_log(std::int32_t level, const char *line, void *log) noexcept
    {
        (*static_cast<const Log *>(log))(static_cast<LogLevel>(level), line);
    }

    // The callback of uservoice_client_set_interrupt().
    static std::int32_t is_interrupted(void *interrupt) noexcept
    {
        return (*static_cast<const Interrupt *>(interrupt))() ? 1 : 0;
    }

    Result<Client> clone_with(Token::Shared token, const Options &options) const
    {
        uservoice_client *clone = nullptr;
        if (auto error = detail::call(uservoice_client_clone, handle(),
                                      CString("options", options.json()), &clone))
            return *std::move(error);
        return Client(Owner(clone, handle_.get_deleter()), std::move(token),
                      max_request_bytes(options, max_request_bytes_));
    }

    // Creates a collection or export, which calls the functions that this handle calls.
    template <class T, class Function, class... Arguments>
    Result<T> open(Function function, const Arguments &...arguments) const
    {
        typename T::Owner::pointer opened = nullptr;
        if (auto error = detail::call(function, handle(), token_.get(), arguments..., &opened))
            return *std::move(error);
        return T(typename T::Owner(opened, handle_.get_deleter()));
    }

    detail::Handle<const uservoice_client> handle() const noexcept
    {
        return {"client", handle_.get()};
    }

    Result<std::string> send_json(decltype(&uservoice_get) function, std::string_view path,
                                  const Json &params) const
    {
        return call_string(function, handle(), token_.get(), CString("path", path),
                                   CString("params", params));
    }

    Owner handle_;
    Token::Shared token_;
    std::uint64_t max_request_bytes_;
};

} // namespace uservoice

#endif // USERVOICE_CLIENT_HPP
