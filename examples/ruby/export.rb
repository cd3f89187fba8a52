#!/usr/bin/env ruby
# frozen_string_literal: true

# Writes every record of a list, one line of JSON each.
#
#     ruby export.rb [--as EMAIL | --owner] PATH [OUTPUT_FILE]
#     ruby export.rb --admin [--since MOMENT] PATH [OUTPUT_FILE]
#
#     ruby export.rb --owner /api/v1/tickets tickets.jsonl
#     ruby export.rb --admin --since 2026-01-31T00:00:00Z /api/v2/admin/suggestions new.jsonl
#
# --admin reads a list of the Admin API as the owner, by the API key alone; --since only
# what was changed after that moment.
#
# With an output file, an export that was interrupted goes on from its last complete
# page when it is started again: OUTPUT_FILE.state says where that is. Without one, it
# writes to standard output. Exit status: 0 all was written, 1 an error, 2 wrong usage,
# 130 interrupted.

require "json"
require "optparse"
require_relative "site"

# A file that grows by whole pages. What stands behind the last complete one is cut off.
class OutputFile
  # The cursor is that of the next page, in a list that is read by cursor.
  attr_reader :pages, :records, :cursor

  def initialize(name, source)
    @state_name = "#{name}.state"
    @source = source
    state = read_state
    @pages, @records, @cursor, length = state.values_at("pages", "records", "cursor", "length")
    @file = File.open(name, File::RDWR | File::CREAT, 0o600)
    raise "#{name} is shorter than #{@state_name} says; delete both to begin anew" if @file.size < length

    @file.truncate(length)
    @file.seek(length)
  end

  def write(page, cursor)
    page.each { |record| @file.write(JSON.generate(record), "\n") }
    @file.fsync
    @pages += 1
    @records += page.size
    @cursor = cursor
    write_state
  end

  def finish
    @file.close
    File.delete(@state_name) if File.exist?(@state_name)
  end

  private

  def read_state
    return { "pages" => 0, "records" => 0, "length" => 0 } unless File.exist?(@state_name)

    state = JSON.parse(File.read(@state_name))
    return state if state["source"] == @source

    raise "#{@state_name} is of another export: #{state['source']}"
  end

  # The old state is there until the new one is whole.
  def write_state
    state = { "source" => @source, "pages" => @pages, "records" => @records, "cursor" => @cursor,
              "length" => @file.pos }
    File.open("#{@state_name}.new", "w", 0o600) do |file|
      file.write(JSON.generate(state))
      file.fsync
    end
    File.rename("#{@state_name}.new", @state_name)
  end
end

class StandardOutput
  attr_reader :pages, :records, :cursor

  def initialize
    @pages = @records = 0
  end

  def write(page, _cursor)
    page.each { |record| $stdout.write(JSON.generate(record), "\n") }
    @records += page.size
  end

  def finish
    $stdout.flush
  end
end

# What is left of a list of API v1, whose pages have numbers, by pages of records.
class NumberedPages
  def initialize(client, path, output)
    # A "page" is where the list begins: after those that are written.
    @list = client.collection(path, page: output.pages + 1)
  end

  def each
    @list.each_page { |records| yield records, nil }
  end
end

# What is left of a list of the Admin API, in which each page tells where the next one is.
class PagesByCursor
  def initialize(client, path, output, since)
    @complete = output.pages.positive? && output.cursor.nil?
    @name = path[%r{[^/?]+(?=\?|\z)}]
    @list = client.collection(path, cursor: output.cursor, updated_after: since)
  end

  def each
    return if @complete

    @list.each_whole_page { |answer| yield answer.fetch(@name), answer.dig("pagination", "cursor") }
  end
end

def export(pages, output)
  pages.each do |records, cursor|
    output.write(records, cursor)
    $stderr.print "\r#{output.records} records" if $stderr.tty?
  end
  output.finish
ensure
  $stderr.puts if $stderr.tty?
end

def acting_client(whom)
  client = Site.client
  case whom
  when nil then client
  when :owner then client.login_as_owner
  when :admin then client.login_with_client_credentials
  else client.login_as(whom)
  end
end

def wrong_use(why, options)
  warn why, options.banner
  exit 2
end

people = []
since = nil
options = OptionParser.new do |parser|
  parser.banner = "usage: export.rb [--as EMAIL | --owner] PATH [OUTPUT_FILE]\n" \
                  "       export.rb --admin [--since MOMENT] PATH [OUTPUT_FILE]"
  parser.on("--as EMAIL") { |email| people << email }
  parser.on("--owner") { people << :owner }
  parser.on("--admin") { people << :admin }
  parser.on("--since MOMENT") { |moment| since = moment }
end
begin
  path, file_name, *more = options.parse(ARGV)
rescue OptionParser::ParseError => e
  wrong_use(e.message, options)
end
whom, *others = people
wrong_use("PATH is a list such as /api/v1/suggestions.", options) unless path&.start_with?("/") && more.empty?
wrong_use("One of --as, --owner and --admin.", options) unless others.empty?
wrong_use("--admin is for the lists under /api/v2/.", options) unless path.start_with?("/api/v2/") == (whom == :admin)
wrong_use("--since needs --admin.", options) if since && whom != :admin
# The pages are counted from the first, and must be of the same size each time.
wrong_use("PATH may not have a page, per_page or cursor.", options) if path.match?(/[?&](page|per_page|cursor)=/)

begin
  client = acting_client(whom)
  source = [Site.url, path, whom, since].join(" ").strip
  output = file_name ? OutputFile.new(file_name, source) : StandardOutput.new
  pages = whom == :admin ? PagesByCursor.new(client, path, output, since) : NumberedPages.new(client, path, output)
  export(pages, output)
rescue Interrupt
  warn "Interrupted.#{' Start it again to go on.' if file_name}"
  exit 130
rescue Errno::EPIPE
  exit 1 # the reader of a pipe may stop when it has seen enough
rescue UserVoice::Error => e
  Site.failed("Stopped after #{output&.records.to_i} records", e)
  exit 1
rescue SystemCallError, RuntimeError => e
  warn e.message
  exit 1
end
