-- For wrk(1): spreads its threads over the ports in BENCH_PORTS, and prints what it counted as JSON.
local ports = {}
for port in os.getenv("BENCH_PORTS"):gmatch("%d+") do
  ports[#ports + 1] = port
end

local threads = 0

function setup(thread)
  thread.addr = wrk.lookup(wrk.host, ports[threads % #ports + 1])[1]
  threads = threads + 1
end

function done(summary)
  local errors = summary.errors
  print(string.format(
    '{"requests":%d,"seconds":%f,"connect":%d,"read":%d,"write":%d,"status":%d,"timeout":%d}',
    summary.requests, summary.duration / 1e6,
    errors.connect, errors.read, errors.write, errors.status, errors.timeout
  ))
end
