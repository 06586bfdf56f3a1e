-- Has an article that was published looked at again. KEYS[1] prefix; ARGV: source, id, host, when, and the entry.
local prefix, source, id, host, due, entry = KEYS[1], unpack(ARGV, 1, 5)
local key = source .. ' ' .. id
if redis.call('HSETNX', prefix .. 'pages', key, entry) == 0 then
  return 0  -- it will be
end
sources_schedule(prefix, host, key, due, false)
redis.call('HINCRBY', prefix .. 'source:' .. source .. ':outcomes', 'found', 1)
return 1
