-- Gives back what a worker had leased when it died. KEYS[1] prefix; ARGV: now, worker, when the hosts that it was asking
-- may be asked again, then names of sources.
local prefix, now, worker, free = KEYS[1], tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3])
for _, host in ipairs(redis.call('ZRANGE', prefix .. 'hosts', 0, -1)) do
  local _, owner = sources_lease(prefix, host)
  if owner == worker then
    sources_leave_host(prefix, now, worker, host, free)
  end
end
for index = 4, #ARGV do
  local key = prefix .. 'source:' .. ARGV[index] .. ':lease'
  if redis.call('GET', key) == worker then
    redis.call('DEL', key)
  end
end
return 1
