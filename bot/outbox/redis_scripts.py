"""The Lua scripts that make each step of a parcel one atomic round trip.

A parcel is an entry of the stream (its id, its lane, its size), a hash with all that is to be sent, and its place in the
list of its lane. A worker is a consumer of the stream's one group, and alive while its score in ``workers`` lies ahead of
the clock; 0 says that it has stopped by itself. Times are milliseconds since 1970 by the worker's clock.
"""

from __future__ import annotations

GROUP = "couriers"

# KEYS: stream, item, lane, load, seen. ARGV: id, lane, size, now, lifetime of the item, of the id, most parcels, most of one
# lane, most bytes, then the fields of the item. Returns {'taken'} | {'known'} | {'full'}.
ACCEPT = """
if redis.call('EXISTS', KEYS[5]) == 1 then return {'known'} end
local load = tonumber(redis.call('GET', KEYS[4]) or '0')
if redis.call('XLEN', KEYS[1]) >= tonumber(ARGV[7]) or redis.call('LLEN', KEYS[3]) >= tonumber(ARGV[8])
  or load + tonumber(ARGV[3]) > tonumber(ARGV[9]) then return {'full'} end
local entry = redis.call('XADD', KEYS[1], '*', 'id', ARGV[1], 'lane', ARGV[2], 'size', ARGV[3])
redis.call('RPUSH', KEYS[3], entry)
redis.call('PEXPIRE', KEYS[3], ARGV[5])
redis.call('HSET', KEYS[2], 'accepted', ARGV[4], unpack(ARGV, 10))
redis.call('PEXPIRE', KEYS[2], ARGV[5])
redis.call('INCRBY', KEYS[4], ARGV[3])
redis.call('SET', KEYS[5], '1', 'PX', ARGV[6])
return {'taken'}
"""

# KEYS: stream, workers, noted. ARGV: group, me, now, end of my life, most, '1' to have my own entries repeated.
# Returns {entries, {stale worker, score, …}, lanes with notes}.
COLLECT = """
redis.call('ZADD', KEYS[2], ARGV[4], ARGV[2])
local function read(from)
  local most = from == '>' and ARGV[5] or '10000'
  local reply = redis.pcall('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', most, 'STREAMS', KEYS[1], from)
  if type(reply) == 'table' and reply.err then
    if string.sub(reply.err, 1, 7) ~= 'NOGROUP' then return redis.error_reply(reply.err) end
    redis.call('XGROUP', 'CREATE', KEYS[1], ARGV[1], '0', 'MKSTREAM')
    reply = redis.call('XREADGROUP', 'GROUP', ARGV[1], ARGV[2], 'COUNT', most, 'STREAMS', KEYS[1], from)
  end
  if not reply then return {} end
  return reply[1][2]
end
local entries = ARGV[6] == '1' and read('0') or {}
if entries.err then return entries end
if ARGV[5] ~= '0' then
  local new = read('>')
  if new.err then return new end
  for _, entry in ipairs(new) do entries[#entries + 1] = entry end
end
local stale = {}
local consumers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
if not consumers.err then
  for _, consumer in ipairs(consumers) do
    local score = redis.call('ZSCORE', KEYS[2], consumer[2])
    if not score or tonumber(score) <= tonumber(ARGV[3]) then
      stale[#stale + 1] = consumer[2]
      stale[#stale + 1] = score or '0'
    end
  end
end
return {entries, stale, redis.call('SMEMBERS', KEYS[3])}
"""

# KEYS: stream, workers. ARGV: group, me, now, then names of workers. Returns the entries of those that are still stale.
CLAIM = """
local taken = {}
for i = 4, #ARGV do
  local score = redis.call('ZSCORE', KEYS[2], ARGV[i])
  if not score or tonumber(score) <= tonumber(ARGV[3]) then
    while true do
      local pending = redis.call('XPENDING', KEYS[1], ARGV[1], '-', '+', 100, ARGV[i])
      if #pending == 0 then break end
      local ids = {}
      for n, entry in ipairs(pending) do ids[n] = entry[1] end
      for _, entry in ipairs(redis.call('XCLAIM', KEYS[1], ARGV[1], ARGV[2], 0, unpack(ids))) do
        if entry then taken[#taken + 1] = entry end
      end
    end
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], ARGV[i])
    redis.call('ZREM', KEYS[2], ARGV[i])
  end
end
return taken
"""

# What TAKE and FINISH share: an entry leaves the stream, its lane and the load together.
_FORGET = """
local function forget(stream, item, lane, load, group, entry, size)
  redis.call('XACK', stream, group, entry)
  if redis.call('XDEL', stream, entry) == 1 then redis.call('DECRBY', load, size) end
  redis.call('LREM', lane, 1, entry)
  redis.call('DEL', item)
end
"""

# KEYS: stream, item, lane, load. ARGV: group, me, entry, size. Returns {'gone'} | {'wait'} | {'due', {field, value, …}}.
TAKE = (
    _FORGET
    + """
local pending = redis.call('XPENDING', KEYS[1], ARGV[1], ARGV[3], ARGV[3], 1)
if #pending == 0 or pending[1][2] ~= ARGV[2] then return {'gone'} end
if redis.call('EXISTS', KEYS[2]) == 0 then
  forget(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[3], ARGV[4])
  return {'gone'}
end
local first = redis.call('LINDEX', KEYS[3], 0)
while first and first ~= ARGV[3] and #redis.call('XRANGE', KEYS[1], first, first) == 0 do
  redis.call('LPOP', KEYS[3])
  first = redis.call('LINDEX', KEYS[3], 0)
end
if first ~= ARGV[3] then
  if redis.call('LPOS', KEYS[3], ARGV[3]) then return {'wait'} end
  redis.call('LPUSH', KEYS[3], ARGV[3])
end
return {'due', redis.call('HGETALL', KEYS[2])}
"""
)

# KEYS: item, sent, said, stream. ARGV: id, now, most in a minute, the minute, most in an hour, the hour, how long words
# are remembered, a name for this sending, group, me, entry. Returns {'gone'} | {'wait', ms} | {'go', '1' or '0'}.
PERMIT = """
local pending = redis.call('XPENDING', KEYS[4], ARGV[9], ARGV[11], ARGV[11], 1)
if #pending == 0 or pending[1][2] ~= ARGV[10] or redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
local now = tonumber(ARGV[2])
local function wait_for(most, window)
  local oldest = redis.call('ZRANGE', KEYS[2], -most, -most, 'WITHSCORES')
  if #oldest == 0 then return 0 end
  return tonumber(oldest[2]) + window - now
end
local wait = math.max(wait_for(tonumber(ARGV[3]), tonumber(ARGV[4])), wait_for(tonumber(ARGV[5]), tonumber(ARGV[6])))
if wait > 0 then return {'wait', wait} end
redis.call('ZADD', KEYS[2], now, ARGV[8])
redis.call('ZREMRANGEBYSCORE', KEYS[2], '-inf', now - tonumber(ARGV[6]))
redis.call('PEXPIRE', KEYS[2], ARGV[6])
local check = redis.call('HGET', KEYS[1], 'check')
if not check then
  local other = redis.call('GET', KEYS[3])
  check = (other and other ~= ARGV[1]) and '0' or '1'
  redis.call('SET', KEYS[3], ARGV[1], 'PX', ARGV[7])
  redis.call('HSET', KEYS[1], 'check', check)
end
return {'go', check}
"""

# KEYS: item. ARGV: media id. Returns {the one that counts}: the first.
UPLOADED = """
if redis.call('EXISTS', KEYS[1]) == 0 then return {ARGV[1]} end
local kept = redis.call('HGET', KEYS[1], 'media')
if kept and kept ~= '' then return {kept} end
redis.call('HSET', KEYS[1], 'media', ARGV[1])
redis.call('HDEL', KEYS[1], 'check')
return {ARGV[1]}
"""

# KEYS: item. ARGV: field, value (empty: none), field, value, …
REWRITE = """
if redis.call('EXISTS', KEYS[1]) == 0 then return {'gone'} end
for i = 1, #ARGV, 2 do
  if ARGV[i + 1] == '' then redis.call('HDEL', KEYS[1], ARGV[i])
  else redis.call('HSET', KEYS[1], ARGV[i], ARGV[i + 1]) end
end
return {'kept'}
"""

# KEYS: stream, item, lane, load, notes, noted. ARGV: group, entry, size, note (empty: none), lane, most notes, their lifetime.
FINISH = (
    _FORGET
    + """
local there = redis.call('EXISTS', KEYS[2]) == 1
forget(KEYS[1], KEYS[2], KEYS[3], KEYS[4], ARGV[1], ARGV[2], ARGV[3])
if there and ARGV[4] ~= '' then
  redis.call('RPUSH', KEYS[5], ARGV[4])
  redis.call('LTRIM', KEYS[5], -tonumber(ARGV[6]), -1)
  redis.call('PEXPIRE', KEYS[5], ARGV[7])
  redis.call('SADD', KEYS[6], ARGV[5])
end
return {there and 'done' or 'gone'}
"""
)

# KEYS: notes, noted. ARGV: lane. Returns the notes; a lane whose notes have expired is forgotten.
NOTES = """
local notes = redis.call('LRANGE', KEYS[1], 0, -1)
if #notes == 0 then redis.call('SREM', KEYS[2], ARGV[1]) end
return notes
"""

# KEYS: notes, noted. ARGV: lane, how many.
DROP_NOTES = """
redis.call('LTRIM', KEYS[1], ARGV[2], -1)
if redis.call('EXISTS', KEYS[1]) == 0 then redis.call('SREM', KEYS[2], ARGV[1]) end
return {'done'}
"""

# KEYS: stream. Returns {count, first entry's id or ''}.
WAITING = """
local first = redis.call('XRANGE', KEYS[1], '-', '+', 'COUNT', 1)
return {redis.call('XLEN', KEYS[1]), first[1] and first[1][1] or ''}
"""

# KEYS: pledges of a worker. ARGV: id, words, lifetime.
PLEDGE = """
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
redis.call('PEXPIRE', KEYS[1], ARGV[3])
return {'kept'}
"""

# KEYS: pledges of a worker. Returns {id, words, id, words, …}.
PLEDGES = "return redis.call('HGETALL', KEYS[1])"

# KEYS: lock. ARGV: owner.
UNLOCK = """
if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return {'done'}
"""
