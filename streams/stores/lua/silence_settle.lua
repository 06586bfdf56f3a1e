-- Tells what a silence held back, or hands it on to another. KEYS[1] prefix; ARGV: now, id of the silence, a plan in JSON
-- (see stores/silences.py). What is in part told by now is left alone. Answers how many notices were added.
local prefix, now, silence, plan = KEYS[1], ARGV[1], ARGV[2], cjson.decode(ARGV[3])

local function all_wait(alerts, receivers)
  for _, alert in ipairs(alerts) do
    for _, receiver in ipairs(receivers) do
      if not silence_waits(prefix, silence, alert, receiver) then
        return false
      end
    end
  end
  return true
end

local added = 0
for _, told in ipairs(plan.told) do
  if all_wait(told.alerts, {told.receiver}) then
    local due = told.due ~= '' and told.due or nil
    added = added + outbox_add(prefix, now, told.id, told.receiver, '', told.content, '', due)
    for _, alert in ipairs(told.alerts) do
      silence_tell(prefix, silence, alert, {told.receiver})
    end
  end
end
for _, moved in ipairs(plan.moved) do
  if all_wait({moved.alert}, moved.receivers) then
    silence_hold(prefix, moved.to, moved.alert, moved.held)
    silence_tell(prefix, silence, moved.alert, moved.receivers)
  end
end
return added
