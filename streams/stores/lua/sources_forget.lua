-- Forgets a source. What it found and is still to be published is counted as found, so that its accounts add up when it
-- has ended, also where a source of that name has begun anew meanwhile. KEYS[1] prefix; ARGV: source, its keys' endings.
local prefix, source = KEYS[1], ARGV[1]
local key, waiting = prefix .. 'source:' .. source, 0
local flat = redis.call('HGETALL', key .. ':outcomes')
for index = 1, #flat, 2 do
  waiting = waiting + flat[index + 1] * (flat[index] == 'found' and 1 or -1)
end
for index = 2, #ARGV do
  redis.call('DEL', key .. ARGV[index])
end
if waiting > 0 then
  redis.call('HSET', key .. ':outcomes', 'found', waiting)
end
local number = redis.call('HGET', prefix .. 'seen:sources', source)
if number then
  redis.call('HSET', prefix .. 'seen:read', number, SEEN_GONE)
  redis.call('HDEL', prefix .. 'seen:sources', source)
end
return 1
