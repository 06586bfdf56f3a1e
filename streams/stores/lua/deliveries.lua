-- Notes that a notification of an alert has ended, so that the topic of deliveries is told. Key, under the prefix:
--   outbox:unlogged  sorted set of the ids of ended notifications that the topic does not show yet, by when they ended
local function deliveries_note(prefix, id, now)
  if redis.call('HGET', prefix .. 'notification:' .. id, 'alert') ~= '' then
    redis.call('ZADD', prefix .. 'outbox:unlogged', now, id)
  end
end
