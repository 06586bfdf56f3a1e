-- KEYS[1] prefix; ARGV: now, keep in seconds, then ids of given-up notifications. They are due at once, with their age
-- begun anew. Answers how many were put back.
local prefix, now, keep, count = KEYS[1], ARGV[1], ARGV[2], 0
for index = 3, #ARGV do
  local id = ARGV[index]
  local key = prefix .. 'notification:' .. id
  if redis.call('HGET', key, 'state') == 'dead' then
    redis.call('HSET', key, 'state', 'pending', 'tries', '0', 'since', now, 'due', now)
    redis.call('HDEL', key, 'ruled')
    redis.call('PERSIST', key)
    if redis.call('EXISTS', prefix .. 'outbox:held:' .. id) == 1 then
      outbox_keep_held(prefix, id, keep)
    end
    local receiver, content = unpack(redis.call('HMGET', key, 'receiver', 'content'))
    outbox_schedule(prefix, id, receiver, outbox_score(now, content), true)
    count = count + 1
  end
  redis.call('ZREM', prefix .. 'outbox:dead', id)
end
return count
