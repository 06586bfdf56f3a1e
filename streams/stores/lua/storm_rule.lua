-- Writes what was ruled on notifications that the storm limit had not been asked about.
-- KEYS[1] prefix; ARGV: receiver, now, version read, limit, window in ms, keep in seconds, summary's id, summary's
-- content, when the summary is due, why it is held, then id and 'pass' or 'hold' by turns. The summary is used where
-- none of its kind is open.
-- Keys: outbox:storm:<receiver> hash {version, summary:<why>: id of the one that is being filled}
--   outbox:arrivals:<receiver> sorted set of the latest notifications by when they were ruled on, at most `limit`
--   outbox:held:<summary> sorted set of what it holds, in order; outbox:summaries those that are not delivered
-- Answers how many are held now, or -1 where another worker has ruled since `version` was read.
local prefix, receiver, now, version, limit, window, keep = KEYS[1], unpack(ARGV, 1, 6)
local storm_key = prefix .. 'outbox:storm:' .. receiver
if (redis.call('HGET', storm_key, 'version') or '0') ~= version then
  return -1
end
redis.call('HINCRBY', storm_key, 'version', 1)

local function open_summary()
  for _, id in ipairs(redis.call('SMEMBERS', prefix .. 'outbox:summaries')) do
    if redis.call('EXISTS', prefix .. 'outbox:held:' .. id) == 0 then
      redis.call('SREM', prefix .. 'outbox:summaries', id)  -- given up and forgotten
    end
  end
  redis.call('HSET', storm_key, 'summary:' .. ARGV[10], ARGV[7])
  redis.call('SADD', prefix .. 'outbox:summaries', ARGV[7])
  outbox_add(prefix, now, ARGV[7], receiver, '', ARGV[8], '', ARGV[9])
  return ARGV[7]
end

local arrivals, held = prefix .. 'outbox:arrivals:' .. receiver, 0
for index = 11, #ARGV, 2 do
  local id, ruling = ARGV[index], ARGV[index + 1]
  local key = prefix .. 'notification:' .. id
  local state = redis.call('HMGET', key, 'state', 'tries', 'ruled')
  if state[1] == 'pending' and state[2] == '0' and state[3] ~= '1' then
    redis.call('ZADD', arrivals, now, id)
    if ruling == 'pass' then
      redis.call('HSET', key, 'ruled', '1')
    else
      local summary = redis.call('HGET', storm_key, 'summary:' .. ARGV[10]) or open_summary()
      local list = prefix .. 'outbox:held:' .. summary
      redis.call('ZADD', list, redis.call('ZCARD', list), id)
      redis.call('EXPIRE', list, keep)
      redis.call('HSET', key, 'state', 'held', 'summary', summary)
      redis.call('HDEL', key, 'due')
      redis.call('EXPIRE', key, keep)
      outbox_unschedule(prefix, id, receiver)
      held = held + 1
    end
  end
end
redis.call('ZREMRANGEBYRANK', arrivals, 0, -(tonumber(limit) + 1))
redis.call('PEXPIRE', arrivals, window)
return held
