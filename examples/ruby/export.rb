#!/usr/bin/env ruby
# frozen_string_literal: true

# Writes every record of a list, one line of JSON each.
#
#     ruby export.rb [--as EMAIL | --owner] PATH [OUTPUT_FILE]
#     ruby export.rb --owner /api/v1/tickets tickets.jsonl
#
# With an output file, an export that was interrupted goes on from its last complete
# page when it is started again: OUTPUT_FILE.state says where that is. Without one, it
# writes to standard output. Exit status: 0 all was written, 1 an error, 2 wrong usage,
# 130 interrupted.

require "json"
require_relative "site"

# A file that grows by whole pages. What stands behind the last complete one is cut off.
class OutputFile
  attr_reader :pages, :records

  def initialize(name, source)
    @state_name = "#{name}.state"
    @source = source
    state = read_state
    @pages, @records, length = state.values_at("pages", "records", "length")
    @file = File.open(name, File::RDWR | File::CREAT, 0o600)
    raise "#{name} is shorter than #{@state_name} says; delete both to begin anew" if @file.size < length

    @file.truncate(length)
    @file.seek(length)
  end

  def write(page)
    page.each { |record| @file.write(JSON.generate(record), "\n") }
    @file.fsync
    @pages += 1
    @records += page.size
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
    state = { "source" => @source, "pages" => @pages, "records" => @records, "length" => @file.pos }
    File.open("#{@state_name}.new", "w", 0o600) do |file|
      file.write(JSON.generate(state))
      file.fsync
    end
    File.rename("#{@state_name}.new", @state_name)
  end
end

class StandardOutput
  attr_reader :pages, :records

  def initialize
    @pages = @records = 0
  end

  def write(page)
    page.each { |record| $stdout.write(JSON.generate(record), "\n") }
    @records += page.size
  end

  def finish
    $stdout.flush
  end
end

def usage
  warn "usage: export.rb [--as EMAIL | --owner] PATH [OUTPUT_FILE]",
       "PATH is a list such as /api/v1/suggestions or /api/v1/users"
  exit 2
end

def acting_client(email, owner)
  client = Site.client
  return client.login_as_owner if owner

  email ? client.login_as(email) : client
end

def export(client, path, output)
  # A "page" is where the list begins: after those that are written.
  list = client.collection(path, page: output.pages + 1)
  list.each_page do |page|
    output.write(page)
    $stderr.print "\r#{output.records} records" if $stderr.tty?
  end
  output.finish
ensure
  $stderr.puts if $stderr.tty?
end

owner = ARGV.first == "--owner" && ARGV.shift
email = (ARGV.shift && ARGV.shift) || usage if ARGV.first == "--as"
path, file_name, *more = ARGV
usage unless path&.start_with?("/") && more.empty?
# The pages are counted from the first, and must be of the same size each time.
if path.match?(/[?&](page|per_page)=/)
  warn "PATH may not have a page or per_page."
  exit 2
end

begin
  client = acting_client(email, owner)
  output = file_name ? OutputFile.new(file_name, "#{Site.url} #{path} #{owner || email}") : StandardOutput.new
  export(client, path, output)
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
