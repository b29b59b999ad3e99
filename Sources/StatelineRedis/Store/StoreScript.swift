internal import Crypto

/// The one script of the store: every commit, creation, load, fork, deletion and renewal of a lease, in Lua 5.1, as
/// servers since Redis 2.6 run it.
///
/// It is one constant, whatever sessions hold. A server's Lua keeps every script that it has seen, and its garbage
/// collector scans them all.
///
/// ## The guard
///
/// A string: a header of 108 bytes, which a commit rewrites, a part that is written once, and the count of renewals, which
/// is there after the first renewal of a lease. Integers are big-endian.
/// Times are milliseconds since 1970 by the server's clock, and the greatest time means never.
///
/// | bytes | |
/// |---|---|
/// | 0 | version: 1 |
/// | 1 | state: 1 live, 2 deleted |
/// | 2..<8 | `created` |
/// | 8..<14 | `deadline`: the time at which the session expires; of a deleted session, the time of its deletion |
/// | 14..<20 | `forget_at`: the session is absent from then on |
/// | 20..<26 | `needed_until`: descendants need the log until then |
/// | 26..<32 | `known_until`: the ancestors know until then that they are needed |
/// | 32..<38 | `log_expires`: the server keeps the log until then, and until `needed_until`; it keeps the guard for the retention more |
/// | 38..<42 | `descendants`: an upper bound of the descendants that were not deleted |
/// | 42..<48 | `base`: the revision before the log's first batch |
/// | 48..<54 | `log_size`, in bytes |
/// | 54..<60 | `revision` |
/// | 60..<108 | `tip`: the fingerprint of the newest batch |
/// | 108..<156 | `origin`: the root's incarnation, and the digest of its origin |
/// | 156..<158 | the number of ancestors |
/// | 82 each | ancestor: branch (16), the fingerprint of the batch at which it was left, that batch's revision (6) and end in the log (6), the ancestor's base (6) |
/// | then | the session's id and its family, each after its length (4); the family of a root is empty |
/// | rest | the turn whose lease was renewed (16), and the number of renewals (6); nothing before a renewal |
///
/// A fingerprint is an incarnation (16 bytes) and a digest (32): a position without its revision.
///
/// ## The log
///
/// A string: for each batch its length in 4 bytes, its stored form, and its length again, so that the log can be walked
/// from both ends. The batch comes in this frame, because a server's Lua makes a pass over each string that is made.
///
/// ## Request and answer
///
/// The first two keys are a session's guard and its log; a fork's are the third and the fourth. The first argument begins
/// with the 8 bytes of a nonce and the letter of an operation. Then come:
///
/// | letter | first argument | others |
/// |---|---|---|
/// | `c` commit | expected digest, lifetime if any, expected incarnation if it is not the batch's | batch, hint of a walk |
/// | `n` creation | expected fingerprint, lifetime | batch, hint of a walk, `1` if the position is the key's origin, names |
/// | `l` load | the reader's fingerprint and revision, if any | nothing, hint of a walk |
/// | `h` newest batch | | |
/// | `f` fork | fingerprint of the position to fork at, lifetime | first batch, hint of a walk, names |
/// | `d` deletion | retention; expected fingerprint and revision, if any | |
/// | `r` lease | to renew it: the turn, lifetime if any | |
///
/// An answer is the nonce, a letter, and what the letter says: see ``ScriptReply``.
///
/// ## Slots that move
///
/// A server that receives a slot answers for a key that has not come yet as for one that does not exist. If a command
/// names that key together with one that has come, the server refuses the command, and the client tries again. So calls
/// declare the keys of a session together. The keys of an ancestor are not declared: the script names them together with
/// the session's guard before it concludes that one of them does not exist (`require_settled`).
///
/// ## Order of writing
///
/// A script that is stopped by an error leaves what it wrote. So each operation compares, and touches what it will need,
/// before it writes. The first write is one that a server without room refuses. Those after it can be refused only to a
/// user whose rights do not go together: they are undone.
///
/// The first write of a deletion and of a renewal is one that such a server allows: a deletion makes room, and a renewal
/// takes 22 bytes at the first one of a session, and none later.
enum StoreScript {
    /// The text.
    static let text = storeScriptText
    /// The 40 hexadecimal digits of the text's SHA-1, by which a server identifies a script that it has seen.
    static let digest: String = {
        var digits = ""
        for byte in Insecure.SHA1.hash(data: Array(text.utf8)) {
            digits += byte < 16 ? "0" : ""
            digits += String(byte, radix: 16)
        }
        return digits
    }()
}
