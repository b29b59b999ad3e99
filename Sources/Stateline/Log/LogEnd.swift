/// The end of a log as a writer needs it that does not hold the content: the newest head and the encryption.
struct LogEnd: Sendable {
    var head: Head
    /// The encryption, with all keys up to the head; `nil` for none.
    var cipher: SessionCipher?

    init(head: Head, cipher: SessionCipher? = nil) {
        self.head = head
        self.cipher = cipher
    }

    var position: Position { head.position }
    var revision: Revision { head.revision }
}
