-- KEYS[1] prefix; ARGV: now, then id, receiver, alert and content by turns. Answers how many were new.
local added = 0
for index = 2, #ARGV, 4 do
  added = added + outbox_add(KEYS[1], ARGV[1], ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3])
end
return added
