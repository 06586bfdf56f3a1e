-- Moves a receiver's circuit, and adds the notice that tells of it.
-- KEYS[1] prefix; ARGV: receiver, version read, now, failures, opened_at ('' for closed), until, probes, error, then the
-- notice's id ('' for none), receiver and content.
-- Keys: outbox:circuit:<receiver> hash {failures, opened_at and until where it is open, probes, error, version}, none
--   where nothing has failed since the last success; outbox:circuits names of those that are open
-- Answers 1, or 0 where another worker has moved it.
local prefix, receiver, version, now = KEYS[1], ARGV[1], ARGV[2], ARGV[3]
local key, hold = prefix .. 'outbox:circuit:' .. receiver, prefix .. 'outbox:hold:' .. receiver
if (redis.call('HGET', key, 'version') or '0') ~= version then
  return 0
end
local was_open = redis.call('HEXISTS', key, 'opened_at') == 1
if ARGV[4] == '0' then
  redis.call('DEL', key)
  redis.call('SREM', prefix .. 'outbox:circuits', receiver)
  if was_open then
    redis.call('DEL', hold)
    outbox_urge(prefix, receiver, now, '+inf')
    redis.call('LPUSH', prefix .. 'outbox:wake', receiver)
  end
else
  redis.call('HSET', key, 'failures', ARGV[4], 'probes', ARGV[7], 'error', ARGV[8])
  redis.call('HINCRBY', key, 'version', 1)
  if ARGV[5] ~= '' then
    redis.call('HSET', key, 'opened_at', ARGV[5], 'until', ARGV[6])
    redis.call('SADD', prefix .. 'outbox:circuits', receiver)
    local span = math.max(1, tonumber(ARGV[6]) - tonumber(now))
    redis.call('SET', hold, ARGV[6], 'PX', string.format('%.0f', span))
  end
end
if ARGV[9] ~= '' then
  outbox_add(prefix, now, ARGV[9], ARGV[10], '', ARGV[11])
end
return 1
