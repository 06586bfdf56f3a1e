-- An entry has ended or is put off. KEYS[1] prefix; ARGV: now, worker, source, id, the host that was leased, when it may
-- be asked again, when the entry is due again ('' has ended). Of one that is put off: the entry as it is now, the host
-- it waits for, and whether it is news (1 or 0). Of one that has ended: when it was found, days for which articles are remembered, its line among the last
-- ends ('' for none), how many of those are kept, and a Note's row (stores/seen.py).
local prefix, now, worker, source, id, host = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local free, due, key = tonumber(ARGV[6]), ARGV[7], ARGV[3] .. ' ' .. ARGV[4]
local host_key = prefix .. 'host:' .. host
if due == '' then
  redis.call('ZREM', host_key, key)
  -- Once: who settles it again changes nothing.
  if redis.call('HDEL', prefix .. 'pages', key) == 1 then
    local row = {unpack(ARGV, 12, 18)}
    local first, number = math.floor(tonumber(ARGV[8]) / 1000), seen_number(prefix, 'sources', source)
    local line, late = ARGV[10], seen_end(prefix, number, row, math.floor(now / 1000), first, tonumber(ARGV[9]))
    if line ~= '' and row[2] == 'duplicate' and not late then
      line = 'overtaken 0 0'
    end
    redis.call('HINCRBY', prefix .. 'source:' .. source .. ':outcomes', row[2], 1)
    if line ~= '' then
      redis.call('LPUSH', prefix .. 'source:' .. source .. ':ends', line)
      redis.call('LTRIM', prefix .. 'source:' .. source .. ':ends', 0, ARGV[11] - 1)
    end
  end
elseif redis.call('HEXISTS', prefix .. 'pages', key) == 1 then
  redis.call('HSET', prefix .. 'pages', key, ARGV[8])
  if ARGV[9] ~= host then
    redis.call('ZREM', host_key, key)
  end
  sources_schedule(prefix, ARGV[9], key, due, ARGV[10] == '1')
end
sources_leave_host(prefix, now, worker, host, free)
return 1
