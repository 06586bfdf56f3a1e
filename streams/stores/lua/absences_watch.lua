-- Which rules watch for absence from now on. KEYS[1] prefix; ARGV: JSON of rule ids to whether each is on trial.
-- What waits for others goes; absences:watched keeps the list, for what a match that is under way makes wait again.
local prefix, watched = KEYS[1], cjson.decode(ARGV[1])
redis.call('SET', prefix .. 'absences:watched', ARGV[1])
local rows = redis.call('HGETALL', prefix .. 'absences')
for index = 1, #rows, 2 do
  local fired = cjson.decode(rows[index + 1]).match.rules[1]
  if watched[fired.rule] ~= fired.shadow then
    redis.call('ZREM', prefix .. 'absences:due', rows[index])
    redis.call('HDEL', prefix .. 'absences', rows[index])
  end
end
