# frozen_string_literal: true

module UserVoice
  # Hands the library's log lines to a Logger.
  #
  # @api private
  class Log
    # The library's levels.
    WARNING = 1
    INFO = 2

    # For the library; it must live as long as a handle that tells it.
    attr_reader :function

    # @param logger [Logger] or what has its methods info?, info and warn
    def initialize(logger)
      unless %i[info? info warn].all? { |name| logger.respond_to?(name) }
        raise TypeError, "no implicit conversion of #{logger.class} into Logger"
      end

      @logger = logger
      @function = FFI::Function.new(:void, %i[int32 string pointer]) { |level, line, _| write(level, line) }
    end

    def level
      @logger.info? ? INFO : WARNING
    end

    private

    # Nothing may be raised through the library.
    def write(level, line)
      line = "uservoice: #{Native.borrowed(line)}"
      level == WARNING ? @logger.warn(line) : @logger.info(line)
    rescue Exception => e
      Kernel.warn "uservoice: the logger failed: #{e.class}"
    end
  end
  private_constant :Log
end
