# frozen_string_literal: true

def failures(client)
  # [errors]
  begin
    puts client.get("/api/v1/suggestions/999999")["suggestion"]["title"]
  rescue UserVoice::NotFound
    puts "There is no such suggestion."
  rescue UserVoice::Error => e
    warn e.message
    raise
  end
  # [end]
  post_safely(client, "nowhere", nil)
end

# [outcome]
# Posts once for certain, or says that somebody has to look.
def post_safely(client, path, body)
  client.post(path, body)
rescue UserVoice::Error => e
  case e.outcome
  when :not_sent # put it back into your queue
  when :unknown  # look whether it was done before you send it again
  when :answered # the service refused it, and would again
  end
  puts "#{e.outcome} #{e.message}"
end
# [end]

def waiting(client)
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
    puts "again in #{e.retry_after} s"
  end
  # [end]

  # [log]
  followed = client.with(logger: Logger.new($stdout, progname: "uservoice"))
  # [end]
  followed.get("/api/v1/users", per_page: 1)
end

def threads(client)
  # [threads]
  list = client.collection("/api/v1/users")
  sizes = Array.new(4) { Thread.new { list.first(100).size } }.map(&:value)
  # [end]
  puts sizes.inspect

  # [fork]
  child = fork do
    client.get("/api/v1/forums") # the client goes on here, over connections of its own
    exit!(true)
  end
  Process.wait(child)
  # [end]
  puts $?.success?

  stopped = client.with
  # [cancel]
  button = Thread.new { stopped.cancel } # returns at once
  begin
    loop { stopped.get("/api/v1/suggestions") }
  rescue UserVoice::Cancelled
    puts "cancelled"
  end
  button.join
  # [end]
end
