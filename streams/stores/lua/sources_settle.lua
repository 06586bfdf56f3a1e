-- An entry has ended or is put off. KEYS[1] prefix; ARGV: now, worker, source, id, the host that was leased, when it may
-- be asked again, when the entry is due again ('' has ended), the entry as it is now or its outcome, the host it waits for;
-- where it has ended, its line among the last ends, and how many of those are kept.
local prefix, now, worker, source, id, host = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local free, due, key, next_host = tonumber(ARGV[6]), ARGV[7], ARGV[3] .. ' ' .. ARGV[4], ARGV[9]
local host_key = prefix .. 'host:' .. host
if due == '' then
  local was_pending = redis.call('HDEL', prefix .. 'pages', key)
  redis.call('ZREM', host_key, key)
  redis.call('ZADD', prefix .. 'source:' .. source .. ':seen', ARGV[1], id)
  if was_pending == 1 then
    redis.call('HINCRBY', prefix .. 'source:' .. source .. ':outcomes', ARGV[8], 1)
    redis.call('LPUSH', prefix .. 'source:' .. source .. ':ends', ARGV[10])
    redis.call('LTRIM', prefix .. 'source:' .. source .. ':ends', 0, ARGV[11] - 1)
    if ARGV[8] ~= 'published' then
      redis.call('HSET', prefix .. 'source:' .. source .. ':ended', id, ARGV[8])
    end
  end
elseif redis.call('HEXISTS', prefix .. 'pages', key) == 1 then
  redis.call('HSET', prefix .. 'pages', key, ARGV[8])
  if next_host ~= host then
    redis.call('ZREM', host_key, key)
  end
  sources_schedule(prefix, next_host, key, due)
end
sources_leave_host(prefix, now, worker, host, free)
return 1
