-- KEYS[1] prefix; ARGV: id, attempt, now, outcome ('sent', 'pending' or 'dead'), detail, due, hold, uncertain, keep in
-- seconds. `due` and `hold` matter for 'pending' ('' is no hold). Answers 1, or 0 where another attempt has it by now.
local prefix, id, attempt, now, outcome, detail = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local key = prefix .. 'notification:' .. id
local receiver = redis.call('HGET', key, 'receiver')
if not receiver or redis.call('HGET', key, 'state') ~= 'leased' or redis.call('HGET', key, 'attempt') ~= attempt then
  return 0
end

redis.call('HINCRBY', prefix .. 'outbox:counts', 'leased', -1)
redis.call('HSET', key, 'state', outcome)
if outcome == 'pending' then
  redis.call('HSET', key, 'due', ARGV[6], 'error', detail, 'uncertain', ARGV[8])
  outbox_schedule(prefix, id, receiver, ARGV[6], false)
  if ARGV[7] ~= '' then
    local span = math.max(1, tonumber(ARGV[7]) - tonumber(now))
    redis.call('SET', prefix .. 'outbox:hold:' .. receiver, ARGV[7], 'PX', string.format('%.0f', span))
  end
  return 1
end

outbox_unschedule(prefix, id, receiver)
redis.call('HDEL', key, 'due')
redis.call('EXPIRE', key, ARGV[9])
if outcome == 'sent' then
  redis.call('HINCRBY', prefix .. 'outbox:counts', 'sent', 1)
  redis.call('HSET', key, 'sent_at', now, 'receipt', detail)
else
  redis.call('HSET', key, 'error', detail, 'uncertain', ARGV[8])
  redis.call('ZADD', prefix .. 'outbox:dead', now, id)
  local oldest = string.format('%.0f', tonumber(now) - 1000 * tonumber(ARGV[9]))
  redis.call('ZREMRANGEBYSCORE', prefix .. 'outbox:dead', '-inf', '(' .. oldest)
end
return 1
