#!/usr/bin/env ruby
# frozen_string_literal: true

# Exports lists of a site into the files of a directory, as JSON Lines or CSV.
#
#     ruby export.rb --to DIRECTORY [--since TIME] [--format csv] LIST...
#
#     ruby export.rb --to backup suggestions users
#     ruby export.rb --to backup --since 2026-01-31 --format csv suggestions
#     ruby export.rb --to old "/api/v1/suggestions?sort=oldest"
#
# A LIST is the name of an Admin API list or the path of a list of either API; all lists must
# be of the same API. They are read as the owner of the site, which requires a trusted API
# key.
#
# If the export was interrupted, killed or ended by an error, the same command resumes it. If
# it was completed, the same command appends what has changed since.
#
# Exit status: 0 success, 1 other error, 2 invalid usage, 3 unauthorized, 4 list not found,
# 5 rate limited, 6 service error, 7 service unreachable, 8 file error, 130 interrupted.

require "optparse"
require_relative "site"

# Shows the progress in one line of a terminal:
#
#     [############------------------]  41 %  82000 of 200000, 2100/s, 56s left
class ProgressBar
  WIDTH = 30

  def update(progress)
    return unless $stderr.tty?

    @shown = true
    $stderr.print "\r\e[K", line(progress)
  end

  def finish
    $stderr.puts if @shown
  end

  private

  def line(progress)
    rate = "#{progress.records_per_second.round}/s"
    return "#{progress.written} records, #{rate}" if progress.total.to_i.zero?

    fraction = [progress.written.fdiv(progress.total), 1].min
    left = ", #{progress.seconds_left.round}s left" if progress.seconds_left
    format("[%<bar>s] %<percent>3d %%  %<written>d of %<total>d, %<rate>s%<left>s",
           bar: ("#" * (fraction * WIDTH)).ljust(WIDTH, "-"), percent: fraction * 100,
           written: progress.written, total: progress.total, rate: rate, left: left)
  end
end

def exit_status(error)
  case error
  when UserVoice::InvalidArgument then 2
  when UserVoice::Unauthorized then 3
  when UserVoice::NotFound then 4
  when UserVoice::RateLimitExceeded then 5
  when UserVoice::APIError, UserVoice::BadResponse then 6
  when UserVoice::TransportError, UserVoice::TimeoutError then 7
  when UserVoice::FileError then 8
  else 1
  end
end

# Returns a list for Client#export. A path is named after its last segment.
def resource(list)
  list.start_with?("/") ? { name: list[%r{([^/?]*)(\?|\z)}, 1], path: list } : list
end

def log_in_owner(api_v1)
  api_v1 ? Site.client.login_as_owner : Site.client.login_with_client_credentials
end

def exit_with_usage(message, parser)
  warn message, parser
  exit 2
end

directory = nil
options = {}
parser = OptionParser.new do |it|
  it.banner = "usage: export.rb --to DIRECTORY [--since TIME] [--format csv] LIST..."
  it.on("--to DIRECTORY") { |path| directory = path }
  it.on("--since TIME", "only records updated then or later: 2026-01-31 or 2026-01-31T12:00:00Z") do |time|
    options[:since] = time
  end
  it.on("--format FORMAT", %w[jsonl csv], "jsonl or csv") { |format| options[:format] = format }
end
begin
  lists = parser.parse(ARGV)
rescue OptionParser::ParseError => e
  exit_with_usage(e.message, parser)
end
exit_with_usage("DIRECTORY and LIST are required.", parser) if directory.nil? || lists.empty?
api_v1 = lists.map { |list| list.start_with?("/api/v1/") }.uniq
exit_with_usage("Lists of API v1 and of the Admin API cannot be exported together.", parser) if api_v1.size > 1

bar = ProgressBar.new
written = 0
begin
  log_in_owner(api_v1.first).export(directory, *lists.map { |list| resource(list) }, **options) do |progress|
    written = progress.written
    bar.update(progress)
  end
  bar.finish
rescue Interrupt, UserVoice::Error => e
  bar.finish
  Site.report("The export failed", e) unless e.is_a?(Interrupt)
  warn "Stopped after #{written} records. The same command resumes the export."
  exit e.is_a?(Interrupt) ? 130 : exit_status(e)
end
