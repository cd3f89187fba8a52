# frozen_string_literal: true

module UserVoice
  # What went wrong; the common ancestor of all errors that the gem raises, but for
  # arguments of the wrong type, which raise Ruby's own TypeError or ArgumentError.
  class Error < RuntimeError
    # @return [Symbol, nil] the kind of error, such as +:not_found+
    attr_reader :status
    # @return [Integer, nil] the answer's HTTP status; nil when there was no answer
    attr_reader :http_status
    # @return [String, nil] UserVoice's own name for it, such as "record_not_found"
    attr_reader :type
    # @return [String, nil] the answer's body as it came
    attr_reader :body
    # @return [Float, nil] how many seconds the service asks to wait before the next try
    attr_reader :retry_after
    # @return [Symbol, nil] whether a write may be tried again: +:not_sent+ (certainly
    #   not), +:unknown+ (sent at least in part) or +:answered+
    attr_reader :outcome

    # @param message [String, nil]
    # @param fields [Hash] values of the readers above
    def initialize(message = nil, **fields)
      super(message)
      fields.each { |name, value| instance_variable_set(:"@#{name}", value) }
    end
  end

  # The service answered with an error.
  class APIError < Error; end
  # It refuses the key, the signature or the user (HTTP 401, 403).
  class Unauthorized < APIError; end
  # There is no such record (HTTP 404).
  class NotFound < APIError; end
  # Too many calls (HTTP 429), after the retries that the options allow.
  class RateLimitExceeded < APIError; end
  # The service failed (HTTP 5xx).
  class ApplicationError < APIError; end

  # No complete answer came: name lookup, connection, TLS, reset.
  class TransportError < Error; end
  # A time limit of the options passed.
  class TimeoutError < Error; end
  # {Client#cancel} was called.
  class Cancelled < Error; end
  # The answer is not what it should be: not JSON, too large, not a list.
  class BadResponse < Error; end
  # A value that cannot be right; nothing was sent. The message names it.
  class InvalidArgument < Error; end
  # A file or directory of an export cannot be read, written or used.
  class FileError < Error; end
  # A bug of libuservoice.
  class InternalError < Error; end
  # The client, token or collection was closed before.
  class ClosedError < Error; end

  class Error
    # The class for each status of the library.
    CLASSES = {
      1 => InvalidArgument,
      10 => Unauthorized,
      11 => NotFound,
      12 => RateLimitExceeded,
      13 => ApplicationError,
      14 => APIError,
      20 => TransportError,
      21 => TimeoutError,
      22 => Cancelled,
      23 => BadResponse,
      30 => FileError,
      99 => InternalError
    }.freeze
    # By the library's number.
    OUTCOMES = %i[not_sent unknown answered].freeze
    private_constant :OUTCOMES

    # Makes an exception of a native error, and frees that.
    # @api private
    def self.take(error)
      status = Native.uservoice_error_status(error)
      http_status = Native.uservoice_error_http_status(error)
      retry_after = Native.uservoice_error_retry_after_ms(error)
      message = Native.borrowed(Native.uservoice_error_message(error))
      CLASSES.fetch(status, Error).new(
        CLASSES[status] == InvalidArgument ? Names.translate(message) : message,
        status: Native.uservoice_status_name(status).downcase.to_sym,
        http_status: http_status.zero? ? nil : http_status,
        type: Native.borrowed(Native.uservoice_error_type(error)),
        body: Native.borrowed(Native.uservoice_error_body(error)),
        retry_after: retry_after.negative? ? nil : retry_after / 1000.0,
        outcome: OUTCOMES[Native.uservoice_error_outcome(error)]
      )
    ensure
      Native.uservoice_error_free(error)
    end
  end
end
