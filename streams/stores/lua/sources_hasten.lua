-- Makes everything that was put off due now; when hosts may be asked again stays. KEYS[1] prefix; ARGV: now.
local prefix, now = KEYS[1], ARGV[1]
for _, host in ipairs(redis.call('ZRANGE', prefix .. 'hosts', 0, -1)) do
  for _, key in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'host:' .. host, '(' .. now, '+inf')) do
    redis.call('ZADD', prefix .. 'host:' .. host, now, key)
  end
  redis.call('ZADD', prefix .. 'hosts', 'LT', now, host)
end
return 1
