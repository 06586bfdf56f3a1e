-- KEYS[1] prefix. Answers undelivered, leased, sent, dead.
local prefix, undelivered = KEYS[1], 0
for _, receiver in ipairs(redis.call('SMEMBERS', prefix .. 'outbox:receivers')) do
  undelivered = undelivered + redis.call('ZCARD', prefix .. 'outbox:due:' .. receiver)
end
return {undelivered, tonumber(redis.call('HGET', prefix .. 'outbox:counts', 'leased') or '0'),
  tonumber(redis.call('HGET', prefix .. 'outbox:counts', 'sent') or '0'), redis.call('ZCARD', prefix .. 'outbox:dead')}
