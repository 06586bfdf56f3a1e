-- Gives back what a worker had leased when it died. KEYS[1] prefix; ARGV: now, worker, then names of sources.
local prefix, now, worker = KEYS[1], ARGV[1], ARGV[2]
for _, host in ipairs(redis.call('ZRANGE', prefix .. 'hosts', 0, -1)) do
  local _, owner = sources_lease(prefix, host)
  if owner == worker then
    redis.call('DEL', prefix .. 'host:' .. host .. ':lease')
    redis.call('ZADD', prefix .. 'hosts', now, host)
  end
end
for index = 3, #ARGV do
  local key = prefix .. 'source:' .. ARGV[index] .. ':lease'
  if redis.call('GET', key) == worker then
    redis.call('DEL', key)
  end
end
return 1
