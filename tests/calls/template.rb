# frozen_string_literal: true

# Runs the lines of docs/reference/api in Ruby, see calls.py.
require "pathname"
require "uservoice"

def check(call, result)
  result = result.first if result.is_a?(UserVoice::Collection)
  raise "#{call}: nothing was read" if result.nil?
end

client = UserVoice::Client.new("sandbox", "sandbox-trusted-key", "sandbox-trusted-secret",
                               base_url: ENV.fetch("USERVOICE_BASE_URL"), prefetch_pages: 0)
# [calls]
