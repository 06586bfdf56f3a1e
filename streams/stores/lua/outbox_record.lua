-- KEYS[1] prefix; ARGV: id, attempt, now, outcome ('sent', 'pending' or 'dead'), detail, due, hold, uncertain, keep in
-- seconds, id and content of the revision of what was told first, addresses reached. `due`, `hold` and addresses matter for
-- 'pending' ('' is none), the revision for 'sent' ('' where the sink cannot edit). Answers 1, or 0 where another attempt has it by now.
local prefix, id, attempt, now, outcome, detail, keep = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5], ARGV[9]
local key = prefix .. 'notification:' .. id
local receiver = redis.call('HGET', key, 'receiver')
local state, is_revision = redis.call('HGET', key, 'state'), redis.call('HGET', key, 'revision') == '1'
local is_mine = state == 'leased' and redis.call('HGET', key, 'attempt') == attempt
-- The sink has it, whatever became of the claim: another attempt was put off, or Redis was lost and rebuilt meanwhile.
local is_sent_anyway = state == 'pending' and outcome == 'sent' and not is_revision
if not (is_mine or is_sent_anyway) then
  return 0
end

-- First, because a Redis that is full refuses only a script's first write, and only if that needs room: what was sent is
-- recorded all the same.
redis.call('ZREM', prefix .. 'outbox:due:' .. receiver, id)
if is_mine then
  redis.call('HINCRBY', prefix .. 'outbox:counts', 'leased', -1)
else
  redis.call('HSET', key, 'attempt', math.max(tonumber(attempt), tonumber(redis.call('HGET', key, 'attempt'))))
end

if is_revision and outcome ~= 'pending' and redis.call('HGET', key, 'again') == '1' then
  redis.call('HDEL', key, 'again')
  redis.call('HSET', key, 'state', 'pending', 'tries', '0', 'since', now, 'due', now)
  outbox_schedule(prefix, id, receiver, now, true)
  return 1
end
redis.call('HSET', key, 'state', outcome)
if not is_revision then
  local ended = {sent = 'sent', dead = 'given_up', pending = ARGV[8] == '1' and 'uncertain' or 'deferred'}
  outbox_tell(key, attempt, now, ended[outcome], detail)
end
if outcome == 'pending' then
  redis.call('HSET', key, 'due', ARGV[6], 'error', detail, 'uncertain', ARGV[8])
  if ARGV[12] ~= '' then
    redis.call('HSET', key, 'reached', ARGV[12])
  end
  outbox_schedule(prefix, id, receiver, ARGV[6], false)
  if not is_revision and outbox_is_critical(redis.call('HGET', key, 'content')) then
    redis.call('ZADD', prefix .. 'outbox:urgent:' .. receiver, ARGV[6], id)
  end
  if ARGV[7] ~= '' then
    local span = math.max(1, tonumber(ARGV[7]) - tonumber(now))
    redis.call('SET', prefix .. 'outbox:hold:' .. receiver, ARGV[7], 'PX', string.format('%.0f', span))
  end
  return 1
end

outbox_unschedule(prefix, id, receiver)
redis.call('HDEL', key, 'due')
redis.call('EXPIRE', key, keep)
local is_summary = redis.call('EXISTS', prefix .. 'outbox:held:' .. id) == 1
if is_summary then
  outbox_keep_held(prefix, id, keep)
end
if outcome == 'sent' then
  redis.call('HSET', key, 'sent_at', now, 'receipt', detail)
  if is_revision then
    return 1
  end
  redis.call('HINCRBY', prefix .. 'outbox:counts', 'sent', 1)
  deliveries_note(prefix, id, now)
  if is_summary then
    local held = redis.call('ZRANGE', prefix .. 'outbox:held:' .. id, 0, -1)
    for _, each in ipairs(held) do
      redis.call('HSET', prefix .. 'notification:' .. each, 'state', 'summarised', 'sent_at', now, 'receipt', detail)
      deliveries_note(prefix, each, now)
    end
    redis.call('HINCRBY', prefix .. 'outbox:counts', 'summarised', #held)
    redis.call('SREM', prefix .. 'outbox:summaries', id)
  end
  local first = redis.call('HGET', key, 'first') or ''
  if ARGV[10] ~= '' and first == '' then
    redis.call('HSET', key, 'edited_by', ARGV[10], 'edit', ARGV[11])
    if redis.call('HGET', key, 'stale') == '1' then
      redis.call('HDEL', key, 'stale')
      outbox_revise(prefix, now, id, now)
    end
  elseif ARGV[10] ~= '' then
    -- One that an earlier release sent, or that was rebuilt, does not say by what it is edited.
    local told = prefix .. 'notification:' .. first
    if redis.call('HGET', told, 'alert') == redis.call('HGET', key, 'alert') then
      redis.call('HSETNX', told, 'edited_by', ARGV[10])
      redis.call('HSETNX', told, 'edit', ARGV[11])
    end
    outbox_revise(prefix, now, first, now)
  end
  return 1
end
redis.call('HSET', key, 'error', detail, 'uncertain', ARGV[8])
if is_revision then
  -- What cannot be edited is let go, until a development asks again.
  redis.call('HDEL', prefix .. 'notification:' .. redis.call('HGET', key, 'first'), 'edited_by', 'edit')
else
  deliveries_note(prefix, id, now)
  redis.call('ZADD', prefix .. 'outbox:dead', now, id)
  local oldest = string.format('%.0f', tonumber(now) - 1000 * tonumber(keep))
  redis.call('ZREMRANGEBYSCORE', prefix .. 'outbox:dead', '-inf', '(' .. oldest)
end
return 1
