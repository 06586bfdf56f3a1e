-- What is shared by the scripts of what ingest remembers. Keys, under the prefix:
--   source:<name>            state of the source in JSON (see stores/sources.py)
--   source:<name>:seen       sorted set of article ids by the time they were last in the feed
--   source:<name>:lease      the worker that polls it now
--   pages                    hash of '<source> <id>' to an entry that is not published yet, in JSON
--   host:<host>              sorted set of the host's '<source> <id>' by when they are due
--   host:<host>:lease        '<end> <worker>': one worker asks a host at a time
--   host:<host>:free         when the host may be asked again
--   hosts                    sorted set of hosts by when to look at them next, never later than something can be done
local function sources_schedule(prefix, host, key, due)
  redis.call('ZADD', prefix .. 'host:' .. host, due, key)
  redis.call('ZADD', prefix .. 'hosts', 'LT', due, host)
end

local function sources_lease(prefix, host)
  local lease = redis.call('GET', prefix .. 'host:' .. host .. ':lease')
  if not lease then
    return 0, ''
  end
  local ends, owner = string.match(lease, '^(%d+) (.*)$')
  return tonumber(ends), owner
end
