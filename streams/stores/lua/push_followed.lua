-- A poll of a source has followed the pushes before it. KEYS[1] prefix; ARGV: source, when the poll began.
local due = KEYS[1] .. 'push:due'
local pushed = redis.call('ZSCORE', due, ARGV[1])
if pushed and tonumber(pushed) <= tonumber(ARGV[2]) then
  return redis.call('ZREM', due, ARGV[1])
end
return 0
