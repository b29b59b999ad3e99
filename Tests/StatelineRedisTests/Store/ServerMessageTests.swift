import Stateline
import Testing

@testable import StatelineRedis

@Suite struct ServerMessageTests {
    @Test(
        arguments: [
            // Redis 7.0
            "ERR The user executing the script can't run this command or subcommand script: 0a, on @user_script:1.",
            // Redis 7.2 and later, Valkey
            "ERR ACL failure in script: User app has no permissions to run the 'append' command script: 0a, "
                + "on @user_script:276.",
            "ERR ACL failure in script: No permissions to access a key script: 0a, on @user_script:3.",
            // Redis 6.2
            "ERR Error running script (call to f_0a): @user_script:1: -NOPERM this user has no permissions",
            "NOPERM User app has no permissions to run the 'evalsha' command",
        ]
    )
    func `a missing right is denied, whatever words the server has for it`(text: String) {
        let error = ServerMessage(text).error
        #expect(error.reason == .denied && error.execution == .notExecuted)
        #expect(StoreError(error, maybeCommitted: false).reason == .denied)
        #expect(!error.message.contains("app"))
    }

    @Test(
        arguments: [
            "TRYAGAIN Multiple keys request during rehashing of slot",
            // Redis 7, Valkey
            "ERR Script attempted to access a non local key in a cluster node script: 0a, on @user_script:3.",
            // Redis 8
            "ERR Unable to execute command 'exists' in script because undeclared keys were accessed during rehashing of "
                + "the slot script: 0a, on @user_script:3.",
        ]
    )
    func `keys that are on their way to another server are tried again, whatever words it has for it`(text: String) {
        #expect(ServerMessage(text).error.reason == .refused(code: "TRYAGAIN"))
    }
}
