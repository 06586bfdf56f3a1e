-- All that is remembered of an article. KEYS[1] prefix; ARGV: digest. Answers nothing, or {day it was last in a feed, second
-- of the first sight, revision, looks, then name and outcome of each source by turns}.
local prefix = KEYS[1]
local article = seen_read(prefix, ARGV[1])
if not article then
  return {}
end
local sources, outcomes = seen_names(prefix, 'sources'), seen_names(prefix, 'outcomes')
local answer = {article.day, article.first, article.revision, article.looks}
for _, source in ipairs(article.sources) do
  answer[#answer + 1] = sources[source.number] or ''
  answer[#answer + 1] = outcomes[source.outcome] or ''
end
return answer
