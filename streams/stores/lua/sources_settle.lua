-- An entry is done (published or refused) or is put off. KEYS[1] prefix; ARGV: now, worker, source, id, host, when the
-- host may be asked again, when the entry is due again ('' is done), the entry as it is now.
local prefix, now, worker, source, id, host = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local free, due, key = tonumber(ARGV[6]), ARGV[7], ARGV[3] .. ' ' .. ARGV[4]
local host_key = prefix .. 'host:' .. host
if due == '' then
  redis.call('HDEL', prefix .. 'pages', key)
  redis.call('ZREM', host_key, key)
  redis.call('ZADD', prefix .. 'source:' .. source .. ':seen', ARGV[1], id)
elseif redis.call('HEXISTS', prefix .. 'pages', key) == 1 then
  redis.call('HSET', prefix .. 'pages', key, ARGV[8])
  redis.call('ZADD', host_key, due, key)
end

local _, owner = sources_lease(prefix, host)
if owner == worker then
  redis.call('DEL', host_key .. ':lease')
end
if free > now then
  redis.call('SET', host_key .. ':free', ARGV[6], 'PX', string.format('%.0f', free - now))
end
local first = redis.call('ZRANGE', host_key, 0, 0, 'WITHSCORES')
if first[1] then
  redis.call('ZADD', prefix .. 'hosts', string.format('%.0f', math.max(free, tonumber(first[2]))), host)
else
  redis.call('ZREM', prefix .. 'hosts', host)
end
return 1
