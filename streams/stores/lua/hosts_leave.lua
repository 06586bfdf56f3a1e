-- Ends a visit that was no entry's. KEYS[1] prefix; ARGV: now, worker, host, when the host may be asked again. A host that is
-- left alone for LONG gives few turns: feeds that are busy would have them all, and none of their pages would be read.
local LONG, PATIENCE = 60000, 30000
local prefix, now, host = KEYS[1], tonumber(ARGV[1]), ARGV[3]
local pause = sources_leave_host(prefix, now, ARGV[2], host, tonumber(ARGV[4])) - now
if pause >= LONG then
  redis.call('SET', prefix .. 'host:' .. host .. ':polled', '1', 'PX', string.format('%.0f', pause + PATIENCE))
end
return 1
