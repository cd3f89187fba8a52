# frozen_string_literal: true

module UserVoice
  module Native
    # The exception class for each status code of uservoice.h except USERVOICE_OK.
    ERROR_CLASSES = {
      1 => InvalidArgument,
      2 => SignatureVerificationError,
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

    # {Error#outcome} for each USERVOICE_OUTCOME_ value of uservoice.h.
    OUTCOMES = { 0 => :not_sent, 1 => :unknown, 2 => :answered }.freeze

    # Looks up response headers in a native error, which it keeps alive.
    class ErrorHeaders
      # @param error [FFI::AutoPointer]
      def initialize(error)
        @error = error
      end

      # @param name [String] in lower case
      # @return [String, nil]
      def [](name)
        Native.borrowed_string(Native.uservoice_error_header(@error, Argument.string("name", name))) if @error
      end

      # Marshals an exception without its headers.
      def marshal_dump; end

      # @param _ [nil]
      def marshal_load(_); end
    end

    class << self
      # Creates the exception that describes a native error, and takes ownership of that error.
      #
      # @param pointer [FFI::Pointer]
      # @return [Error]
      def exception(pointer)
        error = FFI::AutoPointer.new(pointer, method(:uservoice_error_free))
        status = uservoice_error_status(error)
        http_status = uservoice_error_http_status(error)
        retry_after_ms = uservoice_error_retry_after_ms(error)
        ERROR_CLASSES.fetch(status, Error).new(
          borrowed_string(uservoice_error_message(error)),
          status: uservoice_status_name(status).downcase.to_sym,
          http_status: http_status.zero? ? nil : http_status,
          type: borrowed_string(uservoice_error_type(error)),
          body: borrowed_string(uservoice_error_body(error)),
          headers: ErrorHeaders.new(error),
          request: borrowed_string(uservoice_error_request(error)),
          argument: borrowed_string(uservoice_error_argument(error)),
          retry_after: retry_after_ms.negative? ? nil : retry_after_ms / 1000.0,
          outcome: OUTCOMES[uservoice_error_outcome(error)]
        )
      end
    end
  end
end
