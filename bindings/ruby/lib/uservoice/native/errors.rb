# frozen_string_literal: true

module UserVoice
  module Native
    # The exception class for each status code of uservoice.h except USERVOICE_OK.
    ERROR_CLASSES = {
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

    # {Error#outcome} for each USERVOICE_OUTCOME_ value of uservoice.h.
    OUTCOMES = { 0 => :not_sent, 1 => :unknown, 2 => :answered }.freeze

    class << self
      # Creates the exception that describes a native error, and frees that error.
      #
      # @param error [FFI::Pointer]
      # @return [Error]
      def exception(error)
        status = uservoice_error_status(error)
        http_status = uservoice_error_http_status(error)
        retry_after_ms = uservoice_error_retry_after_ms(error)
        ERROR_CLASSES.fetch(status, Error).new(
          borrowed_string(uservoice_error_message(error)),
          status: uservoice_status_name(status).downcase.to_sym,
          http_status: http_status.zero? ? nil : http_status,
          type: borrowed_string(uservoice_error_type(error)),
          body: borrowed_string(uservoice_error_body(error)),
          retry_after: retry_after_ms.negative? ? nil : retry_after_ms / 1000.0,
          outcome: OUTCOMES[uservoice_error_outcome(error)]
        )
      ensure
        uservoice_error_free(error)
      end
    end
  end
end
