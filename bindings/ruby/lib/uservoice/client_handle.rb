# frozen_string_literal: true

module UserVoice
  # Owns a +uservoice_client+.
  #
  # Ruby cannot interrupt a blocking C function, but cancelling its client ends it. Each
  # call therefore uses its own clone of the client and runs on a worker thread ({#run}).
  # The calling thread waits for the worker in a way that Timeout.timeout, Thread#raise,
  # Thread#kill and Ctrl-C can interrupt, and cancels the clone when that happens.
  #
  # @api private
  class ClientHandle < NativeHandle
    # @param log [LogCallback, nil]
    def self.open(subdomain, api_key, api_secret, options, log)
      Native.call(:uservoice_client_new, subdomain, api_key, api_secret, options) do |out|
        new(out.read_pointer, log).tap { |handle| handle.start_log if log }
      end
    end

    def initialize(pointer, log = nil)
      super("client", pointer, :uservoice_client_free, log)
      @cancelled = false
    end

    # Clones the client.
    #
    # @param options [String, nil] JSON
    # @param new_log [LogCallback, nil] replaces the log
    # @return [ClientHandle]
    def copy(options = nil, new_log = nil)
      use do |pointer|
        Native.call(:uservoice_client_clone, pointer, options) do |out|
          ClientHandle.new(out.read_pointer, new_log || log).tap { |handle| handle.start_log if new_log }
        end
      end
    end

    # Registers the log callback with the library.
    def start_log
      use { |pointer| Native.call_void(:uservoice_client_set_log, pointer, log.level, log.function, nil) }
    end

    # Ends all calls of this handle, now and in the future.
    def cancel
      synchronize do
        @cancelled = true
        Native.uservoice_client_cancel(@pointer) if @pointer
      end
    end

    def cancelled?
      @cancelled
    end

    # Runs the block on a worker thread. Cancels this handle if the calling thread is
    # interrupted while it waits.
    #
    # @yieldparam pointer [FFI::Pointer]
    # @return [Object] the result of the block
    def run(&block)
      worker = nil
      # The worker inherits the interrupt mask: Thread#kill and Thread#raise cannot end it.
      Thread.handle_interrupt(Object => :never) { worker = Thread.new { result_or_exception(&block) } }
      result = worker.value
      return result unless result.is_a?(Exception)

      # The worker's backtrace does not contain the caller.
      result.set_backtrace(caller) if result.is_a?(Error)
      raise result
    ensure
      stop(worker) if worker&.alive?
    end

    private

    def result_or_exception(&block)
      use(&block)
    rescue Exception => e
      e
    end

    def stop(worker)
      Thread.handle_interrupt(Object => :never) do
        cancel
        worker.join
      end
    end
  end
  private_constant :ClientHandle
end
