-- Keeps what a poll found and the source's state, together. KEYS[1] prefix; ARGV: source, now, state, oldest (ids not in
-- the feed since then are forgotten), number of ids in the feed, those ids, then id, host and entry by turns.
-- Answers how many entries were new.
local prefix, source, now, oldest, count = KEYS[1], ARGV[1], ARGV[2], ARGV[4], tonumber(ARGV[5])
local seen = prefix .. 'source:' .. source .. ':seen'
redis.call('SET', prefix .. 'source:' .. source, ARGV[3])
for index = 6, 5 + count do
  redis.call('ZADD', seen, 'XX', now, ARGV[index])
end
if count > 0 then
  local forgotten = redis.call('ZRANGEBYSCORE', seen, '-inf', '(' .. oldest, 'LIMIT', 0, 1000)
  if forgotten[1] then
    redis.call('ZREM', seen, unpack(forgotten))
    redis.call('HDEL', prefix .. 'source:' .. source .. ':ended', unpack(forgotten))
  end
end
local new = 0
for index = 6 + count, #ARGV, 3 do
  local id, host, key = ARGV[index], ARGV[index + 1], source .. ' ' .. ARGV[index]
  if not redis.call('ZSCORE', seen, id) and redis.call('HSETNX', prefix .. 'pages', key, ARGV[index + 2]) == 1 then
    sources_schedule(prefix, host, key, now)
    new = new + 1
  end
end
if new > 0 then
  redis.call('HINCRBY', prefix .. 'source:' .. source .. ':outcomes', 'found', new)
end
return new
