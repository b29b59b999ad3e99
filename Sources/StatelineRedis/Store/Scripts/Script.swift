internal import Crypto

/// A script, and the name by which a server that has seen it knows it.
struct Script: Sendable {
    /// The text.
    let text: String
    /// The 40 hexadecimal digits of the text's SHA-1.
    let digest: String

    /// Names a script.
    init(_ text: String) {
        self.text = text
        var digits = ""
        for byte in Insecure.SHA1.hash(data: Array(text.utf8)) {
            digits += byte < 16 ? "0" : ""
            digits += String(byte, radix: 16)
        }
        self.digest = digits
    }
}
