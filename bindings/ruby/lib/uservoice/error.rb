# frozen_string_literal: true

module UserVoice
  # Error is the base class of all errors that the gem raises, except TypeError and
  # ArgumentError for arguments of the wrong type or combination.
  class Error < RuntimeError
    # @return [Symbol, nil] the status code of libuservoice, such as +:not_found+
    attr_reader :status
    # @return [Integer, nil] the HTTP status code; nil without a response
    attr_reader :http_status
    # @return [String, nil] UserVoice's error type, such as "record_not_found"
    attr_reader :type
    # @return [String, nil] the response body
    attr_reader :body
    # @return [String, nil] the method and path of the request, such as "GET /api/v1/forums/9"
    attr_reader :request
    # @return [String, nil] the invalid argument or option, such as "path" or
    #   "options.ca_file", if this is an {InvalidArgument}. The library names some differently
    #   than the gem: "options.timeout_ms" for +:timeout+, "valid_for_seconds" for +valid_for+
    attr_reader :argument
    # @return [Float, nil] seconds after which the service accepts a retry
    attr_reader :retry_after
    # @return [Symbol, nil] +:not_sent+ if the request was not sent, +:unknown+ if it was
    #   sent at least in part and no complete response was received, +:answered+ if the
    #   service responded. A {BadResponse} to a write that was done is +:answered+ too, with a
    #   2xx {#http_status}
    attr_reader :outcome

    # @param message [String, nil]
    # @param headers [Hash{String => String}] response headers; names are in lower case
    def initialize(message = nil, status: nil, http_status: nil, type: nil, body: nil, headers: {}, request: nil,
                   argument: nil, retry_after: nil, outcome: nil)
      super(message)
      @status = status
      @http_status = http_status
      @type = type
      @body = body
      @headers = headers
      @request = request
      @argument = argument
      @retry_after = retry_after
      @outcome = outcome
    end

    # Returns a response header, such as "X-Request-Id".
    #
    # @param name [String, Symbol] in any case
    # @return [String, nil]
    def header(name)
      @headers[name.to_s.downcase]
    end

    # For pattern matching.
    #
    # @return [Hash{Symbol => Object}]
    # @example
    #   case error
    #   in { http_status: 422, type: } then puts type
    #   end
    def deconstruct_keys(_names)
      { status: status, http_status: http_status, type: type, message: message, body: body, request: request,
        argument: argument, retry_after: retry_after, outcome: outcome }
    end
  end

  # APIError is raised when the service responds with an error for which there is no more
  # specific class, such as "record_invalid" (HTTP 422).
  class APIError < Error; end

  # Unauthorized is raised when the service rejects the API key, the signature, the access
  # token or the permissions of the acting user (error type "unauthorized", HTTP 401 and 403,
  # and HTTP 400 to an OAuth 2.0 login). As in the gem uservoice-ruby, some methods raise it
  # without a request, such as for an invalid e-mail address.
  class Unauthorized < APIError; end

  # NotFound is raised when a record does not exist (error type "record_not_found", or HTTP
  # 404).
  class NotFound < APIError; end

  # RateLimitExceeded is raised when the service still responds with HTTP 429 after the
  # retries that the options permit, or when the wait would exceed +max_retry_wait+.
  class RateLimitExceeded < APIError; end

  # ApplicationError is raised when the service fails (error type "application_error", or HTTP
  # 5xx).
  class ApplicationError < APIError; end

  # TransportError is raised when no complete response was received: name lookup,
  # connection, TLS, connection reset.
  class TransportError < Error; end

  # TimeoutError is raised when a timeout of the options expires.
  class TimeoutError < Error; end

  # Cancelled is raised by the calls of a client after {Client#cancel}.
  class Cancelled < Error; end

  # BadResponse is raised when a response is malformed: not JSON, too large, not a list.
  class BadResponse < Error; end

  # InvalidArgument is raised when an argument has an invalid value. The message begins with
  # {#argument}, and nothing was sent.
  class InvalidArgument < Error; end

  # SignatureVerificationError is raised when a single sign-on token or webhook is malformed,
  # expired or signed with another key.
  class SignatureVerificationError < Error; end

  # FileError is raised when a file or directory of an export cannot be read, written or
  # locked.
  class FileError < Error; end

  # InternalError is raised on a bug in libuservoice.
  class InternalError < Error; end

  # ClosedError is raised when a client or token is used after it was closed.
  class ClosedError < Error; end
end
