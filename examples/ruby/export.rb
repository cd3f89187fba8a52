# frozen_string_literal: true

# Exports lists of the Admin API into files.
#
#     ruby export.rb DIRECTORY LIST...
#
# Interrupted, the same command resumes the export. Later it appends what has changed.

require_relative "site"

directory, *lists = ARGV
abort "usage: export.rb DIRECTORY LIST..." if lists.empty?

begin
  owner = Site.client.login_with_client_credentials
  owner.export(directory, *lists) do |progress|
    $stderr.print progress.written, " of ", progress.total || "?", " records\r"
  end
  $stderr.puts
rescue Interrupt
  warn "\nInterrupted. The same command resumes the export."
  exit 130
rescue UserVoice::Error => e
  abort "\n#{e.message}\nThe same command resumes the export."
end
