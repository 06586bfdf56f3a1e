-- KEYS[1] prefix; ARGV: keep in seconds, then ids.
for index = 2, #ARGV do
  ledger_enter(KEYS[1], ARGV[index], ARGV[1])
end
return #ARGV - 1
