# frozen_string_literal: true

require_relative "helper"

# Interrupts calls that would take ten minutes.
class TestInterrupt < SandboxTest
  PATH = "/api/v1/forums"

  def setup
    super
    @client = Sandbox.client(timeout: 3600, max_retries: 0)
  end

  def test_timeout_interrupts_a_call
    delay_next_request
    without_hanging { assert_raises(Timeout::Error) { Timeout.timeout(0.3) { client.get(PATH) } } }
    assert_usable
  end

  def test_thread_kill_interrupts_a_call
    thread = start_slow_call { client.get(PATH) }
    without_hanging { thread.kill.join }
    assert_nil thread.value
    assert_usable
  end

  def test_thread_raise_interrupts_a_call
    thread = start_slow_call { client.get(PATH) }
    thread.raise(IOError, "enough")
    without_hanging { assert_equal "enough", assert_raises(IOError) { thread.value }.message }
    assert_usable
  end

  def test_handle_interrupt_defers_an_interruption
    Sandbox.fault({ path: PATH, delay_ms: 300 })
    done = nil
    thread = Thread.new do
      Thread.current.report_on_exception = false
      Thread.handle_interrupt(IOError => :never) { done = client.get(PATH) }
    end
    Sandbox.wait_for_faults
    thread.raise(IOError)
    assert_raises(IOError) { thread.value }
    assert_kind_of Hash, done
  end

  def test_handle_interrupt_defers_an_interruption_that_thread_kill_follows
    delay_next_request
    thread = Thread.new do
      Thread.handle_interrupt(IOError => :never) { client.get(PATH) }
    end
    Sandbox.wait_for_faults
    thread.raise(IOError)
    sleep 0.2 # the call checks for interruptions every 50 ms
    assert_predicate thread, :alive?
    without_hanging { thread.kill.join }
    assert_usable
  end

  def test_trap_handler_runs_during_a_call
    delay_next_request
    answer = nil
    previous = trap("USR1") { Thread.new { answer = client.get(PATH) } }
    thread = Thread.new do
      Sandbox.wait_for_faults
      Process.kill("USR1", Process.pid)
    end
    without_hanging { assert_raises(Timeout::Error) { Timeout.timeout(0.5) { client.get(PATH) } } }
    thread.join
    without_hanging { sleep 0.01 until answer }
    assert_kind_of Hash, answer
  ensure
    trap("USR1", previous || "DEFAULT")
  end

  def test_calls_start_no_thread
    client = Sandbox.client
    users = client.collection("/api/v1/users")
    Thread.stub(:new, ->(*) { flunk "a thread was started" }) do
      assert_equal [250, 250], [users.size, users.to_a.size]
      assert_kind_of Hash, client.get(PATH)
    end
  end

  def test_ctrl_c_interrupts_a_call
    assert_equal "Interrupt\n", interrupted_program("client.get('#{PATH}')", "INT")
  end

  def test_ctrl_c_interrupts_an_iteration
    assert_equal "Interrupt\n", interrupted_program("client.collection('#{PATH}').each { }", "INT")
  end

  def test_sigterm_interrupts_a_call_of_another_thread
    assert_equal "SignalException\n", interrupted_program("Thread.new { client.get('#{PATH}') }.join", "TERM")
  end

  def test_interruption_does_not_affect_other_calls
    delay_next_request
    Sandbox.fault({ path: "/api/v1/users", delay_ms: 1000 })
    other = Thread.new { client.get("/api/v1/users") }
    without_hanging { assert_raises(Timeout::Error) { Timeout.timeout(0.3) { client.get(PATH) } } }
    assert_equal 250, other.value["response_data"]["total_records"]
  end

  def test_thread_kill_interrupts_a_login
    Sandbox.fault({ path: "/api/v1/users/login_as", delay_ms: 600_000 })
    thread = Thread.new { client.login_as("user2@sandbox.example") }
    Sandbox.wait_for_faults
    without_hanging { thread.kill.join }
    assert_equal "user2@sandbox.example",
                 client.login_as("user2@sandbox.example").get("/api/v1/users/current")["user"]["email"]
  end

  def test_collection_is_usable_after_an_interruption
    forums = client.collection(PATH)
    thread = start_slow_call { forums.size }
    without_hanging { thread.kill.join }
    assert_equal 3, forums.size

    thread = start_slow_call { client.collection(PATH).to_a }
    without_hanging { thread.kill.join }
    assert_equal 3, forums.to_a.size
  end

  def test_interruption_does_not_affect_other_readers_of_a_collection
    forums = client.collection(PATH)
    Sandbox.fault({ path: PATH, delay_ms: 1000 })
    readers = Array.new(2) { Thread.new { forums[1]["id"] } }
    Sandbox.wait_for_faults
    sleep 0.01 until readers.all?(&:stop?)
    readers.first.kill.join
    assert_equal 2, readers.last.value
  end

  def test_cancel_ends_all_calls
    user = client.login_as("user2@sandbox.example")
    threads = [start_slow_call { client.get(PATH) }, start_slow_call { client.collection(PATH).size }]
    client.cancel
    without_hanging do
      threads.each { |thread| assert_equal :cancelled, assert_raises(UserVoice::Cancelled) { thread.value }.status }
    end
    assert_raises(UserVoice::Cancelled) { client.get(PATH) }
    assert_raises(UserVoice::Cancelled) { client.collection(PATH).first }
    assert_kind_of Hash, user.get(PATH)
  end

  private

  def delay_next_request
    Sandbox.fault({ path: PATH, delay_ms: 600_000 })
  end

  # Returns a thread whose call has reached the sandbox. That this thread runs meanwhile shows
  # that the call does not hold the global VM lock.
  def start_slow_call(&block)
    delay_next_request
    thread = Thread.new(&block)
    thread.report_on_exception = false
    Sandbox.wait_for_faults
    thread
  end

  def assert_usable
    assert_equal 3, client.get(PATH)["response_data"]["total_records"]
  end

  def interrupted_program(code, signal)
    delay_next_request
    program = <<~RUBY
      require "uservoice"
      client = UserVoice::Client.from_environment(timeout: 3600)
      begin
        #{code}
      rescue SignalException => e
        puts e.class
      end
    RUBY
    IO.popen([Sandbox.environment, RbConfig.ruby, "-I", LIBRARY, "-e", program]) do |output|
      Sandbox.wait_for_faults
      Process.kill(signal, output.pid)
      without_hanging { output.read }
    end
  end
end
