# frozen_string_literal: true

module UserVoice
  # Writes the library's log lines to a Logger.
  #
  # @api private
  class LogCallback
    # USERVOICE_LOG_WARNING and USERVOICE_LOG_INFO of uservoice.h.
    WARNING = 1
    INFO = 2

    # @return [FFI::Function] must live as long as a native object that may call it
    attr_reader :function

    # @param logger [Logger, #info?, #info, #warn]
    # @raise [TypeError]
    def initialize(logger)
      unless %i[info? info warn].all? { |name| logger.respond_to?(name) }
        raise TypeError, "logger must have the methods info?, info and warn of Logger (got #{logger.class})"
      end

      @logger = logger
      @function = FFI::Function.new(:void, %i[int32 string pointer]) { |level, line, _| write(level, line) }
    end

    # @return [Integer] the most detailed level that the logger writes
    def level
      @logger.info? ? INFO : WARNING
    end

    private

    # An exception must not unwind through the library.
    def write(level, line)
      line = "uservoice: #{Native.borrowed_string(line)}"
      level == WARNING ? @logger.warn(line) : @logger.info(line)
    rescue Exception => e
      Kernel.warn "uservoice: the logger failed: #{e.class}"
    end
  end
  private_constant :LogCallback
end
