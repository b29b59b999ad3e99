import Stateline
import Testing

@Suite struct ModelErrorTextTests {
    @Test(
        arguments: [
            (ModelError.timeout(.firstByte), "raise it"),
            (.timeout(.total), "raise it"), (.timeout(.idle), "call again"),
            (.truncatedAnswer(receivedBytes: 193), "call again"),
            (.unauthorized(status: 401, message: "no"), "check the key"),
            (.contextSizeExceeded(message: "no"), "begin a new session"),
        ]
    )
    func `the text of an error says what to do`(error: ModelError, remedy: String) {
        #expect(error.description.contains(remedy))
    }
}
