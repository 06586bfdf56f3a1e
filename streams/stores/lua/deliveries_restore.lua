-- Gives outstanding notifications the end that the topic of deliveries shows.
-- KEYS[1] prefix; ARGV: keep in seconds, then id, state ('' where the topic does not show it), receipt, error, attempts
-- and time of the end by turns. What the topic does not show may have been sent all the same: the sink is to be asked.
-- In a backup that was restored they may be leased, or held for a summary, which has ended if all that it holds has.
-- Answers how many were given an end.
local prefix, keep, ended = KEYS[1], ARGV[1], 0

local function end_summary(summary, receiver, receipt, at)
  for _, id in ipairs(redis.call('ZRANGE', prefix .. 'outbox:held:' .. summary, 0, -1)) do
    if redis.call('HGET', prefix .. 'notification:' .. id, 'state') == 'held' then
      return
    end
  end
  local key, storm_key = prefix .. 'notification:' .. summary, prefix .. 'outbox:storm:' .. receiver
  redis.call('SREM', prefix .. 'outbox:summaries', summary)
  outbox_unschedule(prefix, summary, receiver)
  redis.call('HDEL', key, 'due')
  redis.call('HSET', key, 'state', 'sent', 'receipt', receipt, 'sent_at', at)
  redis.call('EXPIRE', key, keep)
  for _, by in ipairs({'storm', 'quiet_hours', 'digest'}) do
    if redis.call('HGET', storm_key, 'summary:' .. by) == summary then
      redis.call('HDEL', storm_key, 'summary:' .. by)
    end
  end
end

for index = 2, #ARGV, 6 do
  local id, state, receipt, error, attempts, at = unpack(ARGV, index, index + 5)
  local key = prefix .. 'notification:' .. id
  local was, receiver, summary = unpack(redis.call('HMGET', key, 'state', 'receiver', 'summary'))
  if state == '' then
    if was == 'pending' then
      redis.call('HSET', key, 'uncertain', '1')
    end
  elseif was == 'pending' or was == 'leased' or was == 'held' then
    outbox_unschedule(prefix, id, receiver)
    redis.call('HDEL', key, 'due')
    redis.call('HSET', key, 'state', state, 'attempt', attempts)
    if was == 'leased' then
      redis.call('HINCRBY', prefix .. 'outbox:counts', 'leased', -1)
    end
    if state == 'dead' then
      redis.call('HSET', key, 'error', error)
      redis.call('ZADD', prefix .. 'outbox:dead', at, id)
    else
      redis.call('HSET', key, 'receipt', receipt, 'sent_at', at)
      redis.call('HINCRBY', prefix .. 'outbox:counts', state, 1)
    end
    if attempts ~= '0' then
      local dead = state == 'dead'
      outbox_tell(key, attempts, at, dead and 'given_up' or 'sent', dead and error or receipt)
    end
    redis.call('EXPIRE', key, keep)
    if was == 'held' and summary then
      end_summary(summary, receiver, receipt, at)
    end
    ended = ended + 1
  end
end
return ended
