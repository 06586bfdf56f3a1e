-- Leases a host for a visit that is no entry's, such as a poll. KEYS[1] prefix; ARGV: now, worker, host, end of the
-- lease, the host that sent the visit here ('' for none). Answers '' or when to ask again: a visit under way may end at any
-- moment, so within a second. Until shortly after then no entry's page is fetched, so that the asker has his turn. Who was
-- sent comes by the other host again, which has a line and a pause of its own. After a poll an entry that waits comes first,
-- where turns are few.
local AT_ONCE, ROUND = 2000, 120000
local prefix, now, worker, host, lease_end = KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4])
local host_key = prefix .. 'host:' .. host
local free = tonumber(redis.call('GET', host_key .. ':free') or '0')
local leased_until = sources_lease(prefix, host)
local look = math.max(math.min(leased_until, now + 1000), free)
if redis.call('EXISTS', host_key .. ':polled') == 1 then
  local turn = math.max(look, now)
  local entry, due = sources_next(prefix, host, turn)
  if entry and due <= turn then
    return string.format('%.0f', math.max(look, now + 1000))
  end
end
if look > now then
  local turn = look + AT_ONCE
  if ARGV[5] ~= '' then
    turn = math.max(look, tonumber(redis.call('GET', prefix .. 'host:' .. ARGV[5] .. ':free') or '0')) + ROUND
  end
  turn = math.max(turn, tonumber(redis.call('GET', host_key .. ':wanted') or '0'))
  redis.call('SET', host_key .. ':wanted', string.format('%.0f', turn), 'PX', string.format('%.0f', turn - now))
  return string.format('%.0f', look)
end
redis.call('DEL', host_key .. ':wanted')
redis.call('SET', host_key .. ':lease', ARGV[4] .. ' ' .. worker, 'PX', string.format('%.0f', lease_end - now))
redis.call('ZADD', prefix .. 'hosts', 'XX', ARGV[4], host)
return ''
