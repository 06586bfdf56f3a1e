-- Makes everything that was put off due now; when hosts may be asked again stays. KEYS[1] prefix; ARGV: now.
local prefix, now = KEYS[1], ARGV[1]
local middle = string.format('%.0f', tonumber(now) - SOURCES_AHEAD / 2)
local news_now = string.format('%.0f', tonumber(now) - SOURCES_AHEAD)
for _, host in ipairs(redis.call('ZRANGE', prefix .. 'hosts', 0, -1)) do
  for from, to in pairs({[news_now] = '(' .. middle, [now] = '+inf'}) do
    for _, key in ipairs(redis.call('ZRANGEBYSCORE', prefix .. 'host:' .. host, '(' .. from, to)) do
      redis.call('ZADD', prefix .. 'host:' .. host, from, key)
    end
  end
  redis.call('ZADD', prefix .. 'hosts', 'LT', now, host)
end
return 1
