-- Ends the lease on a source if it is still this worker's. KEYS[1] prefix; ARGV: source, worker.
local key = KEYS[1] .. 'source:' .. ARGV[1] .. ':lease'
return redis.call('GET', key) == ARGV[2] and redis.call('DEL', key) or 0
