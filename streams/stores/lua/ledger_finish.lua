-- KEYS[1] prefix; ARGV: keep in seconds, then id and status by turns. Answers how many were not finished before.
local changed = 0
for index = 2, #ARGV, 2 do
  changed = changed + ledger_finish(KEYS[1], ARGV[index], ARGV[index + 1], ARGV[1])
end
return changed
