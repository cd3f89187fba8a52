# frozen_string_literal: true

require "minitest/autorun"
require "timeout"
require "tmpdir"
require "uservoice"
require_relative "sandbox"

Sandbox.start
Minitest.after_run { Sandbox.stop }

class SandboxTest < Minitest::Test
  ROOT = File.expand_path("../../..", __dir__)
  LIBRARY = File.expand_path("../lib", __dir__)

  attr_reader :client

  def setup
    Sandbox.reset
    @client = Sandbox.client
  end

  # Aborts the tests if the block takes longer than a minute.
  def without_hanging(&block)
    watchdog = Thread.new do
      sleep 60
      warn "#{name} hangs"
      exit!(1)
    end
    block.call
  ensure
    watchdog.kill
  end

  # Runs a program in a new process. Returns its output and status.
  def ruby(program, *arguments, environment: Sandbox.environment)
    require "open3"
    Open3.capture2e(environment, RbConfig.ruby, "-w", "-I", LIBRARY, "-e", program, *arguments)
  end
end
