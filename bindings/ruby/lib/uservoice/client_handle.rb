# frozen_string_literal: true

module UserVoice
  # Owns a +uservoice_client+, whose calls end when their thread is interrupted.
  #
  # @api private
  class ClientHandle < NativeHandle
    # @param log [Log, nil]
    def self.open(subdomain, api_key, api_secret, options, log)
      Native.call(:uservoice_client_new, subdomain, api_key, api_secret, options) do |out|
        new(out.read_pointer, log).tap do |handle|
          handle.use { |pointer| Native.call_void(:uservoice_client_set_interrupt, pointer, Native::Interruption::CALLBACK, nil) }
          handle.start_log if log
        end
      end
    end

    def initialize(pointer, log = nil)
      super("client", pointer, :uservoice_client_free)
      @log = log
    end

    # Clones the client, with its interrupt callback.
    #
    # @param options [String, nil] JSON
    # @param new_log [Log, nil] replaces the log
    # @return [ClientHandle]
    def copy(options = nil, new_log = nil)
      use do |pointer|
        Native.call(:uservoice_client_clone, pointer, options) do |out|
          ClientHandle.new(out.read_pointer, new_log || @log).tap { |handle| handle.start_log if new_log }
        end
      end
    end

    # Lets the library keep log lines for {#write_log}.
    def start_log
      use { |pointer| Native.call_void(:uservoice_client_set_log, pointer, @log.level, nil, nil) }
    end

    # Writes the lines that were logged since the last time, also those of clones that share
    # the log.
    def write_log
      return if @log.nil? || closed?

      lines = use { |pointer| Native.call_string(:uservoice_client_take_log, pointer) }
      @log.write(lines) if lines
    end

    # Ends all calls of this handle, now and in the future.
    def cancel
      synchronize { Native.uservoice_client_cancel(@pointer) if @pointer }
    end
  end
  private_constant :ClientHandle
end
