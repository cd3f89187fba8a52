# frozen_string_literal: true

module UserVoice
  # Passes the lines that the library logs to a Logger and to {Notifications}.
  #
  # @api private
  class Log
    # USERVOICE_LOG_WARNING and USERVOICE_LOG_INFO of uservoice.h.
    WARNING = 1
    INFO = 2

    # Creates the log of a client.
    #
    # @param logger [Logger, nil]
    # @return [Log, nil] nil if nobody would receive the lines
    # @raise [TypeError]
    def self.for(logger)
      new(logger) if logger || Notifications.available?
    end

    # @param logger [Logger, #info?, #info, #warn, nil]
    # @raise [TypeError]
    def initialize(logger)
      unless logger.nil? || %i[info? info warn].all? { |name| logger.respond_to?(name) }
        raise TypeError, "logger must have the methods info?, info and warn of Logger (got #{logger.class})"
      end

      @logger = logger
      @logs_info = logger&.info?
    end

    # @return [Integer] the most detailed level that somebody receives
    def level
      @logs_info || Notifications.available? ? INFO : WARNING
    end

    # @param json [String] the result of uservoice_client_take_log
    def write(json)
      # An interruption must not be taken for an error of the logger.
      Thread.handle_interrupt(Object => :never) do
        Native.parse_json(json).each do |entry|
          level, line = entry.values_at("level", "line")
          guard("logger") { write_line(level, line) } if @logger
          guard("subscriber of #{Notifications::EVENT}") { Notifications.publish(line) }
        end
      end
    end

    private

    def write_line(level, line)
      line = "uservoice: #{line}"
      return @logger.warn(line) if level == WARNING

      @logger.info(line) if @logs_info
    end

    # An error of the logger or a subscriber must not replace the result of the call.
    def guard(receiver)
      yield
    rescue Exception => e
      Kernel.warn "uservoice: the #{receiver} failed: #{e.class}"
    end
  end
  private_constant :Log
end
