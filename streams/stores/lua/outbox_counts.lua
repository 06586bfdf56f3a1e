-- KEYS[1] prefix. Answers undelivered, leased, sent, dead, held, summarised.
local prefix, undelivered, held = KEYS[1], 0, 0
for _, receiver in ipairs(redis.call('SMEMBERS', prefix .. 'outbox:receivers')) do
  undelivered = undelivered + redis.call('ZCARD', prefix .. 'outbox:due:' .. receiver)
end
for _, summary in ipairs(redis.call('SMEMBERS', prefix .. 'outbox:summaries')) do
  held = held + redis.call('ZCARD', prefix .. 'outbox:held:' .. summary)
end
local function counted(name)
  return tonumber(redis.call('HGET', prefix .. 'outbox:counts', name) or '0')
end
return {undelivered, counted('leased'), counted('sent'), redis.call('ZCARD', prefix .. 'outbox:dead'), held,
  counted('summarised')}
