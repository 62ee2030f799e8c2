"""The three Lua scripts that make each step of a conversation one atomic round trip.

A delivery's key holds ``R`` and its owner while it runs, then ``A`` and the reply, or ``N`` for silence. A lock holds its
owner: the worker (a prefix of fixed length) and a token. Both expire, so a dead worker holds nothing up for longer than
a lock lives. Session and notebook are a time in milliseconds, a blank, and the value; after a deletion the value is empty.

A lock or a claim of the *same* worker found by ``BEGIN`` is a leftover of a call whose answer never arrived (a worker
queues its own messages before it asks), so it is taken over at once. Such a call may also arrive late, when the worker
has given it up and has the next message under way; a lock with an older token of the same worker is therefore no other's.
Tokens of one worker are of one length and grow. Keys without the expiry we give them, or of another
type, are not ours: they count as absent.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """A Lua script and the name Redis caches it by."""

    text: str
    sha: str


def _script(text: str) -> Script:
    # SHA-1 is what EVALSHA calls a script by; nothing is protected with it.
    return Script(text, hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest())


# KEYS: lock, session, notebook[, delivery]; ARGV: worker, owner, lock lifetime in ms.
# Returns {'answered', record} | {'running'} | {'locked'} | {'new', session or nil, notebook or nil}.
BEGIN = _script("""
local worker, owner, life = ARGV[1], ARGV[2], tonumber(ARGV[3])
local function text(key)
  local value = redis.pcall('GET', key)
  if type(value) == 'string' then return value end
  return false
end
local function in_other_hands(key, prefix)
  local left = redis.call('PTTL', key)
  if left <= 0 or left > life then return false end
  local value = text(key)
  return value and string.sub(value, 1, #prefix) ~= prefix
end
if KEYS[4] then
  local record = text(KEYS[4])
  local mark = record and string.sub(record, 1, 1)
  if mark == 'A' or mark == 'N' then return {'answered', record} end
  if mark == 'R' and in_other_hands(KEYS[4], 'R' .. worker) then return {'running'} end
end
if in_other_hands(KEYS[1], worker) then return {'locked'} end
redis.call('SET', KEYS[1], owner, 'PX', life)
if KEYS[4] then redis.call('SET', KEYS[4], 'R' .. owner, 'PX', life) end
return {'new', text(KEYS[2]), text(KEYS[3])}
""")

_LATE = """
local function came_late(lock, owner)
  return type(lock) == 'string' and #lock == #owner and string.sub(lock, 1, -17) == string.sub(owner, 1, -17)
    and lock < owner
end
"""

# KEYS: lock, session, notebook[, delivery]; ARGV: owner, session, its lifetime, record, its lifetime, notebook (empty: as
# it was), its lifetime (ms; 0: not renewed), then the times of session and notebook as they were found (ms; 0: none), and the latest
# that is believed.
# Returns {'kept'}, or {'lost'} when somebody else has the lock or has saved since: then what they saved stands, and so does
# their record. A lock that is gone while nothing was saved since is none that was taken over: it expired, or a crash or a
# replica that took over forgot it.
FINISH = _script(
    _LATE
    + """
local function saved_since(key, found)
  local value = redis.pcall('GET', key)
  local stamp = type(value) == 'string' and string.match(value, '^(%d+) ')
  return stamp and tonumber(stamp) > tonumber(found) and tonumber(stamp) < tonumber(ARGV[10])
end
local lock = redis.pcall('GET', KEYS[1])
local taken = type(lock) == 'string' and redis.call('PTTL', KEYS[1]) > 0 and not came_late(lock, ARGV[1])
if lock ~= ARGV[1] and (taken or saved_since(KEYS[2], ARGV[8]) or saved_since(KEYS[3], ARGV[9])) then
  if KEYS[4] then redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[5], 'NX') end
  return {'lost'}
end
redis.call('SET', KEYS[2], ARGV[2], 'PX', ARGV[3])
if ARGV[6] ~= '' then redis.call('SET', KEYS[3], ARGV[6], 'PX', ARGV[7])
elseif ARGV[7] ~= '0' then redis.call('PEXPIRE', KEYS[3], ARGV[7]) end
if KEYS[4] then redis.call('SET', KEYS[4], ARGV[4], 'PX', ARGV[5]) end
redis.call('DEL', KEYS[1])
return {'kept'}
"""
)

# KEYS: lock, session, notebook[, delivery]; ARGV: owner.
ABANDON = _script(
    _LATE
    + """
local lock = redis.pcall('GET', KEYS[1])
if lock == ARGV[1] or came_late(lock, ARGV[1]) then redis.call('DEL', KEYS[1]) end
if KEYS[4] and redis.pcall('GET', KEYS[4]) == 'R' .. ARGV[1] then redis.call('DEL', KEYS[4]) end
return {'done'}
"""
)
