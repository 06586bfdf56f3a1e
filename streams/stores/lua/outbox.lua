-- What is shared by the scripts that write the outbox. Keys, under the prefix:
--   notification:<id>       hash: receiver, alert, content, state, attempt (fencing token, only grows), tries (since
--                           it was added or sent again), since (the first of these tries), added_at, uncertain, due,
--                           error, receipt, sent_at, first (id of the notification that told of this alert first; ''
--                           where it is that one), ruled ('1' once the storm limit has let it pass), summary (id of the
--                           summary that tells it), revision ('1' for the edits of a first message), again ('1' where
--                           such an edit is out of date already), edited_by and edit (id and content of its edits, for
--                           a first message that can be edited), stale ('1' where it is to be edited as soon as it is
--                           sent), tried_at (when it may have been sent first), history (a line of JSON for each attempt
--                           that ended: attempt, at, ended, detail; the latest HISTORY of them), reached (those of
--                           several addresses which have it)
--   outbox:due:<receiver>   sorted set of what is not delivered: score is when it is due, or when its lease ends
--   outbox:urgent:<receiver>  those of them that are critical and were put off, by when they are due
--   outbox:receivers        names that have such a set
--   outbox:dead             sorted set of given-up notifications by time
--   outbox:counts           hash: leased (now), sent (ever), summarised (ever)
--   outbox:hold:<receiver>  nothing is sent to it before this time (Retry-After, or its circuit is open)
--   outbox:pace:<name>      the pacing's theoretical arrival time; the name is the receiver's, or its channel's
--   outbox:wake             list: one element for each thing that became due at once; workers block on it
--   outbox:circuit:<receiver>, outbox:circuits, outbox:storm:<receiver>, outbox:arrivals:<receiver>,
--   outbox:held:<summary>, outbox:summaries: see circuit_move.lua and storm_rule.lua
local WAKE_LIMIT = 64
local HISTORY = 50

-- How an attempt ended, for those who ask what became of a notification.
local function outbox_tell(key, attempt, at, ended, detail)
  local line = cjson.encode({attempt = tonumber(attempt), at = tonumber(at), ended = ended, detail = detail})
  local told = (redis.call('HGET', key, 'history') or '') .. line .. '\n'
  local _, lines = string.gsub(told, '\n', '')
  if lines > HISTORY then
    told = string.sub(told, string.find(told, '\n', 1, true) + 1)
  end
  redis.call('HSET', key, 'history', told)
end

local function outbox_schedule(prefix, id, receiver, due, wake)
  redis.call('ZADD', prefix .. 'outbox:due:' .. receiver, due, id)
  redis.call('SADD', prefix .. 'outbox:receivers', receiver)
  if wake then
    redis.call('LPUSH', prefix .. 'outbox:wake', receiver)
    redis.call('LTRIM', prefix .. 'outbox:wake', 0, WAKE_LIMIT - 1)
  end
end

local function outbox_unschedule(prefix, id, receiver)
  redis.call('ZREM', prefix .. 'outbox:due:' .. receiver, id)
  if redis.call('EXISTS', prefix .. 'outbox:due:' .. receiver) == 0 then
    redis.call('SREM', prefix .. 'outbox:receivers', receiver)
  end
end

-- What one script adds for one instant stays in its order: each score lies a little further before that instant's end.
-- What is critical goes before all that waits already. (A quoted text cannot say so: its quotation marks are escaped.)
local STEPS, AHEAD = 999, 24 * 3600 * 1000
local outbox_added = 0

local function outbox_is_critical(content)
  return string.find(content, '"severity":"critical"', 1, true) ~= nil
end

local function outbox_score(due, content)
  outbox_added = outbox_added + 1
  local ahead = outbox_is_critical(content) and AHEAD or 0
  return string.format('%.3f', tonumber(due) - math.max(0, STEPS - outbox_added) / 1000 - ahead)
end

-- What is critical and was put off until `due`, or before it, goes before all that waits now.
local function outbox_urge(prefix, receiver, now, due)
  local urgent = prefix .. 'outbox:urgent:' .. receiver
  for _, id in ipairs(redis.call('ZRANGEBYSCORE', urgent, '-inf', due)) do
    redis.call('ZREM', urgent, id)
    local key = prefix .. 'notification:' .. id
    local state, content = unpack(redis.call('HMGET', key, 'state', 'content'))
    if state == 'pending' and content then
      redis.call('HSET', key, 'due', now)
      redis.call('ZADD', prefix .. 'outbox:due:' .. receiver, outbox_score(now, content), id)
    end
  end
end

local function outbox_add(prefix, now, id, receiver, alert, content, first, due)
  local key = prefix .. 'notification:' .. id
  if redis.call('EXISTS', key) == 1 then
    return 0
  end
  redis.call('HSET', key, 'receiver', receiver, 'alert', alert, 'content', content, 'state', 'pending',
    'attempt', '0', 'tries', '0', 'since', now, 'added_at', now, 'due', due or now, 'uncertain', '0', 'first', first or '')
  outbox_schedule(prefix, id, receiver, outbox_score(due or now, content), not due)
  return 1
end

-- The message that told of an alert first is to be edited at `due`, where its sink can; an edit that is being made
-- meanwhile is made again. What a summary told first has no `edited_by`: it tells of others as well.
local function outbox_revise(prefix, now, first, due)
  local told = redis.call('HMGET', prefix .. 'notification:' .. first, 'state', 'edited_by', 'edit', 'receiver', 'alert',
    'first')
  if told[1] and told[1] ~= 'sent' and told[6] == '' then
    redis.call('HSET', prefix .. 'notification:' .. first, 'stale', '1')
  end
  if told[1] ~= 'sent' or not told[2] then
    return
  end
  local key = prefix .. 'notification:' .. told[2]
  local state, tries, before = unpack(redis.call('HMGET', key, 'state', 'tries', 'due'))
  if state == 'leased' then
    redis.call('HSET', key, 'again', '1')
  elseif state == 'pending' and tries == '0' and tonumber(due) < tonumber(before) then
    redis.call('HSET', key, 'due', due)
    outbox_schedule(prefix, told[2], told[4], due, true)
  elseif state ~= 'pending' then
    redis.call('HSETNX', key, 'attempt', '0')
    redis.call('HSET', key, 'receiver', told[4], 'alert', told[5], 'content', told[3], 'state', 'pending', 'tries', '0',
      'since', now, 'due', due, 'uncertain', '0', 'first', first, 'ruled', '1', 'revision', '1')
    redis.call('HDEL', key, 'error')
    redis.call('PERSIST', key)
    outbox_schedule(prefix, told[2], told[4], due, true)
  end
end

-- What a summary holds lives at least as long as the summary does.
local function outbox_keep_held(prefix, summary, keep)
  local held = prefix .. 'outbox:held:' .. summary
  for _, id in ipairs(redis.call('ZRANGE', held, 0, -1)) do
    redis.call('EXPIRE', prefix .. 'notification:' .. id, keep)
  end
  redis.call('EXPIRE', held, keep)
end
