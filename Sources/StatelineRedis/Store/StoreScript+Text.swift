/// The text of ``StoreScript``: a Lua program as it stands, which `redis-cli --eval` and `luac -p` take.
let storeScriptText = #"""
    local guard_key, log_key, request, batch = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
    local sub, byte, pack, unpack = string.sub, string.byte, struct.pack, struct.unpack
    local NEVER = 281474976710655
    local HEADER = '>I1I1I6I6I6I6I6I6I4I6I6I6'
    local operation = sub(request, 9, 9)

    -- The straight commit: all is as expected, and the keys live long enough. No function is made before it, because
    -- that costs more than any of its commands.
    if operation == 'c' then
        local header = redis.pcall('GETRANGE', guard_key, '0', '107')
        if type(header) == 'string' and #header == 108 and (#request == 41 or #request == 59)
            and sub(header, 77, 108) == sub(request, 10, 41) then
            local version, state, created, old_deadline, forget_at, needed_until, known_until, log_expires, descendants,
                base, log_size, old_revision = unpack(HEADER, header)
            local old_retention = forget_at - old_deadline
            local idle, absolute, retention = NEVER, NEVER, 0
            if #request == 59 then idle, absolute, retention = unpack('>I6I6I6', request, 42) end
            local head = byte(batch, 38)
            local at = (head < 64 and 35 or head < 128 and 36 or head < 192 and 38 or 42) + 4
            local first = byte(batch, at + 16)
            local revision = first % 64
            for i = at + 17, at + (first < 64 and 16 or first < 128 and 17 or first < 192 and 19 or 23) do
                revision = revision * 256 + byte(batch, i)
            end
            local now, deadline = 0, NEVER
            if old_deadline < NEVER or idle < NEVER or absolute < NEVER then
                local time = redis.call('TIME')
                now = time[1] * 1000 + math.floor(time[2] / 1000)
                if idle < NEVER then deadline = now + idle end
                if absolute < NEVER and created + absolute < deadline then deadline = created + absolute end
                forget_at = NEVER
                if deadline < NEVER then forget_at = math.min(deadline + retention, NEVER) end
            end
            if version == 1 and state == 1 and now < old_deadline and old_revision == revision - 1
                and deadline <= known_until and deadline <= log_expires and forget_at - deadline <= old_retention
                and (log_expires == deadline or idle < NEVER and log_expires <= deadline + idle / 4)
                and sub(batch, at, at + 15) == sub(header, 61, 76) and redis.pcall('STRLEN', log_key) == log_size then
                local changed = redis.pcall('SETRANGE', guard_key, '0', pack(HEADER, 1, 1, created, deadline, forget_at,
                    needed_until, known_until, log_expires, descendants, base, log_size + #batch, revision)
                    .. sub(header, 61, 76) .. sub(batch, 6, 37))
                if type(changed) == 'table' then return sub(request, 1, 8) .. 'E' .. changed.err end
                local added = redis.pcall('APPEND', log_key, batch)
                if type(added) == 'table' and added.err then
                    redis.call('SETRANGE', guard_key, '0', header)
                    return sub(request, 1, 8) .. 'E' .. added.err
                end
                return sub(request, 1, 8) .. 'C'
            end
        end
    end

    -- The straight load: the whole log of a session without ancestors, or for a reader that has all of it.
    if operation == 'l' then
        local header = redis.pcall('GETRANGE', guard_key, '0', '155')
        local is_whole = #request == 9
        if type(header) == 'string' and #header == 156 and sub(header, 1, 2) == '\1\1'
            and (is_whole and sub(header, 43, 48) == '\0\0\0\0\0\0'
                or sub(header, 61, 108) == sub(request, 10, 57) and sub(header, 55, 60) == sub(request, 58, 63))
            and redis.pcall('STRLEN', log_key) == unpack('>I6', header, 49) then
            local deadline = unpack('>I6', header, 9)
            local now = 0
            if deadline < NEVER then
                local time = redis.call('TIME')
                now = time[1] * 1000 + math.floor(time[2] / 1000)
            end
            if now < deadline then
                if not is_whole then return sub(request, 1, 8) .. 'K' end
                return sub(request, 1, 8) .. 'T' .. sub(header, 61, 156) .. sub(header, 55, 60) .. sub(header, 43, 54)
                    .. '\0\0\0\0\0\0\0\0' .. '0'
            end
        end
    end

    local call, format = redis.call, string.format
    local SLACK, INLINE_BYTES, MAX_STEPS = 10000, 65536, 1024
    local hint = ARGV[3]
    local steps, walked_incarnation = MAX_STEPS, ''

    local function fail(answer) error({answer = answer}) end
    local function corrupt(revision) fail('X' .. pack('>I6', math.max(revision, 0))) end

    local function clock()
        local time = call('TIME')
        return time[1] * 1000 + math.floor(time[2] / 1000)
    end

    -- The fingerprint (incarnation and digest) and the revision of a batch, from its first 69 bytes.
    local function read_batch(bytes)
        local head = byte(bytes, 34)
        local at = head < 64 and 35 or head < 128 and 36 or head < 192 and 38 or 42
        local first = byte(bytes, at + 16)
        local revision = first % 64
        for i = at + 17, at + (first < 64 and 16 or first < 128 and 17 or first < 192 and 19 or 23) do
            revision = revision * 256 + byte(bytes, i)
        end
        return sub(bytes, at, at + 15) .. sub(bytes, 2, 33), revision
    end

    -- The deadline of a session that is written to now, when it is forgotten, and when its log expires. A log lives for
    -- a quarter of the idle time more, so that few commits have to move its expiry.
    local function times(created, now, idle, absolute, retention)
        local deadline = NEVER
        if idle < NEVER then deadline = now + idle end
        if absolute < NEVER then deadline = math.min(deadline, created + absolute) end
        if deadline >= NEVER then return NEVER, NEVER, NEVER end
        local log_expires = idle < NEVER and deadline + math.floor(idle / 4) or deadline
        return deadline, math.min(deadline + retention, NEVER), log_expires
    end

    -- Until when a fork tells its ancestors that it needs them: twice the idle time, so that few commits tell them
    -- again.
    local function known_after(created, now, idle, absolute)
        local deadline = times(created, now, idle < NEVER and 2 * idle or idle, absolute, 0)
        return deadline
    end

    local function guard_expiry(deadline, forget_at, log_expires)
        if forget_at >= NEVER then return NEVER end
        return log_expires + forget_at - deadline
    end

    local function expire(key, time)
        if time < NEVER then call('PEXPIREAT', key, format('%.0f', time + SLACK)) else call('PERSIST', key) end
    end

    local function read_guard(key)
        local bytes = call('GETRANGE', key, '0', '155')
        if bytes == '' then return nil end
        if #bytes < 156 or byte(bytes) ~= 1 then corrupt(0) end
        local guard, version = {header = sub(bytes, 1, 108), tip = sub(bytes, 61, 108), origin = sub(bytes, 109, 156)}
        version, guard.state, guard.created, guard.deadline, guard.forget_at, guard.needed_until, guard.known_until,
            guard.log_expires, guard.descendants, guard.base, guard.log_size, guard.revision = unpack(HEADER, bytes)
        guard.expires = guard.state == 1 and guard_expiry(guard.deadline, guard.forget_at, guard.log_expires)
            or guard.forget_at
        return guard
    end

    -- The entries of a session's ancestors, oldest first, and how many they are.
    local function read_lineage(key)
        local count = call('GETRANGE', key, '156', '157')
        if #count < 2 then corrupt(0) end
        count = unpack('>I2', count)
        if count == 0 then return '', 0 end
        local lineage = call('GETRANGE', key, 158, 157 + 82 * count)
        if #lineage < 82 * count then corrupt(0) end
        return lineage, count
    end

    -- An ancestor's branch; fingerprint, revision and end of the batch where it was left; its base.
    local function lineage_entry(lineage, i)
        local at = 82 * (i - 1)
        local revision, batch_end, base = unpack('>I6I6I6', lineage, at + 65)
        return sub(lineage, at + 1, at + 16), sub(lineage, at + 17, at + 64), revision, batch_end, base
    end

    -- The name under which a key is kept for forks while another session has its name.
    local function archive_name(key, fingerprint)
        return key .. ':' .. string.gsub(sub(fingerprint, 1, 16), '.', function(c) return format('%02x', byte(c)) end)
    end

    -- Fails if keys of the family are still on another server. A server that receives a slot answers for a key that has
    -- not come yet as for one that does not exist, unless a command names it together with one that has come.
    local function require_settled(...) call('EXISTS', guard_key, ...) end

    local function find_ancestor(lineage, i)
        local branch, fingerprint, _, batch_end = lineage_entry(lineage, i)
        local prefix = string.match(guard_key, '^.-}') .. branch
        local key, log, is_archived = prefix .. ':g', prefix .. ':l', false
        local guard = read_guard(key)
        if not guard or sub(guard.tip, 1, 16) ~= sub(fingerprint, 1, 16) then
            key, log, is_archived = archive_name(key, fingerprint), archive_name(log, fingerprint), true
            guard = read_guard(key)
        end
        if not guard then
            require_settled(prefix .. ':g', key)
            return nil
        end
        return {key = key, log = log, is_archived = is_archived, branch = branch, fingerprint = fingerprint,
            batch_end = batch_end, guard = guard}
    end

    -- An ancestor whose log is there; fails otherwise.
    local function require_ancestor(lineage, i)
        local ancestor = find_ancestor(lineage, i)
        local size = ancestor and call('STRLEN', ancestor.log) or 0
        if size == 0 then
            if ancestor then require_settled(ancestor.log) end
            fail('Gv')
        end
        if size < ancestor.batch_end then corrupt(ancestor.guard.revision) end
        return ancestor
    end

    -- The letter that says why there is no live session; nil if there is one.
    local function absence(guard, log, now)
        if not guard then return call('STRLEN', log) > 0 and 'v' or 'a' end
        if now >= guard.forget_at then return 'a' end
        if guard.state ~= 1 then return 'd' end
        if now >= guard.deadline then return 'e' end
        local size = call('STRLEN', log)
        if size == guard.log_size then return nil end
        if size == 0 then return 'v' end
        corrupt(guard.revision)
    end

    -- Where the batch of a revision ends, found by a walk back from a later batch. A walk that takes too long stops:
    -- the answer is a hint, from which the next call goes on.
    local function walk_back(log, batch_end, from, revision, ancestor)
        if hint and sub(hint, 1, 16) == walked_incarnation then
            local i, hinted_end, hinted = unpack('>I2I6I6', hint, 17)
            if i == ancestor and hinted >= revision and hinted <= from and hinted_end <= batch_end then
                batch_end, from = hinted_end, hinted
            end
        end
        while from > revision do
            if steps == 0 then fail('W' .. walked_incarnation .. pack('>I2I6I6', ancestor, batch_end, from)) end
            steps = steps - 1
            local length = call('GETRANGE', log, batch_end - 4, batch_end - 1)
            if #length < 4 then corrupt(from) end
            batch_end, from = batch_end - unpack('>I4', length) - 8, from - 1
            if batch_end < 8 then corrupt(from) end
        end
        return batch_end
    end

    local function batch_before(log, batch_end, revision)
        local length = call('GETRANGE', log, batch_end - 4, batch_end - 1)
        if #length < 4 then corrupt(revision) end
        local start = batch_end - unpack('>I4', length) - 8
        if start < 0 then corrupt(revision) end
        local bytes = call('GETRANGE', log, start, start + 68)
        if sub(bytes, 1, 4) ~= length then corrupt(revision) end
        return read_batch(sub(bytes, 5))
    end

    -- Looks for a position: which ancestor's log has its batch, 0 for the session's own, and where that ends; nil if
    -- none has it.
    local function seek(key, log, guard, fingerprint, revision)
        walked_incarnation = sub(guard.tip, 1, 16)
        if revision > guard.revision then return nil end
        if revision == 0 then
            if fingerprint ~= guard.origin then return nil end
            return guard.base > 0 and 1 or 0, 0
        end
        if revision == guard.revision then
            if fingerprint == guard.tip then return 0, guard.log_size end
            return nil
        end
        if revision > guard.base then
            local batch_end = walk_back(log, guard.log_size, guard.revision, revision, 0)
            local found, found_revision = batch_before(log, batch_end, revision)
            if found == fingerprint and found_revision == revision then return 0, batch_end end
            return nil
        end
        local lineage, count = read_lineage(key)
        for i = 1, count do
            local _, left, left_revision, batch_end = lineage_entry(lineage, i)
            if revision == left_revision then
                if left == fingerprint then return i, batch_end end
                return nil
            end
            if revision < left_revision then
                local ancestor_log = require_ancestor(lineage, i).log
                batch_end = walk_back(ancestor_log, batch_end, left_revision, revision, i)
                local found, found_revision = batch_before(ancestor_log, batch_end, revision)
                if found == fingerprint and found_revision == revision then return i, batch_end end
                return nil
            end
        end
        corrupt(revision)
    end

    -- The fingerprint and the revision of the batch after a position that `seek` found.
    local function batch_after(guard, i, offset, revision)
        local log = log_key
        if i > 0 then
            local lineage, count = read_lineage(guard_key)
            local _, _, _, batch_end = lineage_entry(lineage, i)
            if offset < batch_end then
                log = require_ancestor(lineage, i).log
            else
                offset = 0
                if i < count then log = require_ancestor(lineage, i + 1).log end
            end
        end
        return read_batch(call('GETRANGE', log, offset + 4, offset + 68))
    end

    -- The answer's part on what follows a position: where it lies, and the batches themselves if they are few.
    local function tail(guard, i, offset, is_inline)
        local segments, count = {}, 0
        if i > 0 then
            local lineage, length = read_lineage(guard_key)
            for k = i, length do
                local ancestor = require_ancestor(lineage, k)
                segments[#segments + 1] = (ancestor.is_archived and '1' or '0') .. ancestor.branch
                    .. ancestor.fingerprint .. pack('>I6', ancestor.batch_end)
            end
            count = length - i + 1
        end
        local answer = guard.tip .. guard.origin
            .. pack('>I6I6I6I6I2', guard.revision, guard.base, guard.log_size, offset, count) .. table.concat(segments)
        if not is_inline or i > 0 or guard.log_size - offset > INLINE_BYTES then return answer .. '0' end
        return answer .. '1' .. call('GETRANGE', log_key, offset, guard.log_size - 1)
    end

    -- The answer to a writer whose position is not the newest one.
    local function behind(guard, fingerprint, revision)
        local i, offset = seek(guard_key, log_key, guard, fingerprint, revision)
        if not i then return 'R' end
        local new, new_revision = read_batch(sub(batch, 5, 73))
        local found, found_revision = batch_after(guard, i, offset, revision + 1)
        if new == found and new_revision == found_revision then return 'D' end
        return 'S' .. tail(guard, i, offset, true)
    end

    local function undoing(undo, body)
        local is_done, problem = pcall(body)
        if not is_done then
            pcall(undo)
            error(problem)
        end
    end

    -- Makes room for a new session under a name: what forks need of the former one is archived.
    local function vacate(key, log, guard, now)
        if not guard then return end
        if guard.descendants > 0 and now < guard.needed_until and call('STRLEN', log) > 0 then
            call('RENAME', key, archive_name(key, guard.tip))
            call('RENAME', log, archive_name(log, guard.tip))
        else
            call('UNLINK', log)
        end
    end

    local function create(key, log, guard, deadline, forget_at, log_expires)
        call('SET', key, guard)
        undoing(function() call('UNLINK', key, log) end, function()
            call('APPEND', log, batch)
            if log_expires < NEVER then
                expire(log, log_expires)
                expire(key, guard_expiry(deadline, forget_at, log_expires))
            end
        end)
    end

    -- Tells an ancestor that a fork needs its log until a time.
    local function keep_until(ancestor, time)
        local guard = ancestor.guard
        if guard.needed_until >= time then return end
        call('SETRANGE', ancestor.key, '20', pack('>I6', time))
        expire(ancestor.key, math.max(guard.expires, time))
        expire(ancestor.log, math.max(guard.log_expires, time))
    end

    -- Undoes what was told to ancestors.
    local function restore(ancestors)
        for i = 1, #ancestors do
            local guard = ancestors[i].guard
            call('SETRANGE', ancestors[i].key, '20',
                pack('>I6I6I6I4', guard.needed_until, guard.known_until, guard.log_expires, guard.descendants))
        end
        for i = 1, #ancestors do
            local guard = ancestors[i].guard
            expire(ancestors[i].key, math.max(guard.expires, guard.needed_until))
            expire(ancestors[i].log, math.max(guard.log_expires, guard.needed_until))
        end
    end

    -- Tells an ancestor that a descendant was deleted; deletes what was kept for the last one.
    local function release(ancestor, now)
        local guard = ancestor.guard
        local descendants = math.max(guard.descendants - 1, 0)
        if descendants > 0 then
            call('SETRANGE', ancestor.key, '38', pack('>I4', descendants))
        elseif ancestor.is_archived or now >= guard.forget_at then
            call('UNLINK', ancestor.key, ancestor.log)
        else
            call('SETRANGE', ancestor.key, '20', pack('>I6I6I6I4', 0, guard.known_until, guard.log_expires, 0))
            if guard.state == 1 then expire(ancestor.log, guard.log_expires) else call('UNLINK', ancestor.log) end
            expire(ancestor.key, guard.expires)
        end
    end

    -- Writes the header of a live session, with its times from now on, and does the rest of the operation last.
    local function rewrite(guard, now, idle, absolute, retention, log_size, revision, fingerprint, finish)
        local deadline, forget_at, log_expires = times(guard.created, now, idle, absolute, retention)
        local known_until, ancestors = guard.known_until, {}
        if deadline > known_until then
            known_until = known_after(guard.created, now, idle, absolute)
            local lineage, count = read_lineage(guard_key)
            for i = 1, count do ancestors[i] = require_ancestor(lineage, i) end
        end
        call('SETRANGE', guard_key, '0', pack(HEADER, 1, 1, guard.created, deadline, forget_at, guard.needed_until,
            known_until, log_expires, guard.descendants, guard.base, log_size, revision) .. fingerprint)
        undoing(function()
            call('SETRANGE', guard_key, '0', guard.header)
            restore(ancestors)
            expire(log_key, math.max(guard.log_expires, guard.needed_until))
            expire(guard_key, math.max(guard.expires, guard.needed_until))
        end, function()
            for i = 1, #ancestors do keep_until(ancestors[i], known_until) end
            expire(log_key, math.max(log_expires, guard.needed_until))
            expire(guard_key, math.max(guard_expiry(deadline, forget_at, log_expires), guard.needed_until))
            finish()
        end)
    end

    local function commit()
        local fingerprint, revision = read_batch(sub(batch, 5, 73))
        local has_incarnation = #request == 57 or #request == 75
        local expected = sub(has_incarnation and sub(request, -16) or fingerprint, 1, 16) .. sub(request, 10, 41)
        local idle, absolute, retention = NEVER, NEVER, 0
        if #request > 57 then idle, absolute, retention = unpack('>I6I6I6', request, 42) end
        local guard, now = read_guard(guard_key), clock()
        local why = absence(guard, log_key, now)
        if why then return 'G' .. why end
        if revision - 1 ~= guard.revision or expected ~= guard.tip then return behind(guard, expected, revision - 1) end
        if sub(fingerprint, 1, 16) ~= sub(expected, 1, 16) then return 'R' end
        rewrite(guard, now, idle, absolute, retention, guard.log_size + #batch, revision, fingerprint,
            function() call('APPEND', log_key, batch) end)
        return 'C'
    end

    local function new_session()
        local guard, now = read_guard(guard_key), clock()
        local why = absence(guard, log_key, now)
        local expected, idle, absolute, retention = sub(request, 10, 57), unpack('>I6I6I6', request, 58)
        if not why then return behind(guard, expected, 0) end
        if why ~= 'a' then return 'G' .. why end
        if ARGV[4] ~= '1' then return 'R' end
        local fingerprint, revision = read_batch(sub(batch, 5, 73))
        local deadline, forget_at, log_expires = times(now, now, idle, absolute, retention)
        vacate(guard_key, log_key, guard, now)
        create(guard_key, log_key, pack(HEADER, 1, 1, now, deadline, forget_at, 0, NEVER, log_expires, 0, 0, #batch,
            revision) .. fingerprint .. expected .. pack('>I2', 0) .. ARGV[5], deadline, forget_at, log_expires)
        return 'C'
    end

    local function load()
        local guard = read_guard(guard_key)
        local why = absence(guard, log_key, clock())
        if why then return 'G' .. why end
        if #request == 9 then return 'T' .. tail(guard, guard.base > 0 and 1 or 0, 0, false) end
        local fingerprint, revision = sub(request, 10, 57), unpack('>I6', request, 58)
        if revision == guard.revision and fingerprint == guard.tip then return 'K' end
        local i, offset = seek(guard_key, log_key, guard, fingerprint, revision)
        if not i then return 'R' end
        return 'T' .. tail(guard, i, offset, true)
    end

    local function fork()
        local now = clock()
        local fingerprint, revision = read_batch(sub(batch, 5, 73))
        local fork_key, fork_log = KEYS[3], KEYS[4]
        local former = read_guard(fork_key)
        local why = absence(former, fork_log, now)
        if not why then return seek(fork_key, fork_log, former, fingerprint, revision) and 'D' or 'O' end
        if why ~= 'a' then return 'O' end
        local guard = read_guard(guard_key)
        why = absence(guard, log_key, now)
        if why then return 'G' .. why end
        if revision == 1 then return 'R' end
        local at, at_revision = sub(request, 10, 57), revision - 1
        local i, offset = seek(guard_key, log_key, guard, at, at_revision)
        if not i then return 'R' end
        local lineage, count = read_lineage(guard_key)
        local branch, base = string.match(guard_key, '^.-}(.*):g$'), guard.base
        if i == 0 then i = count + 1 else
            local _
            branch, _, _, _, base = lineage_entry(lineage, i)
        end
        lineage = sub(lineage, 1, 82 * (i - 1)) .. branch .. at .. pack('>I6I6I6', at_revision, offset, base)
        local ancestors = {}
        for k = 1, i do ancestors[k] = require_ancestor(lineage, k) end
        local idle, absolute, retention = unpack('>I6I6I6', request, 58)
        local deadline, forget_at, log_expires = times(now, now, idle, absolute, retention)
        local known_until = known_after(now, now, idle, absolute)
        undoing(function() restore(ancestors) end, function()
            for k = 1, i do
                call('SETRANGE', ancestors[k].key, '38', pack('>I4', ancestors[k].guard.descendants + 1))
                keep_until(ancestors[k], known_until)
            end
            vacate(fork_key, fork_log, former, now)
            create(fork_key, fork_log, pack(HEADER, 1, 1, now, deadline, forget_at, 0, known_until, log_expires, 0,
                at_revision, #batch, revision) .. fingerprint .. guard.origin .. pack('>I2', i) .. lineage .. ARGV[4],
                deadline, forget_at, log_expires)
        end)
        return 'C'
    end

    local function delete()
        local guard, now = read_guard(guard_key), clock()
        local forget_at = math.min(now + unpack('>I6', request, 10), NEVER)
        local has_log = call('EXISTS', log_key) == 1
        if not guard then
            if not has_log then return 'Ga' end
            call('UNLINK', log_key)
            call('SET', guard_key,
                pack(HEADER, 1, 2, 0, now, forget_at, 0, NEVER, 0, 0, 0, 0, 0) .. string.rep('\0', 106))
            expire(guard_key, forget_at)
            return 'Gv'
        end
        if now >= guard.forget_at then return 'Ga' end
        if guard.state ~= 1 then return 'Gd' end
        if now >= guard.deadline then return 'Ge' end
        if has_log and #request > 15
            and (sub(request, 16, 63) ~= guard.tip or unpack('>I6', request, 64) ~= guard.revision) then
            return 'S'
        end
        local lineage, count = read_lineage(guard_key)
        local ancestors = {}
        for i = 1, count do
            ancestors[i] = find_ancestor(lineage, i) or false
            if ancestors[i] then require_settled(ancestors[i].log) end
        end
        local needed_until = guard.descendants > 0 and guard.needed_until or 0
        -- A server without room allows this write, and whatever a script writes after its first one.
        call('PEXPIREAT', guard_key, format('%.0f', now + 86400000))
        undoing(function()
            call('SETRANGE', guard_key, '0', guard.header)
            expire(guard_key, math.max(guard.expires, guard.needed_until))
        end, function()
            call('SETRANGE', guard_key, '0', pack('>I1I1I6I6I6I6I6I6', 1, 2, guard.created, now, forget_at,
                guard.needed_until, guard.known_until, 0))
            if needed_until > now then expire(log_key, needed_until) else call('UNLINK', log_key) end
            expire(guard_key, math.max(forget_at, needed_until))
        end)
        for i = 1, count do
            if ancestors[i] then release(ancestors[i], now) end
        end
        return has_log and 'C' or 'Gv'
    end

    -- The newest batch, as a tail after the batch before it.
    local function newest()
        local guard = read_guard(guard_key)
        local why = absence(guard, log_key, clock())
        if why then return 'G' .. why end
        local before, offset = guard.origin, 0
        if guard.revision - 1 > guard.base then
            offset = walk_back(log_key, guard.log_size, guard.revision, guard.revision - 1, 0)
            before = batch_before(log_key, offset, guard.revision - 1)
        elseif guard.base > 0 then
            local lineage, count = read_lineage(guard_key)
            local _, left = lineage_entry(lineage, count)
            before = left
        end
        return 'N' .. before .. tail(guard, 0, offset, true)
    end

    -- Where a guard has its count of renewals: after the names.
    local function renewals_place()
        local ancestors = call('GETRANGE', guard_key, '156', '157')
        if #ancestors < 2 then corrupt(0) end
        local place = 158 + 82 * unpack('>I2', ancestors)
        for _ = 1, 2 do
            local length = call('GETRANGE', guard_key, place, place + 3)
            if #length < 4 then corrupt(0) end
            place = place + 4 + unpack('>I4', length)
        end
        return place
    end

    -- Counts a renewal of the lease of a turn, or reads the count.
    local function lease()
        local guard, now = read_guard(guard_key), clock()
        local why = absence(guard, log_key, now)
        if why then return 'G' .. why end
        local place = renewals_place()
        local renewals = call('GETRANGE', guard_key, place, place + 21)
        if #renewals < 22 then renewals = '' end
        if #request > 9 then
            local turn, count, idle, absolute, retention = sub(request, 10, 25), 0, NEVER, NEVER, 0
            if sub(renewals, 1, 16) == turn then count = unpack('>I6', renewals, 17) end
            if #request > 25 then idle, absolute, retention = unpack('>I6I6I6', request, 26) end
            renewals = turn .. pack('>I6', count + 1)
            -- A server without room allows this write, and whatever a script writes after its first one.
            expire(guard_key, math.max(guard.expires, guard.needed_until))
            rewrite(guard, now, idle, absolute, retention, guard.log_size, guard.revision, guard.tip,
                function() call('SETRANGE', guard_key, place, renewals) end)
        end
        return 'L' .. guard.tip .. pack('>I6', guard.revision) .. renewals
    end

    local operations = {c = commit, n = new_session, l = load, f = fork, d = delete, r = lease, h = newest}
    local is_done, answer = pcall(operations[operation])
    if not is_done then
        answer = type(answer) == 'table' and (answer.answer or 'E' .. answer.err) or 'E' .. tostring(answer)
    end
    return sub(request, 1, 8) .. answer
    """#
