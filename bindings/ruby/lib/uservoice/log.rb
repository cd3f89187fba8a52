# frozen_string_literal: true

module UserVoice
  # Writes the lines that the library logs to a Logger.
  #
  # @api private
  class Log
    # USERVOICE_LOG_WARNING and USERVOICE_LOG_INFO of uservoice.h.
    WARNING = 1
    INFO = 2

    # @param logger [Logger, #info?, #info, #warn]
    # @raise [TypeError]
    def initialize(logger)
      unless %i[info? info warn].all? { |name| logger.respond_to?(name) }
        raise TypeError, "logger must have the methods info?, info and warn of Logger (got #{logger.class})"
      end

      @logger = logger
    end

    # @return [Integer] the most detailed level that the logger writes
    def level
      @logger.info? ? INFO : WARNING
    end

    # @param json [String] the result of uservoice_client_take_log
    def write(json)
      # An interruption must not be taken for an error of the logger.
      Thread.handle_interrupt(Object => :never) do
        Native.parse_json(json).each { |entry| write_line(*entry.values_at("level", "line")) }
      end
    end

    private

    # An error of the logger must not replace the result of the call.
    def write_line(level, line)
      line = "uservoice: #{line}"
      level == WARNING ? @logger.warn(line) : @logger.info(line)
    rescue Exception => e
      Kernel.warn "uservoice: the logger failed: #{e.class}"
    end
  end
  private_constant :Log
end
