/// All that the store ever asks a server to run: one constant, whatever sessions hold.
///
/// One, because a server's Lua looks through all scripts that it knows again and again, to find what it does not need.
///
/// The first two keys are a session's guard and its log; a fork's are the third and the fourth. The first argument begins
/// with 8 bytes by which the answer is known, and the letter of an operation. Then come:
///
/// | letter | first argument | others |
/// |---|---|---|
/// | `c` commit | expected digest, lifetime if any, expected incarnation where it is not the batch's | batch, where a walk stopped |
/// | `n` creation | expected place, lifetime | batch, where a walk stopped, `1` where the place is the key's origin, names |
/// | `l` load | the reader's place and revision, if any | nothing, where a walk stopped |
/// | `f` fork | place of the parting, lifetime | first batch, where a walk stopped, names |
/// | `d` deletion | retention, expected place and revision, if any | |
///
/// An answer is the 8 bytes, a letter, and what the letter says: see ``Verdict``.
enum StoreScript {
    /// The script for a layout.
    static func of(_ layout: LogLayout) -> Script {
        switch layout {
        case .string: string
        case .stream: stream
        }
    }

    private static let string = Script(text(.string))
    private static let stream = Script(text(.stream))

    private static func text(_ layout: LogLayout) -> String {
        ScriptText.beginning + straightCommit(layout) + straightLoad(layout) + ScriptText.functions(layout)
            + "local function main()\n" + commit(layout) + creation(layout) + load + fork(layout) + deletion + "end"
            + ScriptText.end
    }

    /// A commit where everything is as expected and the keys live long enough: not even a function is made for it, which
    /// would cost more than any of its commands.
    ///
    /// The whole place is compared: the digest with the expected one, the incarnation with the batch's.
    private static func straightCommit(_ layout: LogLayout) -> String {
        """
        if operation == 'c' then
            local header = redis.pcall('GETRANGE', g, '0', '107')
            if type(header) == 'string' and #header == 108 and (#a == 41 or #a == 59)
                and sub(header, 77, 108) == sub(a, 10, 41) then
                local version, state, created, former, forgotten, needed, kept, held, descendants, base, stop, revision =
                    unpack(HEADER, header)
                local retained = forgotten - former
                local idle, absolute, retention = NEVER, NEVER, 0
                if #a == 59 then idle, absolute, retention = unpack('>I6I6I6', a, 42) end
                local h = byte(b, \(layout.shift + 34))
                local i = (h < 64 and 35 or h < 128 and 36 or h < 192 and 38 or 42) + \(layout.shift)
                local x = byte(b, i + 16)
                local r = x % 64
                for k = i + 17, i + (x < 64 and 16 or x < 128 and 17 or x < 192 and 19 or 23) do
                    r = r * 256 + byte(b, k)
                end
                local time, deadline = 0, NEVER
                if former < NEVER or idle < NEVER or absolute < NEVER then
                    local t = redis.call('TIME')
                    time = t[1] * 1000 + math.floor(t[2] / 1000)
                    if idle < NEVER then deadline = time + idle end
                    if absolute < NEVER and created + absolute < deadline then deadline = created + absolute end
                    forgotten = NEVER
                    if deadline < NEVER then forgotten = math.min(deadline + retention, NEVER) end
                end
                if version == 1 and state == 1 and time < former and revision == r - 1 and deadline <= kept
                    and deadline <= held and forgotten - deadline <= retained and (held == deadline or idle < NEVER and held <= deadline + idle / 4)
                    and sub(b, i, i + 15) == sub(header, 61, 76) and redis.pcall(\(layout.size)) == stop then
                    local changed = redis.pcall('SETRANGE', g, '0', pack(HEADER, 1, 1, created, deadline, forgotten,
                        needed, kept, held, descendants, base, stop + \(layout.extent), r) .. sub(header, 61, 76)
                        .. sub(b, \(layout.shift + 2), \(layout.shift + 33)))
                    if type(changed) == 'table' then return sub(a, 1, 8) .. 'E' .. changed.err end
                    local added = redis.pcall(\(layout.append))
                    if type(added) == 'table' and added.err then
                        redis.call('SETRANGE', g, '0', header)
                        return sub(a, 1, 8) .. 'E' .. added.err
                    end
                    return sub(a, 1, 8) .. 'C'
                end
            end
        end

        """
    }

    /// A read of a whole log that has no ancestors, or by somebody who has all there is.
    private static func straightLoad(_ layout: LogLayout) -> String {
        """
        if operation == 'l' then
            local header = redis.pcall('GETRANGE', g, '0', '155')
            local isWhole = #a == 9
            if type(header) == 'string' and #header == 156 and sub(header, 1, 2) == '\\1\\1'
                and (isWhole and sub(header, 43, 48) == '\\0\\0\\0\\0\\0\\0'
                    or sub(header, 61, 108) == sub(a, 10, 57) and sub(header, 55, 60) == sub(a, 58, 63))
                and redis.pcall(\(layout.size)) == unpack('>I6', header, 49) then
                local deadline = unpack('>I6', header, 9)
                local time = 0
                if deadline < NEVER then
                    local t = redis.call('TIME')
                    time = t[1] * 1000 + math.floor(t[2] / 1000)
                end
                if time < deadline then
                    if not isWhole then return sub(a, 1, 8) .. 'K' end
                    return sub(a, 1, 8) .. 'T' .. sub(header, 61, 156) .. sub(header, 55, 60) .. sub(header, 43, 54)
                        .. '\\0\\0\\0\\0\\0\\0\\0\\0' .. '0'
                end
            end
        end

        """
    }

    private static func commit(_ layout: LogLayout) -> String {
        """
        if operation == 'c' then
            local place, r = placeOf(sub(b, SHIFT + 1, SHIFT + 69))
            local expected = sub((#a == 57 or #a == 75) and sub(a, -16) or place, 1, 16) .. sub(a, 10, 41)
            local idle, absolute, retention = NEVER, NEVER, 0
            if #a > 57 then idle, absolute, retention = unpack('>I6I6I6', a, 42) end
            local v, time = read(g), clock()
            local kind = standing(v, l, time)
            if kind then return 'G' .. kind end
            if r - 1 ~= v.revision or expected ~= v.place then return verdict(v, expected, r - 1) end
            if sub(place, 1, 16) ~= sub(expected, 1, 16) then return 'R' end
            local deadline, forgotten, held = ends(v.created, time, idle, absolute, retention)
            local kept, line = v.kept, {}
            if deadline > kept then
                kept = granted(v.created, time, idle, absolute)
                local s, n = lineage(g)
                for i = 1, n do line[i] = present(s, i) end
            end
            call('SETRANGE', g, '0', pack(HEADER, 1, 1, v.created, deadline, forgotten, v.needed, kept, held,
                v.descendants, v.base, v.size + \(layout.extent), r) .. place)
            undoing(function()
                call('SETRANGE', g, '0', v.header)
                restore(line)
                expire(l, math.max(v.held, v.needed))
                expire(g, math.max(v.ends, v.needed))
            end, function()
                for i = 1, #line do need(line[i], kept) end
                expire(l, math.max(held, v.needed))
                expire(g, math.max(guardEnd(deadline, forgotten, held), v.needed))
                call(\(layout.append))
            end)
            return 'C'
        end

        """
    }

    private static func creation(_ layout: LogLayout) -> String {
        """
        if operation == 'n' then
            local v, time = read(g), clock()
            local kind = standing(v, l, time)
            local expected, idle, absolute, retention = sub(a, 10, 57), unpack('>I6I6I6', a, 58)
            if not kind then return verdict(v, expected, 0) end
            if kind ~= 'a' then return 'G' .. kind end
            if ARGV[4] ~= '1' then return 'R' end
            local place, r = placeOf(sub(b, SHIFT + 1, SHIFT + 69))
            local deadline, forgotten, held = ends(time, time, idle, absolute, retention)
            clear(g, l, v, time)
            begin(g, l, pack(HEADER, 1, 1, time, deadline, forgotten, 0, NEVER, held, 0, 0, \(layout.extent), r)
                .. place .. expected .. pack('>I2', 0) .. ARGV[5], r, deadline, forgotten, held)
            return 'C'
        end

        """
    }

    private static let load = """
        if operation == 'l' then
            local v = read(g)
            local kind = standing(v, l, clock())
            if kind then return 'G' .. kind end
            if #a == 9 then return 'T' .. tail(v, v.base > 0 and 1 or 0, 0, v.base, false) end
            local place, t = sub(a, 10, 57), unpack('>I6', a, 58)
            if t == v.revision and place == v.place then return 'K' end
            local i, o = seek(g, l, v, place, t)
            if not i then return 'R' end
            return 'T' .. tail(v, i, o, t, true)
        end

        """

    private static func fork(_ layout: LogLayout) -> String {
        """
        if operation == 'f' then
            local time = clock()
            local place, r = placeOf(sub(b, SHIFT + 1, SHIFT + 69))
            local f = read(KEYS[3])
            local kind = standing(f, KEYS[4], time)
            if not kind then return seek(KEYS[3], KEYS[4], f, place, r) and 'D' or 'O' end
            if kind ~= 'a' then return 'O' end
            local v = read(g)
            kind = standing(v, l, time)
            if kind then return 'G' .. kind end
            if r == 1 then return 'R' end
            local at, t = sub(a, 10, 57), r - 1
            local i, o = seek(g, l, v, at, t)
            if not i then return 'R' end
            local s, n = lineage(g)
            local branch, p, q, e, base = string.match(g, '^.-}(.*):g$'), at, t, o, v.base
            if i == 0 then i = n + 1 else branch, p, q, e, base = entry(s, i) end
            s = sub(s, 1, 82 * (i - 1)) .. branch .. at .. pack('>I6I6I6', t, o, base)
            local line = {}
            for k = 1, i do line[k] = present(s, k) end
            local idle, absolute, retention = unpack('>I6I6I6', a, 58)
            local deadline, forgotten, held = ends(time, time, idle, absolute, retention)
            local kept = granted(time, time, idle, absolute)
            undoing(function() restore(line) end, function()
                for k = 1, i do
                    call('SETRANGE', line[k].key, '38', pack('>I4', line[k].guard.descendants + 1))
                    need(line[k], kept)
                end
                clear(KEYS[3], KEYS[4], f, time)
                begin(KEYS[3], KEYS[4], pack(HEADER, 1, 1, time, deadline, forgotten, 0, kept, held, 0, t,
                    \(layout.extent), r) .. place .. v.origin .. pack('>I2', i) .. s .. ARGV[4], r, deadline,
                    forgotten, held)
            end)
            return 'C'
        end

        """
    }

    private static let deletion = """
        local v, time = read(g), clock()
        local forgotten = math.min(time + unpack('>I6', a, 10), NEVER)
        local here = call('EXISTS', l) == 1
        if not v then
            if not here then return 'Ga' end
            call('UNLINK', l)
            call('SET', g, pack(HEADER, 1, 2, 0, time, forgotten, 0, NEVER, 0, 0, 0, 0, 0) .. string.rep('\\0', 106))
            expire(g, forgotten)
            return 'Gv'
        end
        if time >= v.forgotten then return 'Ga' end
        if v.state ~= 1 then return 'Gd' end
        if time >= v.deadline then return 'Ge' end
        if here and #a > 15 and (sub(a, 16, 63) ~= v.place or unpack('>I6', a, 64) ~= v.revision) then return 'S' end
        local s, n = lineage(g)
        local line = {}
        for i = 1, n do
            line[i] = ancestor(s, i) or false
            if line[i] then settled(line[i].log) end
        end
        local needed = v.descendants > 0 and v.needed or 0
        call('PEXPIREAT', g, format('%.0f', time + 86400000))
        undoing(function()
            call('SETRANGE', g, '0', v.header)
            expire(g, math.max(v.ends, v.needed))
        end, function()
            call('SETRANGE', g, '0', pack('>I1I1I6I6I6I6I6I6', 1, 2, v.created, time, forgotten, v.needed, v.kept, 0))
            if needed > time then expire(l, needed) else call('UNLINK', l) end
            expire(g, math.max(forgotten, needed))
        end)
        for i = 1, n do
            if line[i] then leave(line[i], time) end
        end
        return here and 'C' or 'Gv'

        """
}
