# frozen_string_literal: true

require_relative "helper"

# A call that takes ten minutes ends when the program wants to do something else.
class TestInterrupt < SandboxTest
  PATH = "/api/v1/forums"

  def setup
    super
    @client = Sandbox.client(timeout: 3600, max_retries: 0)
  end

  def test_timeout
    slow
    without_hanging { assert_raises(Timeout::Error) { Timeout.timeout(0.3) { client.get(PATH) } } }
    assert_usable
  end

  def test_thread_kill
    thread = calling { client.get(PATH) }
    without_hanging { thread.kill.join }
    assert_nil thread.value
    assert_usable
  end

  def test_thread_raise
    thread = calling { client.get(PATH) }
    thread.raise(IOError, "enough")
    without_hanging { assert_equal "enough", assert_raises(IOError) { thread.value }.message }
    assert_usable
  end

  def test_an_interruption_that_the_program_defers_is_deferred
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

  # Whoever ends all threads that are not his, as some runners of tests do.
  def test_the_thread_that_makes_the_call_is_not_ended
    Sandbox.fault({ path: PATH, delay_ms: 300 })
    others = Thread.list
    thread = Thread.new { client.get(PATH) }
    Sandbox.wait_for_faults
    (Thread.list - others - [thread]).each(&:kill)
    assert_kind_of Hash, thread.value
  end

  def test_ctrl_c
    assert_equal "Interrupt\n", interrupted_program("client.get('#{PATH}')", "INT")
  end

  def test_ctrl_c_while_a_collection_is_read
    assert_equal "Interrupt\n", interrupted_program("client.collection('#{PATH}').each { }", "INT")
  end

  def test_end_of_the_program_while_a_thread_calls
    assert_equal "SignalException\n", interrupted_program("Thread.new { client.get('#{PATH}') }.join", "TERM")
  end

  def test_only_the_interrupted_call_ends
    slow
    Sandbox.fault({ path: "/api/v1/users", delay_ms: 1000 })
    other = Thread.new { client.get("/api/v1/users") }
    without_hanging { assert_raises(Timeout::Error) { Timeout.timeout(0.3) { client.get(PATH) } } }
    assert_equal 250, other.value["response_data"]["total_records"]
  end

  def test_a_login
    Sandbox.fault({ path: "/api/v1/users/login_as", delay_ms: 600_000 })
    thread = Thread.new { client.login_as("user2@sandbox.example") }
    Sandbox.wait_for_faults
    without_hanging { thread.kill.join }
    assert_equal "user2@sandbox.example",
                 client.login_as("user2@sandbox.example").get("/api/v1/users/current")["user"]["email"]
  end

  def test_a_collection_is_usable_afterwards
    list = client.collection(PATH)
    thread = calling { list.size }
    without_hanging { thread.kill.join }
    assert_equal 3, list.size

    thread = calling { client.collection(PATH).to_a }
    without_hanging { thread.kill.join }
    assert_equal 3, list.to_a.size
  end

  def test_an_interrupted_reader_of_a_collection_does_not_end_another
    list = client.collection(PATH)
    Sandbox.fault({ path: PATH, delay_ms: 1000 })
    readers = Array.new(2) { Thread.new { list[1]["id"] } }
    Sandbox.wait_for_faults
    sleep 0.01 until readers.all?(&:stop?)
    readers.first.kill.join
    assert_equal 2, readers.last.value
  end

  def test_cancel
    user = client.login_as("user2@sandbox.example")
    threads = [calling { client.get(PATH) }, calling { client.collection(PATH).size }]
    client.cancel
    without_hanging do
      threads.each { |thread| assert_equal :cancelled, assert_raises(UserVoice::Cancelled) { thread.value }.status }
    end
    assert_raises(UserVoice::Cancelled) { client.get(PATH) }
    assert_raises(UserVoice::Cancelled) { client.collection(PATH).first }
    assert_kind_of Hash, user.get(PATH)
  end

  private

  def slow
    Sandbox.fault({ path: PATH, delay_ms: 600_000 })
  end

  # A thread in the middle of a call. That this thread can see that is a test, too.
  def calling(&block)
    slow
    thread = Thread.new(&block)
    thread.report_on_exception = false
    Sandbox.wait_for_faults
    thread
  end

  def assert_usable
    assert_equal 3, client.get(PATH)["response_data"]["total_records"]
  end

  def interrupted_program(code, signal)
    slow
    program = <<~RUBY
      require "uservoice"
      client = UserVoice::Client.from_environment(timeout: 3600)
      begin
        #{code}
      rescue SignalException => e
        puts e.class
      end
    RUBY
    environment = { "USERVOICE_BASE_URL" => Sandbox.url }
    IO.popen([environment, RbConfig.ruby, "-I", LIBRARY, "-e", program]) do |output|
      Sandbox.wait_for_faults
      Process.kill(signal, output.pid)
      without_hanging { output.read }
    end
  end
end
