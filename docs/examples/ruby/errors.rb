# frozen_string_literal: true

def errors(client)
  # [errors]
  begin
    puts client.get("/api/v1/suggestions/999999")["suggestion"]["title"]
  rescue UserVoice::NotFound
    puts "The suggestion does not exist."
  rescue UserVoice::Error => e
    warn e.message
    raise
  end
  # [end]
  post_safely(client, "nowhere", nil)
end

# [outcome]
# Sends a POST request and shows what to do if it fails.
def post_safely(client, path, body)
  client.post(path, body)
rescue UserVoice::Error => e
  case e.outcome
  when :not_sent # can be retried
  when :unknown  # may have been processed: check before you retry
  when :answered # the service responded: fix the request, or retry after 429 and 503
  end
  puts "#{e.outcome} #{e.message}"
end
# [end]

def options(client)
  # [options]
  quick = client.with(timeout: 2, connect_timeout: 0.5, max_retries: 0, max_retry_wait: 0)
  # [end]

  # [clone]
  patient = client.with(timeout: 120, max_retries: 5)
  # [end]
  patient.get("/api/v1/forums/1")

  # [rate-limit]
  begin
    quick.get("/api/v1/forums/1")
  rescue UserVoice::RateLimitExceeded => e
    puts "retry in #{e.retry_after} s"
  end
  # [end]

  # [log]
  logging = client.with(logger: Logger.new($stdout))
  # [end]
  logging.get("/api/v1/users", per_page: 1)
end

def threads(client)
  # [threads]
  users = client.collection("/api/v1/users")
  sizes = Array.new(4) { Thread.new { users.first(100).size } }.map(&:value)
  # [end]
  puts sizes.inspect

  # [fork]
  child = fork do
    client.get("/api/v1/forums") # the child opens new connections
    exit!(true)
  end
  Process.wait(child)
  # [end]
  puts $?.success?

  cancelled = client.with
  # [cancel]
  thread = Thread.new { cancelled.cancel } # returns at once
  begin
    loop { cancelled.get("/api/v1/suggestions") }
  rescue UserVoice::Cancelled
    puts "cancelled"
  end
  thread.join
  # [end]
end
