-- KEYS[1] prefix; ARGV: now, when they are due or '' for at once, then id, receiver, alert and content by turns.
-- Answers how many were new.
local added = 0
local due = ARGV[2] ~= '' and ARGV[2] or nil
for index = 3, #ARGV, 4 do
  added = added + outbox_add(KEYS[1], ARGV[1], ARGV[index], ARGV[index + 1], ARGV[index + 2], ARGV[index + 3], '', due)
end
return added
