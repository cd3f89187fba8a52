# frozen_string_literal: true

require_relative "helper"

# Compares the options that Client#initialize documents with the table in uservoice.h.
class TestOptions < SandboxTest
  # Options of the gem alone.
  RUBY_OPTIONS = %w[oauth_token oauth_token_secret response_format logger].freeze
  # Collection#each_whole_page sets it.
  NOT_IN_RUBY = %w[language whole_pages].freeze
  IN_SECONDS = UserVoice.const_get(:Options)::IN_SECONDS

  def test_options_match_the_header
    assert_equal (table.keys - NOT_IN_RUBY + RUBY_OPTIONS).sort, documented.keys.sort
  end

  def test_defaults_match_the_header
    expected = table.slice(*documented.keys).select { |_, default| default.match?(/\A(?:\d+|"[^"]*"|true|false)\z/) }
    expected.each { |name, default| expected[name] = (Integer(default) / 1000).to_s if IN_SECONDS.include?(name) }
    refute_empty expected
    assert_equal expected, documented.slice(*expected.keys)
  end

  def test_options_in_seconds_match_the_header
    assert_equal IN_SECONDS.map { |name| "#{name}_ms" }.sort, rows.keys.grep(/_ms\z/).sort
  end

  private

  # The names of the library's options and their defaults.
  def rows
    comment = File.read("#{ROOT}/include/uservoice.h")[%r{/\*\*(?:(?!\*/).)*?\*/[^;/]*\buservoice_client_new\(}m]
    comment.scan(/^ \* \| (\w+) *\| (.*?) *\|/).to_h.except("key")
  end

  # The same with the names of Ruby, but defaults in milliseconds.
  def table
    rows.transform_keys { |name| name.delete_suffix("_ms") }
  end

  # The options and defaults in the comment of Client#initialize.
  def documented
    comment = File.read("#{LIBRARY}/uservoice/client.rb")[/^    # Creates a client without.*?def initialize/m]
    comment.scan(/@option options \[.*?\] :(\w+)(?: \(:?(.*?)\))?/).to_h
  end
end
