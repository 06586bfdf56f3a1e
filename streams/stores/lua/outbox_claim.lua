-- KEYS[1] prefix; ARGV: receiver, now, end of the lease, pace's interval in ms, pace's burst.
-- Answers {'claimed', id, fields of the entry, receipt of the alert's first telling or ''} or {'wait', until}; until is
-- '' where nothing is on its way.
local prefix, receiver, now, lease_end = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local due_key = prefix .. 'outbox:due:' .. receiver

local first = redis.call('ZRANGE', due_key, 0, 0, 'WITHSCORES')
-- An entry whose content somebody deleted cannot be sent; it must not be in the way of the others.
while first[1] and redis.call('EXISTS', prefix .. 'notification:' .. first[1]) == 0 do
  redis.call('ZREM', due_key, first[1])
  first = redis.call('ZRANGE', due_key, 0, 0, 'WITHSCORES')
end
if not first[1] then
  return {'wait', ''}
end
if tonumber(first[2]) > tonumber(now) then
  return {'wait', first[2]}
end
local hold = redis.call('GET', prefix .. 'outbox:hold:' .. receiver)
if hold and tonumber(hold) > tonumber(now) then
  return {'wait', hold}
end

-- Pacing is a leaky bucket kept as one instant (the generic cell rate algorithm): `burst` at once, then one an interval.
local interval, burst = tonumber(ARGV[4]), tonumber(ARGV[5])
if interval > 0 then
  local pace_key = prefix .. 'outbox:pace:' .. receiver
  local arrival = math.max(tonumber(redis.call('GET', pace_key) or '0'), tonumber(now))
  local allowed = arrival - (burst - 1) * interval
  if allowed > tonumber(now) then
    return {'wait', string.format('%.0f', allowed)}
  end
  redis.call('SET', pace_key, string.format('%.0f', arrival + interval), 'PX', string.format('%.0f', (burst + 1) * interval))
end

local id = first[1]
local key = prefix .. 'notification:' .. id
if redis.call('HGET', key, 'state') == 'leased' then
  redis.call('HSET', key, 'uncertain', '1')  -- whoever had it may have sent it
else
  redis.call('HINCRBY', prefix .. 'outbox:counts', 'leased', 1)
end
redis.call('HINCRBY', key, 'attempt', 1)
redis.call('HINCRBY', key, 'tries', 1)
redis.call('HSET', key, 'state', 'leased', 'due', lease_end)
redis.call('ZADD', due_key, lease_end, id)
local told = redis.call('HGET', key, 'first')
local receipt = told and told ~= '' and redis.call('HGET', prefix .. 'notification:' .. told, 'receipt')
return {'claimed', id, redis.call('HGETALL', key), receipt or ''}
