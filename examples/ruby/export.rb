#!/usr/bin/env ruby
# frozen_string_literal: true

# Writes lists of a site into files of a directory: JSON Lines, or CSV.
#
#     ruby export.rb --to DIRECTORY [--since MOMENT] [--format csv] LIST...
#
#     ruby export.rb --to backup suggestions users
#     ruby export.rb --to backup --since 2026-01-31 --format csv suggestions
#     ruby export.rb --to old "/api/v1/suggestions?sort=oldest"
#
# A LIST is a name of the Admin API, or the path of a list of either API; all are of one.
# They are read as the owner of the site, which needs a trusted API key.
#
# Interrupted, killed or stopped by an error, the same command goes on where it was. After
# one that came to its end, it appends what has changed since.
#
# Exit status: 0 all was written, 1 any other error, 2 wrong usage, 3 not authorized, 4 no
# such list, 5 rate limit, 6 the service failed, 7 the service was not reached, 8 a file
# cannot be written or used, 130 interrupted.

require "optparse"
require_relative "site"

# The progress on a terminal, in one line that is written over and over:
#
#     [############------------------]  41 %  82000 of 200000, 2100/s, 56s left
class Bar
  WIDTH = 30

  def show(progress)
    return unless $stderr.tty?

    @shown = true
    $stderr.print "\r\e[K", line(progress)
  end

  def end
    $stderr.puts if @shown
  end

  private

  def line(progress)
    rate = "#{progress.records_per_second.round}/s"
    return "#{progress.written} records, #{rate}" if progress.total.to_i.zero?

    part = [progress.written.fdiv(progress.total), 1].min
    left = ", #{progress.seconds_left.round}s left" if progress.seconds_left
    format("[%<bar>s] %<percent>3d %%  %<written>d of %<total>d, %<rate>s%<left>s",
           bar: ("#" * (part * WIDTH)).ljust(WIDTH, "-"), percent: part * 100,
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

# A list that is given by its path is called as the path ends.
def resource(list)
  list.start_with?("/") ? { name: list[%r{([^/?]*)(\?|\z)}, 1], path: list } : list
end

def owner(of_api_v1)
  of_api_v1 ? Site.client.login_as_owner : Site.client.login_with_client_credentials
end

def wrong_use(why, parser)
  warn why, parser
  exit 2
end

directory = nil
options = {}
parser = OptionParser.new do |it|
  it.banner = "usage: export.rb --to DIRECTORY [--since MOMENT] [--format csv] LIST..."
  it.on("--to DIRECTORY") { |path| directory = path }
  it.on("--since MOMENT", "only what was updated at this moment or later: 2026-01-31, or 2026-01-31T12:00:00Z") do |moment|
    options[:since] = moment
  end
  it.on("--format FORMAT", %w[jsonl csv], "jsonl or csv") { |format| options[:format] = format }
end
begin
  lists = parser.parse(ARGV)
rescue OptionParser::ParseError => e
  wrong_use(e.message, parser)
end
wrong_use("A directory and a list are needed.", parser) if directory.nil? || lists.empty?
of_api_v1 = lists.map { |list| list.start_with?("/api/v1/") }.uniq
wrong_use("Lists of both APIs, which are logged in to in different ways, need an export each.", parser) if of_api_v1.size > 1

bar = Bar.new
written = 0
begin
  owner(of_api_v1.first).export(directory, *lists.map { |list| resource(list) }, **options) do |progress|
    written = progress.written
    bar.show(progress)
  end
  bar.end
rescue Interrupt, UserVoice::Error => e
  bar.end
  Site.failed("The export failed", e) unless e.is_a?(Interrupt)
  warn "Stopped after #{written} records; the same command goes on there."
  exit e.is_a?(Interrupt) ? 130 : exit_status(e)
end
