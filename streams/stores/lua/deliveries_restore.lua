-- Gives outstanding notifications the end that the topic of deliveries shows.
-- KEYS[1] prefix; ARGV: keep in seconds, then id, state ('' where the topic does not show it), receipt, error, attempts
-- and time of the end by turns. What the topic does not show may have been sent all the same: the sink is to be asked.
-- Answers how many were given an end.
local prefix, keep, ended = KEYS[1], ARGV[1], 0
for index = 2, #ARGV, 6 do
  local id, state = ARGV[index], ARGV[index + 1]
  local key = prefix .. 'notification:' .. id
  if redis.call('HGET', key, 'state') == 'pending' then
    if state == '' then
      redis.call('HSET', key, 'uncertain', '1')
    else
      outbox_unschedule(prefix, id, redis.call('HGET', key, 'receiver'))
      redis.call('HDEL', key, 'due')
      redis.call('HSET', key, 'state', state, 'attempt', ARGV[index + 4])
      if state == 'dead' then
        redis.call('HSET', key, 'error', ARGV[index + 3])
        redis.call('ZADD', prefix .. 'outbox:dead', ARGV[index + 5], id)
      else
        redis.call('HSET', key, 'receipt', ARGV[index + 2], 'sent_at', ARGV[index + 5])
        redis.call('HINCRBY', prefix .. 'outbox:counts', state, 1)
      end
      if ARGV[index + 4] ~= '0' then
        local dead = state == 'dead'
        local ended, detail = dead and 'given_up' or 'sent', dead and ARGV[index + 3] or ARGV[index + 2]
        outbox_tell(key, ARGV[index + 4], ARGV[index + 5], ended, detail)
      end
      redis.call('EXPIRE', key, keep)
      ended = ended + 1
    end
  end
end
return ended
