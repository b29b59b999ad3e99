internal import NIOCore

/// How a session's log lies in the server.
enum LogLayout: Hashable, Sendable, CaseIterable {
    /// A string: for each batch its length in 4 bytes, its stored form, and its length again, so that the log can be
    /// walked from both ends. Offsets are bytes.
    case string
    /// A stream: for each batch an entry with the id `<revision>-0`. Offsets are batches.
    case stream

    /// What a script is told of the log: all functions that touch it.
    ///
    /// - `size(l)`: up to which offset it goes, 0 where it is not there.
    /// - `back(l, e, r, t, i)`: where the batch `t` ends, if the batch `r` ends at `e`; `i` is for `stop`.
    /// - `headBefore(l, e, t)`: the place and the revision of the batch `t`, which ends at `e`.
    /// - `headAfter(l, o, t)`: the place and the revision of the batch `t`, which begins at `o`.
    /// - `range(l, o, e, r)`: the framed batches from `o` to `e`; the first of them is the batch after `r`.
    var primitives: String {
        switch self {
        case .string: Self.stringPrimitives
        case .stream: Self.streamPrimitives
        }
    }

    /// The longest tail that comes in a script's answer: 64 KiB, or so many batches as may be that.
    var inlineLimit: Int {
        switch self {
        case .string: 64 << 10
        case .stream: 64
        }
    }

    /// What asks for the size of the log, as arguments of a call: for the path on which no function is worth its making.
    var size: String {
        switch self {
        case .string: "'STRLEN', l"
        case .stream: "'XLEN', l"
        }
    }

    /// What a batch moves the end by, as an expression.
    var extent: String {
        switch self {
        case .string: "#b"
        case .stream: "1"
        }
    }

    /// How many bytes of the argument stand before the batch.
    var shift: Int {
        switch self {
        case .string: 4
        case .stream: 0
        }
    }

    /// Writes a batch as scripts are given it: for a string already in its frame, because to a server's Lua each string
    /// that is made costs a pass over all its bytes.
    func write(_ batch: ByteBuffer, to encoder: inout CommandEncoder) {
        switch self {
        case .string: encoder.argument(framed: batch)
        case .stream: encoder.argument(batch)
        }
    }

    /// What appends the batch `b` of the revision `r`, as arguments of a call.
    var append: String {
        switch self {
        case .string: "'APPEND', l, b"
        case .stream: "'XADD', l, string.format('%.0f-0', r), 'b', b"
        }
    }

    private static let stringPrimitives = """
        local function size(l) return call('STRLEN', l) end
        local function back(l, e, r, t, i)
            if hint and sub(hint, 1, 16) == life then
                local j, f, q = unpack('>I2I6I6', hint, 17)
                if j == i and q >= t and q <= r and f <= e then e, r = f, q end
            end
            while r > t do
                if steps == 0 then fail('W' .. life .. pack('>I2I6I6', i, e, r)) end
                steps = steps - 1
                local n = call('GETRANGE', l, e - 4, e - 1)
                if #n < 4 then corrupt(r) end
                e, r = e - unpack('>I4', n) - 8, r - 1
                if e < 8 then corrupt(r) end
            end
            return e
        end
        local function headBefore(l, e, t)
            local n = call('GETRANGE', l, e - 4, e - 1)
            if #n < 4 then corrupt(t) end
            local o = e - unpack('>I4', n) - 8
            if o < 0 then corrupt(t) end
            local s = call('GETRANGE', l, o, o + 68)
            if sub(s, 1, 4) ~= n then corrupt(t) end
            return placeOf(sub(s, 5))
        end
        local function headAfter(l, o, t)
            return placeOf(call('GETRANGE', l, o + 4, o + 68))
        end
        local function range(l, o, e, r)
            return call('GETRANGE', l, o, e - 1)
        end
        """

    private static let streamPrimitives = """
        local function size(l) return call('XLEN', l) end
        local function back(l, e, r, t, i) return e - (r - t) end
        local function headAfter(l, o, t)
            local id = format('%.0f-0', t)
            local s = call('XRANGE', l, id, id)
            if #s ~= 1 or not s[1][2][2] then corrupt(t) end
            return placeOf(s[1][2][2])
        end
        local function headBefore(l, e, t) return headAfter(l, e - 1, t) end
        local function range(l, o, e, r)
            local s = call('XRANGE', l, format('%.0f-0', r + 1), format('%.0f-0', r + e - o))
            local t = {}
            for i = 1, #s do
                local b = s[i][2][2]
                local n = pack('>I4', #b)
                t[#t + 1] = n
                t[#t + 1] = b
                t[#t + 1] = n
            end
            return table.concat(t)
        end
        """
}
