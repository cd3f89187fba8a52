# The contestant protocol (contestant.h) for Ruby.

def peak_kib
  File.foreach("/proc/self/status").grep(/^VmHWM:/).first.split[1]
end

def contest
  while (line = $stdin.gets)
    cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID)
    start = Process.clock_gettime(Process::CLOCK_MONOTONIC)
    line.to_i.times { yield }
    elapsed = Process.clock_gettime(Process::CLOCK_MONOTONIC) - start
    cpu = Process.clock_gettime(Process::CLOCK_PROCESS_CPUTIME_ID) - cpu
    puts format("%.9f %.6f %s", elapsed, cpu, peak_kib)
    $stdout.flush
  end
end
