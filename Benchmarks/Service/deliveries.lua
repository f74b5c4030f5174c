-- wrk's side of `make bench`: sends the deliveries in order, each with its own event id and signature. Arguments: the
-- request with NUMBER and SIGNATURE in their places, a file with the signature of each number from 0, and the first number.
local before, between, after, signatures, number

function init(arguments)
    local file = assert(io.open(arguments[1], "rb"))
    before, between, after = file:read("*a"):match("^(.*)SIGNATURE(.*)NUMBER(.*)$")
    file:close()
    signatures = {}
    for line in io.lines(arguments[2]) do signatures[#signatures + 1] = line end
    number = tonumber(arguments[3])
end

function request()
    local current = number
    number = (number + 1) % #signatures
    return before .. signatures[current + 1] .. between .. string.format("%012d", current) .. after
end

function done(summary, latency)
    local failed = summary.errors
    local errors = failed.connect + failed.read + failed.write + failed.status + failed.timeout
    print(string.format("RESULT %d %d %d %d", summary.requests, summary.duration, latency:percentile(99), errors))
end
