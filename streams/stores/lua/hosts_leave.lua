-- Ends a visit. KEYS[1] prefix; ARGV: now, worker, host, when the host may be asked again.
sources_leave_host(KEYS[1], tonumber(ARGV[1]), ARGV[2], ARGV[3], tonumber(ARGV[4]))
return 1
