# frozen_string_literal: true

require_relative "helper"

# Loads the gem and creates clients before a fork and uses them after it, as Puma and Unicorn
# do. Each test runs a new process, whose children run their finalizers at exit.
class TestFork < SandboxTest
  PROGRAM = <<~RUBY
    require "uservoice"
    require "timeout"
    require "#{__dir__}/sandbox"
    Sandbox.attach(ENV.fetch("USERVOICE_BASE_URL"))
    $stdout.sync = true
    client = UserVoice::Client.from_environment
    ids = ->(list) { list.map { |id| client.get("/api/v1/suggestions/\#{id}")["suggestion"]["id"] } }
    suggestions = client.collection("/api/v1/suggestions", sort: "oldest")
  RUBY

  def test_parent_and_children_use_a_client
    assert_equal ["1", "20..29", "30..39", "40..49", "100..120"], run_program(<<~RUBY)
      puts ids.call([1])
      [20, 30, 40].each do |first|
        fork { puts [ids.call(first..first + 9)].map { |seen| "\#{seen.first}..\#{seen.last}" } }
      end
      puts [ids.call(100..120)].map { |seen| "\#{seen.first}..\#{seen.last}" }
      Process.waitall.each { |_, status| puts status unless status.success? }
    RUBY
  end

  def test_fork_during_a_call_of_another_thread
    Sandbox.fault({ path: "/api/v1/forums", delay_ms: 2000 })
    assert_equal ["child 3", "forums 3", "pid 0"], run_program(<<~RUBY)
      thread = Thread.new { client.get("/api/v1/forums")["forums"].size }
      Sandbox.wait_for_faults
      fork { puts "child \#{ids.call([3]).first}" }
      puts "forums \#{thread.value}"
      puts "pid \#{Process.wait2.last.exitstatus}"
    RUBY
  end

  def test_fork_during_an_iteration
    assert_equal ["child 1501 1501 701", "parent 1501", "pid 0"], run_program(<<~RUBY)
      number = 0
      suggestions.each do
        number += 1
        next unless number == 150

        fork { puts "child \#{suggestions.to_a.size} \#{suggestions.size} \#{suggestions[700]['id']}" }
      end
      puts "parent \#{number}"
      puts "pid \#{Process.wait2.last.exitstatus}"
    RUBY
  end

  def test_child_continues_an_iteration
    assert_equal ["child 450", "parent 151", "pid 0"], run_program(<<~RUBY)
      records = suggestions.each
      150.times { records.next }
      fork do
        GC.start
        puts "child \#{Array.new(300) { records.next['id'] }.last}"
      end
      puts "parent \#{records.next['id']}"
      puts "pid \#{Process.wait2.last.exitstatus}"
    RUBY
  end

  def test_timeout_interrupts_a_call_in_the_child
    Sandbox.fault({ path: "/api/v1/forums", delay_ms: 600_000 })
    assert_equal ["Timeout::Error", "child 2"], run_program(<<~RUBY)
      ids.call([1])
      fork do
        Timeout.timeout(0.3) { client.get("/api/v1/forums") }
      rescue Timeout::Error => e
        puts e.class
        puts "child \#{ids.call([2]).first}"
      end
      Process.wait
    RUBY
  end

  private

  # Runs a program and returns the sorted lines of its output.
  def run_program(code)
    output, = without_hanging { ruby(PROGRAM + code) }
    output.lines(chomp: true).sort_by { |line| [line[/\A\D*/], line[/\d+/].to_i] }
  end
end
