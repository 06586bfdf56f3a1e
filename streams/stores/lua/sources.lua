-- What is shared by the scripts of what ingest remembers besides articles (seen.lua). Keys, under the prefix:
--   source:<name>            state of the source in JSON (see stores/sources.py)
--   source:<name>:lease      the worker that polls it now
--   pages                    hash of '<source> <id>' to an entry that is not published yet, in JSON
--   host:<host>              sorted set of the host's '<source> <id>' by when they are due, news SOURCES_AHEAD sooner
--   host:<host>:lease        '<end> <worker>': one worker asks a host at a time
--   host:<host>:free         when the host may be asked again
--   host:<host>:delay        how many milliseconds its robots.txt asks for between two visits
--   host:<host>:delay:by     the origin whose robots.txt that is
--   host:<host>:wanted       until when the host is kept from entries, for a poll whose turn it is
--   host:<host>:polled       a poll had the last turn, of which the host gives few: the next one is an entry's
--   robots:<origin>          the robots.txt of a site
--   source:<name>:polls      list of '<time> <outcome> <entries> <new>', newest first
--   source:<name>:ends       list of '<outcome> <letters> <dated>' of its last articles, newest first
--   source:<name>:files      hash of the path of a file that was read to its fingerprint
--   source:<name>:paused     since when it is not polled
--   source:<name>:outcomes   hash of outcome to how many entries ended so; 'found' is how many there were, those that
--                            were looked at again included
--   hosts                    sorted set of hosts by when to look at them next, never later than something can be done
local SOURCES_AHEAD = 365 * 24 * 3600 * 1000
-- Longer than any archive waits: one of 10,000 pages takes 14 hours at a page in 5 s, and a year at one an hour.

local function sources_schedule(prefix, host, key, due, news)
  local place = string.format('%.0f', tonumber(due) - (news and SOURCES_AHEAD or 0))
  redis.call('ZADD', prefix .. 'host:' .. host, place, key)
  redis.call('ZADD', prefix .. 'hosts', 'LT', place, host)
end

-- What comes next in a host's line, and when it is due: news that is due before all archive. Nothing where none waits.
local function sources_next(prefix, host, now)
  local line, news_end = prefix .. 'host:' .. host, string.format('%.0f', now - SOURCES_AHEAD / 2)
  local news = redis.call('ZRANGEBYSCORE', line, '-inf', '(' .. news_end, 'WITHSCORES', 'LIMIT', 0, 1)
  local due = news[1] and tonumber(news[2]) + SOURCES_AHEAD
  if due and due <= now then
    return news[1], due
  end
  local archive = redis.call('ZRANGEBYSCORE', line, news_end, '+inf', 'WITHSCORES', 'LIMIT', 0, 1)
  if archive[1] and not (due and due < tonumber(archive[2])) then
    return archive[1], tonumber(archive[2])
  end
  return news[1], due
end

local function sources_lease(prefix, host)
  local lease = redis.call('GET', prefix .. 'host:' .. host .. ':lease')
  if not lease then
    return 0, ''
  end
  local ends, owner = string.match(lease, '^(%d+) (.*)$')
  return tonumber(ends), owner
end

-- Ends this worker's lease of a host, leaves it alone until `free`, and puts it back in its place among the hosts. Answers
-- until when it is left alone.
local function sources_leave_host(prefix, now, worker, host, free)
  local host_key = prefix .. 'host:' .. host
  local _, owner = sources_lease(prefix, host)
  if owner == worker then
    redis.call('DEL', host_key .. ':lease')
  end
  local delay = tonumber(redis.call('GET', host_key .. ':delay') or '0')
  free = math.max(free, now + delay, tonumber(redis.call('GET', host_key .. ':free') or '0'))
  if free > now then
    local span = string.format('%.0f', free - now)
    redis.call('SET', host_key .. ':free', string.format('%.0f', free), 'PX', span)
  end
  local first, due = sources_next(prefix, host, now)
  if first then
    redis.call('ZADD', prefix .. 'hosts', string.format('%.0f', math.max(free, due)), host)
  else
    redis.call('ZREM', prefix .. 'hosts', host)
  end
  return free
end
