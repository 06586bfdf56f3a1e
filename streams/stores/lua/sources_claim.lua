-- KEYS[1] prefix; ARGV: now, worker, end of the lease.
-- Answers {'claimed', entry}, {'wait', when to look again}, or {'empty'} where nothing is pending.
local prefix, now, worker, lease_end = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3]
local hosts = prefix .. 'hosts'
while true do
  local first = redis.call('ZRANGE', hosts, 0, 0, 'WITHSCORES')
  if not first[1] then
    return {'empty'}
  end
  local host = first[1]
  if tonumber(first[2]) > now then
    return {'wait', string.format('%.0f', tonumber(first[2]))}
  end
  -- Each turn takes the host at the head away or puts it into the future, so this ends.
  local host_key = prefix .. 'host:' .. host
  local leased_until = sources_lease(prefix, host)
  local free = tonumber(redis.call('GET', host_key .. ':free') or '0')
  local wanted = tonumber(redis.call('GET', host_key .. ':wanted') or '0')
  local entry, due = sources_next(prefix, host, now)
  local look = math.max(leased_until, free, wanted, due or 0)
  if not entry then
    redis.call('ZREM', hosts, host)
  elseif look > now then
    redis.call('ZADD', hosts, string.format('%.0f', look), host)
  else
    local content = redis.call('HGET', prefix .. 'pages', entry)
    if content then
      local span = string.format('%.0f', math.max(1, tonumber(lease_end) - now))
      redis.call('SET', host_key .. ':lease', lease_end .. ' ' .. worker, 'PX', span)
      redis.call('ZADD', hosts, lease_end, host)
      redis.call('DEL', host_key .. ':polled')
      return {'claimed', content}
    end
    redis.call('ZREM', host_key, entry)
  end
end
