-- KEYS[1] prefix; ARGV: receiver, now, end of the lease, pace's interval in ms, pace's burst, storm limit (0 for none),
-- '1' where the receiver has anything held, and the name under which its pace is counted.
-- Answers
--   {'claimed', id, fields of the entry, receipt of the alert's first telling or '', fields of the circuit}
--   {'wait', until, fields of the circuit}: until is '' where nothing is on its way
--   {'unruled', version, times of the latest arrivals, ids, contents and when they were added by turns}: see storm_rule.lua
local prefix, receiver, now, lease_end, limit = KEYS[1], ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[6])
local RULED_AT_ONCE = 64
local due_key = prefix .. 'outbox:due:' .. receiver
local hold_key = prefix .. 'outbox:hold:' .. receiver
local circuit = redis.call('HGETALL', prefix .. 'outbox:circuit:' .. receiver)

local function unruled(key)
  local state = redis.call('HMGET', key, 'alert', 'state', 'tries', 'ruled')
  return state[1] ~= '' and state[2] == 'pending' and state[3] == '0' and state[4] ~= '1'
end

-- Of a receiver that is away others find out whether it is back: what is critical may be what it cannot take.
if redis.call('HEXISTS', prefix .. 'outbox:circuit:' .. receiver, 'opened_at') == 0 then
  outbox_urge(prefix, receiver, now, now)
end
local first = redis.call('ZRANGE', due_key, 0, 0, 'WITHSCORES')
-- An entry whose content somebody deleted cannot be sent; it must not be in the way of the others.
while first[1] and redis.call('EXISTS', prefix .. 'notification:' .. first[1]) == 0 do
  redis.call('ZREM', due_key, first[1])
  first = redis.call('ZRANGE', due_key, 0, 0, 'WITHSCORES')
end
if not first[1] then
  return {'wait', '', circuit}
end
if tonumber(first[2]) > tonumber(now) then
  return {'wait', string.format('%.0f', math.ceil(tonumber(first[2]))), circuit}
end
local hold = redis.call('GET', hold_key)
if hold and tonumber(hold) > tonumber(now) then
  return {'wait', hold, circuit}
end

-- A development comes after the message that told of its alert first, into whose thread it goes: that is claimed in its
-- place where it is due, and where another worker is sending it, it is waited for as long as its lease. What is due
-- within PATIENCE is waited for too: the delays between attempts grow, so that this has an end.
local PATIENCE = 15000  -- ms
local function in_order(candidate)
  local told = redis.call('HGET', prefix .. 'notification:' .. candidate, 'first')
  if not told or told == '' then
    return candidate
  end
  local state, due = unpack(redis.call('HMGET', prefix .. 'notification:' .. told, 'state', 'due'))
  if state ~= 'leased' and state ~= 'pending' then
    return candidate
  end
  local wait = tonumber(due) - tonumber(now)
  if wait <= 0 then
    return told
  elseif state == 'leased' or wait <= PATIENCE then
    return nil, tonumber(due)
  end
  return candidate
end

local id, wait = in_order(first[1])
if not id then
  for _, candidate in ipairs(redis.call('ZRANGEBYSCORE', due_key, '-inf', now, 'LIMIT', 1, RULED_AT_ONCE)) do
    local due
    id, due = in_order(candidate)
    if id then
      break
    end
    wait = math.min(wait, due)
  end
end
if not id then
  return {'wait', string.format('%.0f', math.max(wait, tonumber(now) + 1)), circuit}
end
local key = prefix .. 'notification:' .. id
if ARGV[7] == '1' and unruled(key) then
  local fresh = {}
  for _, each in ipairs(redis.call('ZRANGEBYSCORE', due_key, '-inf', now, 'LIMIT', 0, RULED_AT_ONCE)) do
    local its = prefix .. 'notification:' .. each
    if unruled(its) then
      table.insert(fresh, each)
      table.insert(fresh, redis.call('HGET', its, 'content') or '')
      table.insert(fresh, redis.call('HGET', its, 'added_at') or now)
    end
  end
  local times = {}
  local arrivals = limit > 0 and redis.call('ZRANGE', prefix .. 'outbox:arrivals:' .. receiver, -limit, -1, 'WITHSCORES')
  for index, value in ipairs(arrivals or {}) do
    if index % 2 == 0 then
      table.insert(times, value)
    end
  end
  return {'unruled', redis.call('HGET', prefix .. 'outbox:storm:' .. receiver, 'version') or '0', times, fresh}
end

-- Pacing is a leaky bucket kept as one instant (the generic cell rate algorithm): `burst` at once, then one an interval.
-- Edits are no messages: sinks count them apart.
local interval, burst = tonumber(ARGV[4]), tonumber(ARGV[5])
if interval > 0 and redis.call('HGET', key, 'revision') ~= '1' then
  local pace_key = prefix .. 'outbox:pace:' .. ARGV[8]
  local arrival = math.max(tonumber(redis.call('GET', pace_key) or '0'), tonumber(now))
  local allowed = arrival - (burst - 1) * interval
  if allowed > tonumber(now) then
    return {'wait', string.format('%.0f', allowed), circuit}
  end
  redis.call('SET', pace_key, string.format('%.0f', arrival + interval), 'PX', string.format('%.0f', (burst + 1) * interval))
end

local its = redis.call('HMGET', key, 'state', 'attempt', 'due', 'since', 'revision')
if its[1] == 'leased' then
  redis.call('HSET', key, 'uncertain', '1')  -- whoever had it may have sent it
  if its[5] ~= '1' then
    outbox_tell(key, its[2], its[3], 'unknown', 'its worker ended without a record')
  end
else
  redis.call('HINCRBY', prefix .. 'outbox:counts', 'leased', 1)
end
-- What is uncertain without it was rebuilt, or tried by an earlier release.
redis.call('HSETNX', key, 'tried_at', redis.call('HGET', key, 'uncertain') == '1' and its[4] or now)
redis.call('HINCRBY', key, 'attempt', 1)
if redis.call('HINCRBY', key, 'tries', 1) == 1 then
  redis.call('HSET', key, 'since', now)
end
redis.call('HSET', key, 'state', 'leased', 'due', lease_end)
redis.call('ZADD', due_key, lease_end, id)
local storm_key = prefix .. 'outbox:storm:' .. receiver
for _, by in ipairs({'storm', 'quiet_hours', 'digest'}) do
  if redis.call('HGET', storm_key, 'summary:' .. by) == id then
    -- What is held from now on goes into the next summary: every attempt tells the same.
    redis.call('HDEL', storm_key, 'summary:' .. by)
  end
end
if redis.call('HGET', prefix .. 'outbox:circuit:' .. receiver, 'opened_at') then
  -- One attempt at a time finds out whether the receiver is back.
  local span = math.max(1, tonumber(lease_end) - tonumber(now))
  redis.call('SET', hold_key, lease_end, 'PX', string.format('%.0f', span))
end
local told = redis.call('HGET', key, 'first')
local receipt = ''
if told and told ~= '' then
  local summary = redis.call('HGET', prefix .. 'notification:' .. told, 'summary')
  if summary then
    -- The sink knows what was told first by the summary that told it.
    told = summary
    redis.call('HSET', key, 'first', told)
  end
  receipt = redis.call('HGET', prefix .. 'notification:' .. told, 'receipt') or ''
end
return {'claimed', id, redis.call('HGETALL', key), receipt, circuit}
