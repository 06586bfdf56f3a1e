-- KEYS[1] prefix; ARGV: now, then ids of given-up notifications. They are due at once, with their age begun anew.
-- Answers how many were put back.
local prefix, now, count = KEYS[1], ARGV[1], 0
for index = 2, #ARGV do
  local id = ARGV[index]
  local key = prefix .. 'notification:' .. id
  if redis.call('HGET', key, 'state') == 'dead' then
    redis.call('HSET', key, 'state', 'pending', 'tries', '0', 'since', now, 'due', now)
    redis.call('PERSIST', key)
    outbox_schedule(prefix, id, redis.call('HGET', key, 'receiver'), now, true)
    count = count + 1
  end
  redis.call('ZREM', prefix .. 'outbox:dead', id)
end
return count
