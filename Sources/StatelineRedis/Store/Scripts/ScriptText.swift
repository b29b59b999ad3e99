/// What the parts of the store's script have in common: Lua 5.1, as all servers since Redis 2.6 run it.
///
/// ## The guard
///
/// A string: a header of 108 bytes, which a commit rewrites, then what is written once. Integers are big-endian, times
/// are milliseconds since 1970 by the server's clock, and the greatest time is never.
///
/// | bytes | |
/// |---|---|
/// | 0 | version: 1 |
/// | 1 | state: 1 live, 2 deleted |
/// | 2..<8 | created |
/// | 8..<14 | deadline: the session is expired from then on; of a deleted one, when that was |
/// | 14..<20 | forgotten: from then on the session is absent |
/// | 20..<26 | needed: until then descendants need the log |
/// | 26..<32 | kept: until then the ancestors know that they are needed |
/// | 32..<38 | held: until then, and until `needed`, the server keeps the log; the guard it keeps for the retention more |
/// | 38..<42 | descendants that were not deleted, at most |
/// | 42..<48 | base: the revision before the log's first batch |
/// | 48..<54 | where the log ends |
/// | 54..<60 | revision |
/// | 60..<108 | incarnation and digest |
/// | 108..<156 | the root's incarnation, and the digest of its origin |
/// | 156..<158 | the number of ancestors |
/// | 82 each | ancestor: branch (16), incarnation and digest where it was left, that revision (6), where its batch ends (6), the ancestor's base (6) |
/// | rest | the session's id and its family, each after its length (4); of a root the family is empty |
///
/// ## Slots that move
///
/// A server that is given a slot answers for each key that has not come yet as for one that is not there, unless a command
/// names it together with one that has: that is refused, for the client to try again. So the keys of a session are named
/// together by its calls, and those of an ancestor, which are not, together with the session's guard, before anything is
/// made of it that one of them is not there (`settled`).
///
/// ## Order of writing
///
/// A script that is stopped by an error leaves what it wrote, so each one compares, and touches what it will need,
/// before it writes. The first write is one that a server without room refuses. Those after it can be refused only to a
/// user whose rights do not go together: they are undone.
enum ScriptText {
    /// The beginning.
    static let beginning = """
        local g, l, a, b = KEYS[1], KEYS[2], ARGV[1], ARGV[2]
        local sub, byte, pack, unpack = string.sub, string.byte, struct.pack, struct.unpack
        local NEVER = 281474976710655
        local HEADER = '>I1I1I6I6I6I6I6I6I4I6I6I6'
        local operation = sub(a, 9, 9)

        """

    /// The end of all paths but the straight ones: the answer begins with the request's nonce, that of a failure too.
    static let end = """

        local done, answer = pcall(main)
        if not done then
            answer = type(answer) == 'table' and (answer.answer or 'E' .. answer.err) or 'E' .. tostring(answer)
        end
        return sub(a, 1, 8) .. answer
        """

    /// What every path but the straight ones needs.
    ///
    /// - Parameter layout: How logs lie.
    /// - Returns: The text.
    static func functions(_ layout: LogLayout) -> String {
        common(layout) + reading + layout.primitives + seeking + writing(layout)
    }

    private static func common(_ layout: LogLayout) -> String {
        """
        local call, format = redis.call, string.format
        local SLACK, INLINE, SHIFT = 10000, \(layout.inlineLimit), \(layout.shift)
        local hint = ARGV[3]
        local function clock()
            local t = call('TIME')
            return t[1] * 1000 + math.floor(t[2] / 1000)
        end
        local function placeOf(b)
            local h = byte(b, 34)
            local i = h < 64 and 35 or h < 128 and 36 or h < 192 and 38 or 42
            local x = byte(b, i + 16)
            local r = x % 64
            for k = i + 17, i + (x < 64 and 16 or x < 128 and 17 or x < 192 and 19 or 23) do r = r * 256 + byte(b, k) end
            return sub(b, i, i + 15) .. sub(b, 2, 33), r
        end
        local function ends(created, time, idle, absolute, retention)
            local deadline = NEVER
            if idle < NEVER then deadline = time + idle end
            if absolute < NEVER then deadline = math.min(deadline, created + absolute) end
            if deadline >= NEVER then return NEVER, NEVER, NEVER end
            local held = idle < NEVER and deadline + math.floor(idle / 4) or deadline
            return deadline, math.min(deadline + retention, NEVER), held
        end
        local function expire(key, time)
            if time < NEVER then call('PEXPIREAT', key, format('%.0f', time + SLACK)) else call('PERSIST', key) end
        end
        local function guardEnd(deadline, forgotten, held)
            if forgotten >= NEVER then return NEVER end
            return held + forgotten - deadline
        end

        """
    }

    private static let reading = """

        local steps, life = 1024, ''
        local function fail(answer) error({answer = answer}) end
        local function corrupt(r) fail('X' .. pack('>I6', math.max(r, 0))) end
        local function read(key)
            local s = call('GETRANGE', key, '0', '155')
            if s == '' then return nil end
            if #s < 156 or byte(s) ~= 1 then corrupt(0) end
            local v, version = {header = sub(s, 1, 108), place = sub(s, 61, 108), origin = sub(s, 109, 156)}
            version, v.state, v.created, v.deadline, v.forgotten, v.needed, v.kept, v.held, v.descendants, v.base, v.size,
                v.revision = unpack(HEADER, s)
            v.ends = v.state == 1 and guardEnd(v.deadline, v.forgotten, v.held) or v.forgotten
            return v
        end
        local function lineage(key)
            local n = call('GETRANGE', key, '156', '157')
            if #n < 2 then corrupt(0) end
            n = unpack('>I2', n)
            if n == 0 then return '', 0 end
            local s = call('GETRANGE', key, 158, 157 + 82 * n)
            if #s < 82 * n then corrupt(0) end
            return s, n
        end
        local function entry(s, i)
            local o = 82 * (i - 1)
            local r, e, base = unpack('>I6I6I6', s, o + 65)
            return sub(s, o + 1, o + 16), sub(s, o + 17, o + 64), r, e, base
        end
        local function archived(key, place)
            return key .. ':' .. string.gsub(sub(place, 1, 16), '.', function(c) return format('%02x', byte(c)) end)
        end
        local function settled(...) call('EXISTS', g, ...) end
        local function ancestor(s, i)
            local branch, place, r, e = entry(s, i)
            local prefix = string.match(g, '^.-}') .. branch
            local key, log = prefix .. ':g', prefix .. ':l'
            local v, moved = read(key), false
            if not v or sub(v.place, 1, 16) ~= sub(place, 1, 16) then
                key, log, moved = archived(key, place), archived(log, place), true
                v = read(key)
            end
            if not v then
                settled(prefix .. ':g', key)
                return nil
            end
            return {key = key, log = log, moved = moved, branch = branch, place = place, stop = e, guard = v}
        end

        """

    private static let seeking = """

        local function standing(v, l, time)
            if not v then return size(l) > 0 and 'v' or 'a' end
            if time >= v.forgotten then return 'a' end
            if v.state ~= 1 then return 'd' end
            if time >= v.deadline then return 'e' end
            local n = size(l)
            if n == v.size then return nil end
            if n == 0 then return 'v' end
            corrupt(v.revision)
        end
        local function present(s, i)
            local found = ancestor(s, i)
            local n = found and size(found.log) or 0
            if n == 0 then
                if found then settled(found.log) end
                fail('Gv')
            end
            if n < found.stop then corrupt(found.guard.revision) end
            return found
        end
        local function seek(key, l, v, place, t)
            life = sub(v.place, 1, 16)
            if t > v.revision then return nil end
            if t == 0 then
                if place ~= v.origin then return nil end
                return v.base > 0 and 1 or 0, 0
            end
            if t == v.revision then
                if place == v.place then return 0, v.size end
                return nil
            end
            if t > v.base then
                local e = back(l, v.size, v.revision, t, 0)
                local p, r = headBefore(l, e, t)
                if p == place and r == t then return 0, e end
                return nil
            end
            local s, n = lineage(key)
            for i = 1, n do
                local branch, p, r, e = entry(s, i)
                if t == r then
                    if p == place then return i, e end
                    return nil
                end
                if t < r then
                    local log = present(s, i).log
                    e = back(log, e, r, t, i)
                    p, r = headBefore(log, e, t)
                    if p == place and r == t then return i, e end
                    return nil
                end
            end
            corrupt(t)
        end
        local function headFollowing(v, i, o, t)
            if i > 0 then
                local s, n = lineage(g)
                local branch, p, r, e = entry(s, i)
                if o < e then return headAfter(present(s, i).log, o, t) end
                if i < n then return headAfter(present(s, i + 1).log, 0, t) end
                o = 0
            end
            return headAfter(l, o, t)
        end
        local function tail(v, i, o, t, inline)
            local segments, count = {}, 0
            if i > 0 then
                local s, n = lineage(g)
                for k = i, n do
                    local found = present(s, k)
                    segments[#segments + 1] = (found.moved and '1' or '0') .. found.branch .. found.place
                        .. pack('>I6', found.stop)
                end
                count = n - i + 1
            end
            local answer = v.place .. v.origin .. pack('>I6I6I6I6I2', v.revision, v.base, v.size, o, count)
                .. table.concat(segments)
            if not inline or i > 0 or v.size - o > INLINE then return answer .. '0' end
            return answer .. '1' .. range(l, o, v.size, t)
        end
        local function verdict(v, place, t)
            local i, o = seek(g, l, v, place, t)
            if not i then return 'R' end
            local p, r = placeOf(sub(b, SHIFT + 1, SHIFT + 69))
            local q, n = headFollowing(v, i, o, t + 1)
            if p == q and r == n then return 'D' end
            return 'S' .. tail(v, i, o, t, true)
        end

        """

    private static func writing(_ layout: LogLayout) -> String {
        """

        local function clear(key, log, v, time)
            if not v then return end
            if v.descendants > 0 and time < v.needed and size(log) > 0 then
                call('RENAME', key, archived(key, v.place))
                call('RENAME', log, archived(log, v.place))
            else
                call('UNLINK', log)
            end
        end
        local function undoing(undo, body)
            local done, problem = pcall(body)
            if not done then
                pcall(undo)
                error(problem)
            end
        end
        local function begin(g, l, guard, r, deadline, forgotten, held)
            call('SET', g, guard)
            undoing(function() call('UNLINK', g, l) end, function()
                call(\(layout.append))
                if held < NEVER then
                    expire(l, held)
                    expire(g, guardEnd(deadline, forgotten, held))
                end
            end)
        end
        local function need(found, time)
            local v = found.guard
            if v.needed >= time then return end
            call('SETRANGE', found.key, '20', pack('>I6', time))
            expire(found.key, math.max(v.ends, time))
            expire(found.log, math.max(v.held, time))
        end
        local function restore(line)
            for i = 1, #line do
                local v = line[i].guard
                call('SETRANGE', line[i].key, '20', pack('>I6I6I6I4', v.needed, v.kept, v.held, v.descendants))
            end
            for i = 1, #line do
                local v = line[i].guard
                expire(line[i].key, math.max(v.ends, v.needed))
                expire(line[i].log, math.max(v.held, v.needed))
            end
        end
        local function leave(found, time)
            local v = found.guard
            local count = math.max(v.descendants - 1, 0)
            if count > 0 then
                call('SETRANGE', found.key, '38', pack('>I4', count))
            elseif found.moved or time >= v.forgotten then
                call('UNLINK', found.key, found.log)
            else
                call('SETRANGE', found.key, '20', pack('>I6I6I6I4', 0, v.kept, v.held, 0))
                if v.state == 1 then expire(found.log, v.held) else call('UNLINK', found.log) end
                expire(found.key, v.ends)
            end
        end
        local function granted(created, time, idle, absolute)
            local deadline = ends(created, time, idle < NEVER and 2 * idle or idle, absolute, 0)
            return deadline
        end

        """
    }
}
