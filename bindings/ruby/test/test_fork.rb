# frozen_string_literal: true

require_relative "helper"

# Puma's and Unicorn's way: loaded before the fork, used after it.
class TestFork < SandboxTest
  PATH = "/api/v1/suggestions"

  def test_a_client_is_used_on_both_sides
    ids = ->(range) { range.map { |id| client.get("#{PATH}/#{id}")["suggestion"]["id"] } }
    assert_equal [1], ids.call(1..1)
    children = Array.new(3) { |number| child { ids.call((number + 1) * 10..(number + 1) * 10 + 9) } }
    assert_equal (100..120).to_a, ids.call(100..120)
    assert_equal [(10..19).to_a, (20..29).to_a, (30..39).to_a], children.map(&:value)
  end

  def test_fork_while_another_thread_is_in_a_call
    Sandbox.fault({ path: "/api/v1/forums", delay_ms: 2000 })
    thread = Thread.new { client.get("/api/v1/forums")["forums"].size }
    Sandbox.wait_for_faults
    forked = child { client.get("#{PATH}/3")["suggestion"]["id"] }
    assert_equal 3, forked.value
    assert_equal 3, thread.value
  end

  def test_fork_while_a_collection_is_read
    list = client.collection(PATH, sort: "oldest")
    forked = nil
    ids = []
    list.each do |record|
      ids << record["id"]
      next unless ids.size == 150

      forked = child do
        rest = []
        list.each { |again| rest << again["id"] }
        [rest.size, list.size, list[700]["id"]]
      end
    end
    assert_equal (1..1501).to_a, ids
    assert_equal [1501, 1501, 701], forked.value
  end

  def test_an_iteration_goes_on_in_the_child
    enumerator = client.collection(PATH, sort: "oldest").each
    150.times { enumerator.next }
    pid_of_parent = Process.pid
    forked = child do
      GC.start
      [Process.pid == pid_of_parent, Array.new(300) { enumerator.next["id"] }]
    end
    assert_equal [false, (151..450).to_a], forked.value
    assert_equal 151, enumerator.next["id"]
  end

  def test_an_interruption_works_in_the_child
    client.get("#{PATH}/1")
    Sandbox.fault({ path: "/api/v1/forums", delay_ms: 600_000 })
    forked = child do
      Timeout.timeout(0.3) { client.get("/api/v1/forums") }
    rescue Timeout::Error
      "ended"
    end
    assert_equal "ended", forked.value
  end

  # The result of a child that ends as programs do, with its finalizers.
  class Child
    def initialize(&block)
      @output, input = IO.pipe
      @pid = Process.fork do
        @output.close
        Minitest.class_variable_get(:@@after_run).clear # the sandbox is the parent's
        Minitest.seed = nil
        input.write(Marshal.dump(block.call))
        input.close
        GC.start
        exit!(run_finalizers ? 0 : 1)
      end
      input.close
    end

    def value
      result = Marshal.load(@output.read)
      Process.wait(@pid)
      raise "the child ended with #{$?}" unless $?.success?

      result
    end

    private

    def run_finalizers
      ObjectSpace.garbage_collect
      true
    end
  end

  def child(&block)
    Child.new(&block)
  end
end
