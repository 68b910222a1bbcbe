-- One request, over and over, after a pause where one is wanted; what came of it as a line of JSON.
local file = io.open(os.getenv("BODY"), "rb")
wrk.method = "POST"
wrk.body = file:read("*a")
file:close()
for name, value in os.getenv("HEADERS"):gmatch("([^\n:]+): ([^\n]+)") do wrk.headers[name] = value end

local pause_ms = tonumber(os.getenv("PAUSE_MS"))
if pause_ms > 0 then
  function delay() return pause_ms end
end

function done(summary, latency, requests)
  local errors = summary.errors
  print(string.format('{"requests":%d,"seconds":%.6f,"errors":%d,"refused":%d,"p50_us":%d,"p99_us":%d}',
    summary.requests, summary.duration / 1e6,
    errors.connect + errors.read + errors.write + errors.timeout, errors.status,
    latency:percentile(50), latency:percentile(99)))
end
