-- Has open summaries told at another time. KEYS[1] prefix; ARGV: receiver, then why each is held, when it is to be told,
-- and that time as its content says it, by turns.
local prefix, receiver = KEYS[1], ARGV[1]
for index = 2, #ARGV, 3 do
  local by, due, said = ARGV[index], ARGV[index + 1], ARGV[index + 2]
  local id = redis.call('HGET', prefix .. 'outbox:storm:' .. receiver, 'summary:' .. by)
  local key = id and prefix .. 'notification:' .. id
  if key and redis.call('HGET', key, 'state') == 'pending' then
    -- What it tells is read when it is sent: until then its content holds no text of anybody's.
    local content = string.gsub(redis.call('HGET', key, 'content'), '"until":"[^"]*"', '"until":"' .. said .. '"')
    redis.call('HSET', key, 'due', due, 'content', content)
    outbox_schedule(prefix, id, receiver, due, true)
  end
end
return 1
